"""The octets between 354 and CRLF.CRLF (RFC 5321 §4.1.1.4), bounded from the first one."""

import io

from mailflow.mail.headers import is_damaged
from mailflow.mail.reply import Reply
from mailflow.wire.door import DoorLimits
from mailflow.wire.gate import NO_ROOM, Memory

END = b"\r\n.\r\n"
TOO_BIG = Reply(552, "5.3.4", "Message too big")
LINE_TOO_LONG = Reply(500, "5.6.0", "Line too long")
BARE = Reply(550, "5.6.0", "Bare CR, bare LF or NUL in the message")

# What dots doubled in transit may add before the limit itself is judged.
_SLACK = 64 * 1024


class Collector:
    """Takes octets as they come off the socket until the end of data, wherever the packets are cut.

    The one end is CRLF.CRLF, found by one search that never goes back more than four octets. What is over the bound
    is counted and thrown away, so that a hostile peer costs neither memory nor a second pass.
    """

    __slots__ = ("_bound", "_held", "_limit", "_memory", "_reserved", "_tail", "closed", "fault", "seen")

    def __init__(self, max_size_octets: int, memory: Memory) -> None:
        self.seen = 0
        self.closed = False
        self.fault: Reply | None = None
        self._limit = max_size_octets
        self._bound = max_size_octets + _SLACK
        self._memory = memory
        self._reserved = 0
        # BytesIO, because its getvalue() hands out what it holds without a copy.
        self._held = io.BytesIO()
        # The CRLF that ended the DATA command: a lone dot on the first line is an end, too.
        self._tail = b"\r\n"

    def feed(self, octets: bytes) -> bytes | None:
        """None while the end has not come, else what follows the end."""
        cut = (self._tail + octets[:4]).find(END)
        if cut >= 0:
            stop = cut + 5 - len(self._tail)
        else:
            cut = octets.find(END)
            stop = cut + 5
        if cut < 0:
            self._tail = octets[-4:] if len(octets) >= 4 else (self._tail + octets)[-4:]
            self._keep(octets)
            return None
        self._keep(octets[:stop])
        self.closed = True
        return octets[stop:]

    @property
    def flooded(self) -> bool:
        """More than twice the limit has come, and no end: not worth listening to."""
        return self.seen > 2 * self._limit + _SLACK

    def content(self) -> bytes:
        """The message as it came, without the line of the dot; dots at line starts are still doubled."""
        self._held.truncate(max(self._held.tell() - 3, 0))
        return self._held.getvalue()

    def release(self) -> None:
        """Give the memory back; the collector is of no further use."""
        self._held = io.BytesIO()
        self._memory.give(self._reserved)
        self._reserved = 0

    def _keep(self, octets: bytes) -> None:
        self.seen += len(octets)
        if self.fault is not None:
            return
        if self.seen > self._bound:
            self.fault = TOO_BIG
        elif not self._memory.take(len(octets)):
            self.fault = NO_ROOM
        else:
            self._reserved += len(octets)
            self._held.write(octets)
            return
        self.release()


def unstuffed(raw: bytes) -> bytes:
    """The dot that was put before a dot at the start of a line is taken away (RFC 5321 §4.5.2)."""
    if b"\r\n." in raw:
        # The pattern cannot overlap itself, so that each line loses exactly one dot.
        raw = raw.replace(b"\r\n.", b"\r\n")
    return raw[1:] if raw[:1] == b"." else raw


def stuffed(content: bytes) -> bytes:
    """What goes over the line for a letter with CRLF line ends: dots doubled, the end of data (RFC 5321 §4.5.2)."""
    first = b"." if content.startswith(b".") else b""
    last = b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
    return b"%b%b%b" % (first, content.replace(b"\r\n.", b"\r\n.."), last)


def fault_of(content: bytes, limits: DoorLimits, *, relay: bool) -> Reply | None:
    """Why `content` cannot be taken: its size, a line, or (from strangers) bare CR, bare LF and NUL. None: it can."""
    if len(content) > limits.max_size_octets:
        return TOO_BIG
    if _long_line(content, limits.line_octets):
        return LINE_TOO_LONG
    # Our own relay's mail is kept as it came, and judged when it is read (trust.md §7, Octets).
    return BARE if not relay and is_damaged(content) else None


def _long_line(content: bytes, limit: int) -> bool:
    # Leaps of one limit: from a line's start to the last line end within reach. Short mails take no step at all.
    start = 0
    while len(content) - start > limit:
        end = content.rfind(b"\n", start, start + limit)
        if end < 0:
            return True
        start = end + 1
    return False
