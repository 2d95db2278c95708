"""The kinds of value that a configuration knows: what each is called, an example, and how it is read."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Generic, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from mailflow.mail.address import Address, AddressError, parse_address, parse_domain

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
W = TypeVar("W", bound=str)
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """A kind of value. `expected` completes "expected …"; `example` is TOML that `read` takes.

    `read` gets what tomllib made of the value and raises ValueError, whose text may say more about why. The value of
    a `private` kind may carry a password and is never shown.
    """

    expected: str
    example: str
    read: Callable[[object], T_co]
    private: bool = False

    @property
    def stand_in(self) -> T_co:
        """The example as a value: it takes the place of a wrong one, so that reading goes on to the next fault."""
        return self.read(tomllib.loads(f"value = {self.example}")["value"])


def _typed(raw: object, wanted: type[T]) -> T:
    # A TOML boolean is not a number, though Python's bool is an int; and a datetime is a date.
    if type(raw) is not wanted:
        raise ValueError
    return raw


def line(limit: int = 200) -> Callable[[object], str]:
    """Reader for one line of text: blanks around it go, control characters are an error. At most `limit` characters."""

    def read(raw: object) -> str:
        text = _typed(raw, str).strip()
        if len(text) > limit:
            raise ValueError(f"longer than {limit} characters")
        if not text.isprintable():
            raise ValueError("it has a line break or a control character")
        return text

    return read


def _filled(raw: object) -> str:
    text = line()(raw)
    if not text:
        raise ValueError("it is empty")
    return text


_DURATION = re.compile(r"([0-9]{1,6}) ?([a-z]{1,8})")
_UNITS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "week", "weeks"), 7 * 86_400),
}
_LONGEST = timedelta(days=3660)


def _span(raw: object) -> timedelta:
    found = _DURATION.fullmatch(_typed(raw, str).strip())
    if found is None or found[2] not in _UNITS:
        raise ValueError("a number and one of s, min, hours, days, weeks")
    span = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    if span > _LONGEST:
        raise ValueError("longer than ten years")
    return span


def _duration(raw: object) -> timedelta:
    span = _span(raw)
    if not span:
        raise ValueError("it must be longer than nothing")
    return span


_SIZE = re.compile(r"([0-9]{1,9}) ?(B|KB|KiB|MB|MiB|GB|GiB)")
_FACTORS = {"B": 1, "KB": 1000, "KiB": 1 << 10, "MB": 10**6, "MiB": 1 << 20, "GB": 10**9, "GiB": 1 << 30}


def _size(raw: object) -> int:
    found = _SIZE.fullmatch(_typed(raw, str).strip())
    if found is None:
        raise ValueError("a number and one of B, KiB, MiB, GiB")
    octets = int(found[1]) * _FACTORS[found[2]]
    if not 1024 <= octets <= 1 << 30:
        raise ValueError("it must be between 1 KiB and 1 GiB")
    return octets


def _address(raw: object) -> Address:
    try:
        return parse_address(_typed(raw, str))
    except AddressError as error:
        raise ValueError(str(error)) from error


def _maker(raw: object) -> str:
    text = _typed(raw, str)
    if text.startswith("*@"):
        return f"*@{_domain(text[2:])}"
    return _address(text).key


def _domain(raw: object) -> str:
    try:
        return parse_domain(_typed(raw, str))
    except AddressError as error:
        raise ValueError(str(error)) from error


def _timezone(raw: object) -> str:
    name = _typed(raw, str)
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # a folder's name, a path, an unknown name
        raise ValueError("no such zone") from error
    return name


_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")


def _language(raw: object) -> str:
    if not _LANGUAGE.fullmatch(_typed(raw, str)):
        raise ValueError
    return str(raw)


_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def _selector(raw: object) -> str:
    # Dots are allowed in selectors (RFC 6376 §3.1); nobody needs them, and one label is one name to publish.
    if not _SELECTOR.fullmatch(_typed(raw, str)):
        raise ValueError("lower-case letters, digits and hyphens")
    return str(raw)


_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def _colour(raw: object) -> str:
    if not _COLOUR.fullmatch(_typed(raw, str)):
        raise ValueError
    return str(raw).lower()


def _time(raw: object) -> time:
    moment = _typed(raw, time)
    if moment.tzinfo is not None or moment.microsecond:
        raise ValueError("whole seconds, no offset")
    return moment


def _wall(raw: object) -> datetime:
    if type(raw) is date:
        raise ValueError("the time of day is missing")
    moment = _typed(raw, datetime)
    if moment.tzinfo is not None:
        raise ValueError("an offset (Z, +02:00) is not wanted: it is local wall time")
    return moment


def _link(raw: object) -> str:
    text = line(1000)(raw)
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or " " in text or not text.isascii():
        raise ValueError("it must begin with https:// and be percent-encoded")
    return text


def _network(raw: object) -> Network:
    return ip_network(_typed(raw, str), strict=False)


def whole(least: int, most: int, example: int) -> Kind[int]:
    """A whole number between two bounds, both included."""

    def read(raw: object) -> int:
        number = _typed(raw, int)
        if not least <= number <= most:
            raise ValueError
        return number

    return Kind(f"a whole number from {least} to {most}", str(example), read)


def one_of(*words: W) -> Kind[W]:
    """One of a few words; annotate the result with a Literal, and its type is checked."""

    def read(raw: object) -> W:
        for word in words:
            if raw == word:
                return word
        raise ValueError

    return Kind("one of " + ", ".join(f'"{word}"' for word in words), f'"{words[0]}"', read)


def many(kind: Kind[T], expected: str, example: str, *, least: int = 0, most: int = 100) -> Kind[tuple[T, ...]]:
    """A list of values of one kind, without doubles."""

    def read(raw: object) -> tuple[T, ...]:
        items = _typed(raw, list)
        if not least <= len(items) <= most:
            raise ValueError(f"it must have {least} to {most} entries")
        values = tuple(map(kind.read, items))
        if len(set(values)) != len(values):
            raise ValueError("an entry stands there twice")
        return values

    return Kind(expected, example, read)


def optional(kind: Kind[T], expected: str) -> Kind[T | None]:
    """That kind, or "" for none."""
    return Kind(expected, kind.example, lambda raw: None if raw == "" else kind.read(raw), kind.private)


TEXT = Kind("one line of text", '"AIML@LU"', _filled)
LINE = Kind('one line of text, or ""', '""', line())
BOOLEAN = Kind("true or false", "true", lambda raw: _typed(raw, bool))
DURATION = Kind("a duration", '"60 s"', _duration)
SPAN = Kind("a duration, which may be 0", '"0 min"', _span)
SIZE = Kind("a size", '"10 MiB"', _size)
ADDRESS = Kind("an e-mail address", '"desk@example.org"', _address)
DOMAIN = Kind("a domain", '"events.example.org"', _domain)
TIMEZONE = Kind("the name of a time zone", '"Europe/Stockholm"', _timezone)
LANGUAGE = Kind("a language code", '"en"', _language)
COLOUR = Kind("a colour", '"#0b5cad"', _colour)
TIME = Kind("a time of day, without quotes", "07:00:00", _time)
WALL = Kind("a date and time without quotes, as the clock on the wall shows it", "2019-08-27T12:30:00", _wall)
LINK = Kind("an https link", '"https://example.org/map"', _link)
NETWORKS = many(Kind("a network", '"::1"', _network), "a list of IP addresses or networks", '["127.0.0.0/8", "::1"]')
LANGUAGES = many(LANGUAGE, "a list of language codes", '["en", "sv"]', least=1, most=20)
MAKERS = many(
    Kind("an e-mail address, or *@ and a domain", '"*@example.org"', _maker),
    "a list of e-mail addresses, or of *@ and a domain",
    '["kim.ek@example.org", "*@cs.example.org"]',
)
DURATIONS = many(DURATION, "a list of durations, the last one repeats", '["1 min", "5 min", "30 min"]', least=1)
COUNT = whole(1, 1_000_000, 10)
COUNT_OR_ZERO = whole(0, 1_000_000, 0)
HOSTNAME = Kind('a host name, or ""', '"mail.example.org"', lambda raw: "" if raw == "" else _domain(raw))
SELECTOR = Kind("a DKIM selector", '"mf1"', _selector)
AUTHSERV_IDS = many(TEXT, "a list of names as they stand in Authentication-Results", '["mx.example.org"]')
