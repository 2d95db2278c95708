"""The mail log: one line per decision, one function per event. Never a name, never a word of a mail (trust.md §9).

INFO is the biography of a mail, WARNING is for this week, ERROR for now (operations.md §5).
"""

import json
import logging
import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Literal, TextIO

from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.reply import Reply
from mailflow.model.seal import Seal

Format = Literal["auto", "text", "json"]
Level = Literal["debug", "info", "warning", "error"]
Value = str | int | Address | datetime | None

_PACKAGE = str(Path(__file__).parent)
_VALUE_LIMIT = 200
# syslog's numbers, which the systemd journal reads from a prefix (sd-daemon(3)).
_PRIORITY: dict[Level, int] = {"debug": 7, "info": 6, "warning": 4, "error": 3}
_BARE = re.compile(r"[A-Za-z0-9_.:/+@,\[\]-]+")


def names(seal: Seal, addresses: Literal["hash", "plain"]) -> Callable[[Address], str]:
    """How addresses are written: the same person is always the same `h:2f1c9a`, with no way back; or in plain."""
    if addresses == "plain":
        return str
    return lambda address: f"h:{seal.pseudonym(address.key)}"


def peer_network(peer: str) -> str:
    """A peer's address cut to its network: /24 for IPv4, /48 for IPv6; "local" for none (pipes, Unix sockets)."""
    if not peer:
        return "local"
    try:
        address = ip_address(peer)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(ip_network((int(address), 48), strict=False))
        address = address.ipv4_mapped
    return str(ip_network((int(address), 24), strict=False))


class Journal:
    """Writes lines to a stream; safe to call from several threads. A stream that fails stops no mail.

    `format` "auto" is text. Text has a priority prefix when $JOURNAL_STREAM says that the stream goes to the systemd
    journal. `name_of` turns an address into what may be read (`names`).
    """

    def __init__(
        self, stream: TextIO, format: Format, level: Level, name_of: Callable[[Address], str],  # noqa: A002  the key's name
        environ: Mapping[str, str] = os.environ,
    ) -> None:  # fmt: skip
        self._stream = stream
        self._json = format == "json"
        self._lowest = _PRIORITY[level]
        self._name_of = name_of
        self._prefix = not self._json and _goes_to_journal(stream, environ)
        self._lock = threading.Lock()

    def mail_in(
        self, mail_id: int, sender: Address | None, event: str, verdict: str, intent: str, result: str, letter: str,
        ms: int,
    ) -> None:  # fmt: skip
        """A mail was understood and its changes are committed. `sender` is the From address."""
        self._line("info", ("msg", mail_id), "in", ("from", sender), ("event", event), ("verdict", verdict),
                   ("intent", intent), ("result", result), ("letter", letter), ("ms", ms))  # fmt: skip

    def mail_failed(
        self, mail_id: int, event: str, attempt: int, outcome: Literal["again", "parked"], error: BaseException
    ) -> None:
        """Handling a mail raised; "parked" means that it waits for a person now."""
        self._line("error" if outcome == "parked" else "warning", ("msg", mail_id), "failed", ("event", event),
                   ("attempt", attempt), ("outcome", outcome), *_error(error))  # fmt: skip

    def letter_out(
        self, letter: int, to: Address, kind: str, outcome: Literal["sent", "deferred", "failed"], code: int,
        status: str, attempt: int, until: datetime | None = None,
    ) -> None:  # fmt: skip
        """The relay's answer to one letter. Its text is not logged: servers quote addresses and more in it."""
        level: Level = "warning" if outcome == "failed" else "info"
        self._line(level, ("out", letter), "", ("to", to), ("letter", kind), ("", outcome), ("code", code),
                   ("status", status), ("attempt", attempt), ("until", until))  # fmt: skip

    def job(self, kind: str, event: str, whom: Address | None, result: str, reason: str = "") -> None:
        """Something on a schedule was done, or not, and why not."""
        self._line("info", ("job", kind), "", ("event", event), ("to", whom), ("result", result), ("reason", reason))

    def refused(self, peer: str, reply: Reply) -> None:
        """A machine was refused at the door."""
        self._line("info", ("refused", peer_network(peer)), "", ("code", reply.code), ("status", reply.status))

    def started(self, version: str, listen: Iterable[str], events: int) -> None:
        """The service takes mail from now on."""
        self._line(
            "info", ("service", "started"), "", ("version", version), ("listen", ",".join(listen)), ("events", events)
        )

    def stopping(self, reason: str) -> None:
        """The service takes no more mail."""
        self._line("info", ("service", "stopping"), "", ("reason", reason))

    def reloaded(self, events: int, restart_for: Iterable[str] = ()) -> None:
        """Configuration, events, templates and keys were read again; what in them holds from the next start only."""
        later = ",".join(restart_for)
        self._line("warning" if later else "info", ("service", "reloaded"), "", ("events", events),
                   *([("restart-for", later)] if later else []))  # fmt: skip

    def not_reloaded(self, problems: Iterable[str]) -> None:
        """The old values stay, since the new ones are wrong: one line for each problem."""
        for problem in problems:
            self._line("error", ("service", "not-reloaded"), "", ("problem", " ".join(problem.split())))

    def trouble(self, what: str, error: BaseException) -> None:
        """Something that should not happen did. Type and place only: an exception's text may quote a mail."""
        self._line("error", ("trouble", what), "", *_error(error))

    def warning(self, what: str, **values: Value) -> None:
        """Something that should be looked at this week; the values are counts, ids, addresses, no words."""
        self._line("warning", ("warning", what), "", *values.items())

    def foreign(self, level: Level, logger: str, message: str, error: BaseException | None) -> None:
        """A line of a library, already shortened to what its author wrote (see attach_logging)."""
        self._line(level, ("log", logger), "", ("message", message), *(_error(error) if error else ()))

    def _line(self, level: Level, first: tuple[str, Value], word: str, *rest: tuple[str, Value]) -> None:
        if _PRIORITY[level] > self._lowest:
            return
        fields = (first, ("", word), *rest)
        kept = [(key, self._plain(value)) for key, value in fields if value is not None and value != ""]
        if self._json:
            # A bare word of the text form ("in", "deferred") is what happened.
            line = json.dumps({"level": level} | {key or "what": value for key, value in kept})
        else:
            line = " ".join(f"{key}={_escaped(value)}" if key else str(value) for key, value in kept)
        with self._lock, suppress(OSError):  # a full disk behind the log must not stop the mail
            self._stream.write(f"<{_PRIORITY[level]}>{line}\n" if self._prefix else f"{line}\n")
            self._stream.flush()

    def _plain(self, value: Value) -> str | int:
        match value:
            case Address():
                return self._name_of(value)
            case datetime():
                return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            case int():
                return value
            case _:
                return self._masked(str(value))[:_VALUE_LIMIT]

    def _masked(self, text: str) -> str:
        """Addresses inside other words are written as all addresses are."""
        if "@" not in text:
            return text
        if len(text) > 5 * _VALUE_LIMIT:  # and no half of an address at the cut
            text = text[: 5 * _VALUE_LIMIT].rpartition(" ")[0]
        return " ".join(self._masked_word(word) if "@" in word else word for word in text.split(" "))

    def _masked_word(self, word: str) -> str:
        try:
            return self._name_of(parse_address(word.strip("<>()[]{},;:.'\"")))
        except AddressError:
            return "(address)"


