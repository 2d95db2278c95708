"""The signatures of one mail, judged: what became of each, whom it speaks for, and what it lacks for level S."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mailflow.mail.message import Message
from mailflow.proof.dmarc import Unsettled, aligned, record_of
from mailflow.proof.dns import Answers, Unreachable
from mailflow.proof.provable import Provable
from mailflow.proof.signature import Signature

if TYPE_CHECKING:
    from mailflow.proof.dkim import Bodies, Verdict
    from mailflow.proof.header import Header

_OLD = timedelta(days=7)
_AHEAD = timedelta(hours=1)
# Cc as To: it says whom the mail was meant for, and whoever sends it on could add us where it is not signed.
_ALSO_WHEN_FULL = ("to", "cc", "message-id", "content-type")


@dataclass(frozen=True, slots=True)
class Judged:
    """One signature with its verdict. `aligned` None: DNS has not said it; `waiting`: a name was out of reach."""

    signature: Signature
    verdict: "Verdict"
    aligned: bool | None
    waiting: bool = False

    @property
    def passed(self) -> bool:
        """DMARC is satisfied by it: nobody is to blame, whether the proof is strong or not."""
        return self.aligned is True and self.verdict.result in ("pass", "testing")

    @property
    def open(self) -> bool:
        """It may yet pass, as far as DNS has answered."""
        return self.aligned is not False and self.verdict.result in ("pass", "temperror") and not self.passed


def speaks_for(domain: str, other: str, answers: Answers) -> tuple[bool | None, bool]:
    """Aligned or not, None where DNS has not said it; and whether waiting could help."""
    try:
        return aligned(domain, other, answers, "dkim"), False
    except Unsettled as error:
        return None, error.waiting


def verdicts(case: Provable, content: bytes, answers: Answers, now: datetime) -> tuple[Judged, ...]:
    """Of each of `case.signatures`, in their order. Never raises."""
    # dkimpy and cryptography take 0.2 s to import; whoever only asks questions, or prints a help text, need not wait.
    from mailflow.proof.dkim import Bodies, Verdict  # noqa: PLC0415  as said

    bodies = Bodies(content, case.header.body_start)
    found = []
    for signature in case.signatures:
        near, waiting = speaks_for(case.domain, signature.domain, answers)
        if near is False:
            # It can prove nothing about From: no work for it, whatever it is.
            verdict = Verdict("neutral", "not aligned with From")
        else:
            verdict = verdict_of(signature, case.header, bodies, answers, now)
            waiting = waiting or isinstance(answers.get(signature.key_name), Unreachable)
        found.append(Judged(signature, verdict, near, waiting))
    return tuple(found)


def verdict_of(signature: Signature, header: "Header", bodies: "Bodies", answers: Answers, now: datetime) -> "Verdict":
    """What becomes of one signature in good form, whomever it speaks for. Never raises."""
    from mailflow.proof.dkim import Verdict, verify  # noqa: PLC0415  as above

    if reason := signature.untimely(now) or _suffix(signature.domain, answers):
        return Verdict("permerror", reason)
    return verify(signature, header, bodies, answers.get(signature.key_name))


def _suffix(domain: str, answers: Answers) -> str:
    try:
        record = record_of(domain, answers)
    except Unsettled:
        return ""
    return "d= is a public suffix" if record is not None and record.suffix == "y" else ""


def detail(one: Judged, lack: str) -> str:
    """In the words of Authentication-Results, for the operator; `lack` is what it lacks for S."""
    reasons = "; ".join(filter(None, (one.verdict.reason, lack if one.passed else "")))
    return f"dkim={one.verdict.result} d={one.signature.domain} s={one.signature.selector}{reasons and f' ({reasons})'}"


def full(case: Provable, one: Judged) -> bool:
    """The mark of trust.md §1.1 on a signature that is strong: more of the mail is signed, by a longer key."""
    return one.verdict.strong and all(case.covered(one.signature, name) for name in _ALSO_WHEN_FULL)


def short_of_strong(case: Provable, message: Message, one: Judged, now: datetime) -> str:
    """What a signature lacks for S (trust.md §1.1), or ""."""
    signature = one.signature
    if not one.passed:
        return "not passed and aligned"
    if not case.header.count("date") or not all(case.covered(signature, name) for name in ("date", "subject")):
        return "h= lacks Date or Subject"
    signed = signed_at(signature, message)
    if signed is None or not now - _OLD <= signed <= now + _AHEAD:
        return "signed too long ago, or ahead of our clock"
    return ""


def signed_at(signature: Signature, message: Message) -> datetime | None:
    """When it was made: `t=`, else the Date that it covers."""
    if signature.signed is not None:
        return datetime.fromtimestamp(signature.signed, UTC)
    date = message.date if "date" in signature.names else None
    return date if date is not None and date.tzinfo is not None else None
