"""The word of our own border server (trust.md §1.4): which Authentication-Results count, and what they come to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mailflow.mail.message import Message
from mailflow.proof.authres import Result, read_results
from mailflow.proof.dns import Trusted

_ALL_OCTETS = 16 * 1024
_HOPS = 30
_RECEIVED_LIMIT = 2000
_LOOPBACK = ("[127.0.0.1]", "[::1]", "[ipv6:::1]")


@dataclass(frozen=True, slots=True)
class Word:
    """What the border says of DMARC for this From domain; `signers` are the domains of its `dkim=pass` results there.

    "none" is everything that is neither pass nor fail, contradicts itself, or was not understood; `reason` says which.
    """

    dmarc: Literal["pass", "fail", "none"]
    reason: str
    signers: tuple[str, ...] = ()


def relay_word(message: Message, domain: str, trusted: Trusted) -> Word:
    """Weigh the fields of our servers. The caller has made sure that the peer is one of them. Never raises."""
    found: list[tuple[Result, tuple[Result, ...]]] = []
    octets = 0
    for text in _fields_in_place(message, trusted):
        octets += len(text)
        if octets > _ALL_OCTETS:
            return Word("none", "more Authentication-Results than a server of ours writes")
        read = read_results(text)
        if read is None or read.authserv_id not in trusted.authserv_ids:
            continue
        if read.results is None:
            # Whoever can make our border write an unreadable field must not thereby choose which one is left.
            return Word("none", "a field of ours could not be read")
        found += [(result, read.results) for result in read.results if result.method == "dmarc"]
    if len(found) != 1:
        return Word("none", "more than one dmarc= of ours" if found else "no dmarc= of ours")
    dmarc, beside = found[0]
    if (dmarc.only("header.from") or "").lower() != domain:
        return Word("none", "dmarc= is about another From")
    if dmarc.result == "fail":
        return Word("fail", "dmarc=fail by our server")
    if dmarc.result != "pass":
        return Word("none", "dmarc= is neither pass nor fail")
    signers = (_signer(result) for result in beside if result.method == "dkim" and result.result == "pass")
    return Word("pass", "dmarc=pass by our server", tuple(signer for signer in signers if signer))


def _signer(result: Result) -> str:
    named = result.only("header.d")
    return (named if named is not None else (result.only("header.i") or "").rpartition("@")[2]).lower()


def _fields_in_place(message: Message, trusted: Trusted) -> Iterator[str]:
    """The Authentication-Results above the first Received field that our own servers did not write.

    Our servers are known by the name they write behind `by`. Once one of them says that it took the mail from a
    stranger, the next Received is the stranger's whatever it says: our name in a `by` below it is a forgery, or an
    earlier visit.
    """
    ours = frozenset({name.lower() for name in (*trusted.own_hosts, *trusted.authserv_ids)})
    from_a_stranger = False
    hops = 0
    for name, value in message.headers:
        if name == "received":
            hop = _read_hop(value)
            hops += 1
            if from_a_stranger or hop.writer not in ours or hops > _HOPS:
                return
            from_a_stranger = not hop.within(ours)
        elif name == "authentication-results":
            yield value


@dataclass(frozen=True, slots=True)
class _Hop:
    """A Received field: the names behind `from` and `by`, lower case or "", and the comment behind the first."""

    source: str
    seen_as: str
    writer: str

    def within(self, ours: frozenset[str]) -> bool:
        """Handed on from one of our servers to another.

        What follows `from` is mostly what the client called itself, so the comment, in which the server writes whom it
        saw, has to agree. A hop that looks strange without reason costs no more than the fields below the next one.
        """
        if not self.source:
            return True
        first = self.seen_as.split(" ", 1)[0].rstrip(".")
        seen_locally = any(address in self.seen_as for address in _LOOPBACK)
        return seen_locally or (self.source in ours and first in ours)


def _read_hop(received: str) -> _Hop:
    """Read RFC 5321 §4.4 as far as the `by`; a field of another form has no writer."""
    words, comments = _words_and_comments(received[:_RECEIVED_LIMIT].lower())
    if len(words) >= 4 and words[0] == "from" and words[2] == "by":
        return _Hop(words[1].rstrip("."), comments.get(2, ""), words[3].rstrip("."))
    if len(words) >= 2 and words[0] == "by":
        return _Hop("", "", words[1].rstrip("."))
    return _Hop("", "", "")


def _words_and_comments(text: str) -> tuple[list[str], dict[int, str]]:
    """The words up to the semicolon, and the first comment behind the n-th word."""
    words: list[str] = []
    comments: dict[int, str] = {}
    outside: list[str] = []
    inside: list[str] = []
    depth = 0
    for sign in text:
        if sign == ";" and depth == 0:
            break
        if sign == "(":
            if depth == 0:
                words += "".join(outside).split()
                outside, inside = [], []
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
            if depth == 0:
                comments.setdefault(len(words), "".join(inside).strip())
        else:
            (inside if depth else outside).append(sign)
    return words + "".join(outside).split(), comments
