"""Authentication-Results (RFC 8601): reading one field, and nothing that is not understood to its last octet."""

import string
from dataclasses import dataclass

FIELD_LIMIT_OCTETS = 8192
_COMMENT_DEPTH = 8
_BLANK = frozenset(" \t\r\n")
_SIGNS = _BLANK | frozenset(map(chr, range(0x21, 0x7F)))
_WORD = frozenset(string.ascii_letters + string.digits + "-_")
# A value: the token of RFC 2045, and "@", "/", "=", ":" and "+", which servers write bare in addresses and base64.
_VALUE = frozenset(map(chr, range(0x21, 0x7F))) - frozenset('()<>,;\\"[]')


@dataclass(frozen=True, slots=True)
class Result:
    """One `method=result`, both in lower case, and its properties (`ptype.property` in lower case, value) in order."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def only(self, name: str) -> str | None:
        """The value of that property if it is there exactly once."""
        values = [value for key, value in self.properties if key == name]
        return values[0] if len(values) == 1 else None


@dataclass(frozen=True, slots=True)
class Results:
    """A whole field. `results` is None when the field is void: its author is known, the rest was not understood."""

    authserv_id: str
    results: tuple[Result, ...] | None


class _Void(ValueError):
    """The field does not follow the grammar."""


class _Scanner:
    """Left to right over one field; every method moves on or raises _Void, so the whole is linear."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    @property
    def next(self) -> str:
        return self._text[self._at : self._at + 1]

    def blanks(self) -> int:
        """Pass over blanks and comments; how many characters that were."""
        start = self._at
        while self.next:
            if self.next in _BLANK:
                self._at += 1
            elif self.next == "(":
                self._comment()
            else:
                break
        return self._at - start

    def _comment(self) -> None:
        depth = 0
        while True:
            sign = self.next
            if not sign or (sign == "\\" and self._at + 1 == len(self._text)):
                raise _Void
            self._at += 2 if sign == "\\" else 1
            depth += (sign == "(") - (sign == ")")
            if depth > _COMMENT_DEPTH:
                raise _Void
            if depth == 0:
                return

    def sign(self, expected: str) -> bool:
        """Pass over that sign, if it comes next."""
        if self.next != expected:
            return False
        self._at += 1
        return True

    def word(self) -> str:
        """A keyword, in lower case."""
        return self._run(_WORD).lower()

    def value(self) -> str:
        """A token, a quoted string, or an address whose local part is quoted."""
        if not self.sign('"'):
            return self._run(_VALUE)
        signs = []
        while (sign := self.next) != '"':
            self._at += 1
            if sign == "\\":
                sign, self._at = self.next, self._at + 1
            if not sign:
                raise _Void
            signs.append(sign)
        self._at += 1
        rest = self._run(_VALUE) if self.next == "@" else ""
        return "".join(signs) + rest

    def _run(self, allowed: frozenset[str]) -> str:
        start = self._at
        while self.next and self.next in allowed:
            self._at += 1
        if start == self._at:
            raise _Void
        return self._text[start : self._at]


def read_results(text: str) -> Results | None:
    """Read an unfolded field. None when not even the authserv-id can be read. Never raises. RFC 8601 §2.2."""
    scanner = _Scanner(text[:FIELD_LIMIT_OCTETS])
    try:
        scanner.blanks()
        authserv_id = scanner.value()
    except _Void:
        return None
    # The author is read even where the rest is not: a field of ours that grew too long must not be overlooked.
    if len(text) > FIELD_LIMIT_OCTETS or not _SIGNS.issuperset(text):
        return Results(authserv_id, None)
    try:
        return Results(authserv_id, _results(scanner))
    except _Void:
        return Results(authserv_id, None)


def _results(scanner: _Scanner) -> tuple[Result, ...]:
    if scanner.blanks() and scanner.next != ";" and scanner.value() != "1":
        raise _Void  # a version of the format that we do not know
    scanner.blanks()
    results: list[Result] = []
    while scanner.next:
        if not scanner.sign(";"):
            raise _Void
        scanner.blanks()
        if not scanner.next and results:
            break  # a last semicolon, which several servers write
        method = scanner.word()
        scanner.blanks()
        if method == "none" and not results and not scanner.next:
            return ()
        results.append(_result(scanner, method))
    if not results:
        raise _Void
    return tuple(results)


def _result(scanner: _Scanner, method: str) -> Result:
    if scanner.sign("/"):
        scanner.blanks()
        if scanner.word() != "1":
            raise _Void
        scanner.blanks()
    if not scanner.sign("="):
        raise _Void
    scanner.blanks()
    result = scanner.word()
    properties: list[tuple[str, str]] = []
    reasons = 0
    while True:
        apart = scanner.blanks()
        if scanner.next in ("", ";"):
            return Result(method, result, tuple(properties))
        if not apart:
            raise _Void
        kind = scanner.word()
        scanner.blanks()
        if kind == "reason" and not properties and not reasons and scanner.sign("="):
            scanner.blanks()
            scanner.value()
            reasons = 1
            continue
        properties.append((f"{kind}.{_property(scanner)}", scanner.value()))


def _property(scanner: _Scanner) -> str:
    if not scanner.sign("."):
        raise _Void
    scanner.blanks()
    name = scanner.word()
    scanner.blanks()
    if not scanner.sign("="):
        raise _Void
    scanner.blanks()
    return name