def _escaped(value: str | int) -> str:
    """One value of the text form: bare where it is plain, else in quotes with JSON's escapes; never a line break."""
    text = str(value)
    if _BARE.fullmatch(text):
        return text
    whole = json.dumps(text)
    if len(whole) <= _VALUE_LIMIT + 2:
        return whole
    pieces: list[str] = []
    room = _VALUE_LIMIT
    for character in text:
        piece = json.dumps(character)[1:-1]
        room -= len(piece)
        if room < 0:
            break
        pieces.append(piece)
    return '"' + "".join(pieces) + '"'


def _error(error: BaseException) -> tuple[tuple[str, Value], ...]:
    """The type of an exception and the innermost place of ours that it came through."""
    where, ours, trace, steps = "", False, error.__traceback__, 0
    while trace is not None and steps < 1000:
        path = trace.tb_frame.f_code.co_filename
        if path.startswith(_PACKAGE):
            where, ours = f"mailflow{path.removeprefix(_PACKAGE)}:{trace.tb_lineno}", True
        elif not ours:
            where = f"{Path(path).name}:{trace.tb_lineno}"
        trace, steps = trace.tb_next, steps + 1
    return ("error", type(error).__name__), ("where", where)


def _goes_to_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """systemd.exec(5): $JOURNAL_STREAM is device:inode of stderr; children inherit it, and may have other streams."""
    given = environ.get("JOURNAL_STREAM")
    if not given:
        return False
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # a stream without a descriptor
        return True
    return given == f"{status.st_dev}:{status.st_ino}"


class _Bridge(logging.Handler):
    """Takes what libraries log. Their arguments may be octets of a mail, so only the author's own words pass."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self.journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        level: Level = "error" if record.levelno >= logging.ERROR else "debug"
        if logging.INFO <= record.levelno < logging.ERROR:
            level = "warning" if record.levelno >= logging.WARNING else "info"
        error = record.exc_info[1] if record.exc_info else None
        self.journal.foreign(level, record.name, _author_s_words(record), error)


_UNTIL_A_VALUE = re.compile(r"[A-Za-z0-9 ._-]*")
_PLACE = re.compile(r"[A-Za-z0-9_.<>]{1,100}:[0-9]{1,6}")
_TYPE = re.compile(r"([A-Za-z_][A-Za-z0-9_.]{0,60})\(")


def _author_s_words(record: logging.LogRecord) -> str:
    text = str(record.msg)
    if isinstance(record.args, tuple) and record.args:
        with suppress(TypeError, ValueError):
            return text % tuple(map(_harmless, record.args))
    # asyncio formats before it logs ("Exception in callback f(b'…')"): what a value could begin with ends it.
    found = _UNTIL_A_VALUE.match(text[:100])
    return found[0].strip() if found else ""


def _harmless(value: object) -> object:
    """What may stand for an argument: numbers, networks, places in code, the type of an exception's repr."""
    if isinstance(value, int | float):
        return value
    text = str(value)
    if _PLACE.fullmatch(text):
        return text
    if found := _TYPE.match(text):
        return found[1]
    network = peer_network(text)
    return "?" if network == "unknown" else network


_LOGGERS = {"mailflow.wire": logging.INFO, "asyncio": logging.WARNING}


def attach_logging(journal: Journal) -> None:
    """Lead the loggers that our libraries use into the journal, and nowhere else. Again after a reload: it replaces."""
    for name, level in _LOGGERS.items():
        logger = logging.getLogger(name)
        for handler in logger.handlers[:]:
            logger.removeHandler(handler)
        logger.addHandler(_Bridge(journal))
        logger.setLevel(level)
        logger.propagate = False
