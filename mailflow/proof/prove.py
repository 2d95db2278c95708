"""From the evidence to a level (trust.md §1): what has to be asked, and what the answers come to."""

from datetime import datetime

from mailflow.mail.envelope import Envelope
from mailflow.mail.message import Message
from mailflow.model.proof import Proof
from mailflow.proof.arc import claims
from mailflow.proof.dmarc import Unsettled, aligned, policy, policy_record, question, walk
from mailflow.proof.dns import Answers, Found, Trusted, Unreachable
from mailflow.proof.names import is_domain, related
from mailflow.proof.provable import Provable, provable
from mailflow.proof.relay import Word, relay_word
from mailflow.proof.spf import Spf, spf_question
from mailflow.proof.verdicts import detail, full, short_of_strong, signed_at, speaks_for, verdicts

QUESTIONS = 40


def questions(message: Message, content: bytes, trusted: Trusted, envelope: Envelope | None = None) -> tuple[str, ...]:
    """The TXT names to be asked for this mail, at most 40, lower case, without a last dot. Never raises.

    Keys of the signatures judged, the DMARC walk of the From domain and the domain itself (does it exist, has it an
    SPF record), the walks of signing domains that may belong to the same organisation. Empty where nothing can be
    proved, or where our border has settled it; the latter only with `envelope`, since anybody can write such fields.
    """
    try:
        return _questions(message, content, trusted, envelope)
    except Exception:  # noqa: BLE001  a stranger's mail: whatever fails is asked no further
        return ()


def _questions(message: Message, content: bytes, trusted: Trusted, envelope: Envelope | None) -> tuple[str, ...]:
    case = provable(message, content)
    if isinstance(case, str):
        return ()
    word = _word(message, case.domain, envelope, trusted)
    if word is not None and word.dmarc == "pass":
        others = tuple(signer for signer in word.signers if is_domain(signer) and related(signer, case.domain))
        return () if not others or case.domain in others else _walks(case.domain, *others)
    spf = spf_question(message, envelope, trusted) if envelope is not None else None
    if not trusted.verify_dkim and spf is None:
        return _walks(case.domain) if word is not None and word.dmarc == "fail" else ()
    # A signer without relation to From cannot help, so nothing is asked about it.
    looked_at = case.signatures if trusted.verify_dkim else ()
    near = tuple(signature for signature in looked_at if related(signature.domain, case.domain))
    names = [signature.key_name for signature in near]
    names += [*_walks(case.domain), case.domain, *_walks(*(signature.domain for signature in near))]
    if spf is not None:
        names += _walks(spf.domain)
    return tuple(dict.fromkeys(names))[:QUESTIONS]


def _walks(*domains: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(question(name) for domain in domains for name in walk(domain)))[:QUESTIONS]


def prove(
    message: Message, content: bytes, envelope: Envelope, answers: Answers, trusted: Trusted, now: datetime,
    spf: Spf | None = None,
) -> Proof:  # fmt: skip
    """Judge the sender: level S, A, M, N or F (trust.md §1.1). Never raises; what cannot be judged is N.

    `answers` holds what came of `questions`; a name that is not there was never asked, which is no proof, no guilt and
    no reason to wait. `pending` says that another outcome hangs on a name that was Unreachable. An A whose border
    also saw an aligned `dkim=pass` has "dkim" among its details (trust.md §1.1: it counts as S). `spf` is what became
    of `spf_question`, None where there was none.
    """
    try:
        return _prove(message, content, envelope, answers, trusted, now, spf)
    except Exception as error:  # noqa: BLE001  a stranger's mail: whatever fails is no proof, and no crash
        return Proof("N", "none", details=(f"not judged: {type(error).__name__}",))


