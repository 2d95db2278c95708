"""SPF (RFC 7208) for a direct MX: may this address send for this domain? pyspf's rules over answers fetched before.

pyspf is a loop of questions, so it is run again with each answer until it asks no more: no socket and no wait inside
it, no patch of its module, and the same question with the same answers always comes to the same result. The caller
runs each step in a thread (trust.md §1.3), fetches what is `Wanted`, and sees to the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal, cast

from mailflow.mail.envelope import Envelope
from mailflow.mail.message import Message
from mailflow.proof.dns import Answer, Asked, Trusted
from mailflow.proof.names import is_domain, related

Result = Literal["pass", "fail", "softfail", "neutral", "none", "permerror", "temperror"]
# RFC 7208 §4.6.4 allows ten terms that look up, an `mx` among them ten hosts: more than any honest record needs.
QUERIES = 40
_RESULTS: frozenset[Result] = frozenset({"pass", "fail", "softfail", "neutral", "none", "permerror", "temperror"})


@dataclass(frozen=True, slots=True)
class SpfQuestion:
    """Checked arguments: an IP address, `local@domain` of MAIL FROM (else `postmaster@` the HELO name), the HELO name.

    `domain` is that of `sender`, lower-case A-labels; `helo` is "unknown" where the client did not give a domain.
    """

    host: str
    sender: str
    domain: str
    helo: str


@dataclass(frozen=True, slots=True)
class Spf:
    """The result for that domain (RFC 7208 §2.6), and in a word why, where something was wrong."""

    result: Result
    domain: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The next record that the result hangs on."""

    asked: Asked


def spf_question(message: Message, envelope: Envelope, trusted: Trusted) -> SpfQuestion | None:
    """What SPF would be asked of this mail; None where it is off, the peer is ours, or it could not help From.

    A path outside the From domain's organisation proves nothing about From (RFC 9989 §4.4), so nothing is asked.
    """
    peer = envelope.peer
    if not trusted.spf or peer.relay or message.sender is None:
        return None
    try:
        ip_address(peer.host)
    except ValueError:
        return None
    helo = peer.helo.lower().removesuffix(".")
    helo = helo if is_domain(helo) else "unknown"
    path = envelope.reverse_path
    local, domain = (path.local, path.domain) if path is not None else ("postmaster", helo)
    if not is_domain(domain) or not related(domain, message.sender.domain):
        return None
    return SpfQuestion(peer.host, f"{local}@{domain}", domain, helo)


def evaluate(question: SpfQuestion, answers: Mapping[Asked, Answer], most: int = QUERIES) -> Spf | Wanted:
    """The result, or the one answer that it lacks. Never raises: whatever else pyspf does is a permerror.

    So is a record that hangs on more than `most` answers.
    """
    # pyspf takes 0.2 s to import, and few sites turn SPF on.
    from mailflow.proof.pyspf import Query, Stop  # noqa: PLC0415  as said

    try:
        result, _, why = Query(question.host, question.sender, question.helo, answers).check()
    except Stop as stop:
        if len(answers) >= most:
            return Spf("permerror", question.domain, "too many look-ups")
        return Wanted(stop.asked)
    except Exception as error:  # noqa: BLE001  a stranger's records; RecursionError and AssertionError among them
        return Spf("permerror", question.domain, type(error).__name__)
    if result not in _RESULTS:
        return Spf("permerror", question.domain, "no result")
    # pyspf quotes the record, which is a stranger's text.
    reason = why[:100] if result.endswith("error") and str(why).isprintable() else ""
    return Spf(cast("Result", result), question.domain, reason)