def _prove(
    message: Message, content: bytes, envelope: Envelope, answers: Answers, trusted: Trusted, now: datetime,
    spf: Spf | None,
) -> Proof:  # fmt: skip
    case = provable(message, content)
    if isinstance(case, str):
        return Proof("N", "none", details=(case,))
    word = _word(message, case.domain, envelope, trusted)
    if word is not None and word.dmarc == "pass":
        return _relayed(case, message, word, answers)
    found = verdicts(case, content, answers, now) if trusted.verify_dkim else ()
    lacks = [short_of_strong(case, message, one, now) for one in found]
    details = tuple(detail(one, lack) for one, lack in zip(found, lacks, strict=True))
    details += tuple(f"dkim=permerror d={bad.domain or '?'} ({bad.reason})" for bad in case.refused)
    details += (word.reason,) if word is not None else ()
    details += claims(case.header)
    details += (f"spf={spf.result} d={spf.domain}" + (f" ({spf.reason})" if spf.reason else ""),) if spf else ()
    strong = [one for one, lack in zip(found, lacks, strict=True) if one.verdict.result == "pass" and lack == ""]
    if strong:
        best = max(strong, key=lambda one: full(case, one))
        return Proof(
            "S", "dkim", best.signature.domain, full(case, best), details,
            # Whichever is left when the mail comes once more, it is known by it.
            signatures=tuple(one.signature.mark for one in found if one.passed),
            signed=min(filter(None, (signed_at(one.signature, message) for one in strong)), default=None),
        )  # fmt: skip
    if spf is not None and _medium(case.domain, spf, answers):
        # Before anything that DNS may yet say of a signature: what is asked of most senders is met.
        return Proof("M", "spf", spf.domain, details=details)
    if any(one.open and one.waiting for one in found):
        return Proof("N", "none", details=(*details, "dns=temperror"), pending=True)
    if any(one.passed or one.open for one in found) or (not trusted.verify_dkim and word is None):
        return Proof("N", "none", details=details)
    return _without_dkim(case, envelope, answers, word, details, spf)


def _word(message: Message, domain: str, envelope: Envelope | None, trusted: Trusted) -> Word | None:
    """Our border's word, where there can be one."""
    if envelope is None or not envelope.peer.relay or not trusted.authserv_ids:
        return None
    return relay_word(message, domain, trusted)


def _relayed(case: Provable, message: Message, word: Word, answers: Answers) -> Proof:
    near = {signer for signer in word.signers if is_domain(signer) and speaks_for(case.domain, signer, answers)[0]}
    details: tuple[str, ...] = (word.reason, "dkim") if near else (word.reason,)
    # Which of a signer's signatures passed there is not said, and anybody can add one that did not, on top of a mail
    # that he has from somewhere: all are marked, the oldest time counts, and one that we cannot read leaves no time.
    theirs = [signature for signature in (*case.signatures, *case.further) if signature.domain in near]
    times = [signed_at(signature, message) for signature in theirs]
    readable = None not in times and not any(bad.domain in near or not bad.domain for bad in case.refused)
    signed = min(filter(None, times), default=None) if readable else None
    marks = tuple(signature.mark for signature in theirs)
    return Proof("A", "relay", domain=case.domain, details=details, signatures=marks, signed=signed)


def _medium(domain: str, spf: Spf, answers: Answers) -> bool:
    """Level M: SPF passed for an aligned domain, and the From domain has a DMARC record (trust.md §1.1)."""
    try:
        return (
            spf.result == "pass"
            and aligned(domain, spf.domain, answers, "spf")
            and policy_record(domain, answers) is not None
        )
    except Unsettled:
        return False  # `_without_dkim` meets the same gap, and says whether to wait for it


def _without_dkim(
    case: Provable, envelope: Envelope, answers: Answers, word: Word | None, details: tuple[str, ...], spf: Spf | None
) -> Proof:
    """N or F: no signature speaks for From, and none may yet."""
    try:
        asked = policy(case.domain, answers)
        guilty = asked in ("quarantine", "reject") and (
            (word is not None and word.dmarc == "fail") or not _spf_may_pass(case.domain, envelope, answers, spf)
        )
    except Unsettled as error:
        details += (f"dmarc=temperror at {error}",)
        return Proof("N", "none", details=details, pending=error.waiting)
    if guilty:
        return Proof("F", "failed", details=(*details, f"dmarc=fail policy={asked}"))
    return Proof("N", "none", details=(*details, f"dmarc=none policy={asked or '-'}"))


def _spf_may_pass(domain: str, envelope: Envelope, answers: Answers, spf: Spf | None) -> bool:
    """DMARC has failed only when SPF cannot speak for From either. Raises Unsettled.

    Where SPF was evaluated, its result says so; a permerror is nobody's guilt (trust.md §1.3). Where it was not, and
    the reverse path is aligned and its domain has an SPF record, nobody can say that DMARC failed: a sender whose
    server never signs must not be taken for a forger. Without reverse path SPF judges the HELO name, which may be
    aligned; the From domain stands for it.
    """
    if spf is not None:
        if not aligned(domain, spf.domain, answers, "spf"):
            return False
        if spf.result == "temperror":
            raise Unsettled(spf.domain, waiting=True)
        return spf.result in ("pass", "permerror")
    path = envelope.reverse_path.domain if envelope.reverse_path is not None else domain
    if not aligned(domain, path, answers, "spf"):
        return False
    match answers.get(path):
        case Found(records):
            return any(record[:7].lower() in (b"v=spf1", b"v=spf1 ") for record in records)
        case Unreachable():
            raise Unsettled(path, waiting=True)
        case _:
            return False
