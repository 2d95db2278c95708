"""Setting one key of a TOML file by its lines: comments and layout of all else stay, and the result is proved.

The proof is that the new text, read again, differs from the old one in that value alone. What cannot be done so is
refused with a reason; the file is then to be edited by hand.
"""

import copy
import json
import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

_STATEMENT_LINES = 500
_BARE = re.compile(r"[A-Za-z0-9_-]+")

Path = tuple[str | int, ...]


class EditError(ValueError):
    """Why the key cannot be set; a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """`key = value` on lines `first` up to (not with) `after`, counted from 0; `path` from the top of the file."""

    path: Path
    first: int
    after: int


@dataclass(frozen=True, slots=True)
class _Header:
    path: Path
    line: int


def set_key(text: str, key: str, value: str) -> str:
    """`text` with the value at the dotted path `key` (`organiser.0.name`: of the first) set, or added to its table.

    `value` is read as TOML where it is, as a wall time where it looks like one, else as a string. Raises EditError.
    """
    path, wanted = _path(key), _value(value)
    before = _read(text)
    expected = _expected(before, path, wanted)
    lines = text.splitlines(keepends=True)
    statements, headers = _scan(lines)
    changed = "".join(_edited(lines, statements, headers, path, wanted, before))
    try:
        proved = tomllib.loads(changed) == expected
    except tomllib.TOMLDecodeError:
        proved = False
    if not proved:
        raise EditError(f"{key} cannot be set without touching what is around it; edit the file by hand")
    return changed


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise EditError(f"the file is not TOML: {error}") from error


def _path(key: str) -> Path:
    parts = key.split(".")
    if len(parts) > 10 or not all(_BARE.fullmatch(part) for part in parts):
        raise EditError(f"{key!r} is no key such as venue.name")
    return tuple(int(part) if part.isdigit() else part for part in parts)


def _value(text: str) -> object:
    try:
        read = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError):
        read = {}
    if list(read) == ["value"] and "\n" not in text:
        return read["value"]
    for kind in (datetime, time):
        # TOML wants seconds; people do not write them.
        if re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d" if kind is datetime else r"\d\d:\d\d", text):
            try:
                return kind.fromisoformat(text)
            except ValueError:
                break
    return text


def _expected(before: dict[str, Any], path: Path, wanted: object) -> dict[str, Any]:
    """What the file is to say. A table is made where there is none; an item of a list has to be there."""
    after = copy.deepcopy(before)
    place: Any = after
    for part in path[:-1]:
        if isinstance(place, list) and isinstance(part, int) and part < len(place):
            place = place[part]
        elif isinstance(place, dict) and isinstance(part, str):
            place = place.setdefault(part, {})
        else:
            raise EditError(f"there is no {'.'.join(map(str, path[:-1]))}")
    if not isinstance(place, dict) or not isinstance(path[-1], str):
        raise EditError(f"{'.'.join(map(str, path))} is no key of a table")
    place[path[-1]] = wanted
    return after


def _scan(lines: list[str]) -> tuple[list[_Statement], list[_Header]]:
    """Where each statement and each table begins. Only for text that is TOML."""
    statements: list[_Statement] = []
    headers: list[_Header] = []
    table: Path = ()
    seen: dict[Path, int] = {}
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        after = at + 1
        if line.startswith("["):
            table = _table(line, seen)
            headers.append(_Header(table, at))
        elif line and not line.startswith("#"):
            after = _end(lines, at)
            statements.append(_Statement((*table, *_key(lines[at])[0]), at, after))
        at = after
    return statements, headers


def _table(line: str, seen: dict[Path, int]) -> Path:
    """The path of `[a.b]`, or of the next `[[a.b]]`; items of lists of tables have a number in it."""
    parts = _chain(tomllib.loads(line))
    path: Path = ()
    for part in parts[:-1]:
        path = (*path, part)
        path = (*path, seen[path]) if path in seen else path
    path = (*path, parts[-1])
    if line.startswith("[["):
        seen[path] = seen.get(path, -1) + 1
        return (*path, seen[path])
    return path


def _chain(read: Any) -> tuple[str, ...]:  # noqa: ANN401  what TOML holds
    """The keys of a table that has but one of them at each depth."""
    parts: list[str] = []
    while isinstance(read, dict | list) and read:
        if isinstance(read, list):
            read = read[0]
            continue
        (part,) = read
        parts.append(part)
        read = read[part]
    return tuple(parts)


def _end(lines: list[str], first: int) -> int:
    for after in range(first + 1, min(len(lines), first + _STATEMENT_LINES) + 1):
        try:
            tomllib.loads("".join(lines[first:after]))
        except tomllib.TOMLDecodeError:
            continue
        return after
    raise EditError(f"line {first + 1} begins a value of more than {_STATEMENT_LINES} lines")


def _key(line: str) -> tuple[tuple[str, ...], int]:
    """The key's parts, and where its value begins in the line: behind the first `=` that is not inside quotes."""
    at = line.find("=")
    while at >= 0:
        try:
            return _chain(tomllib.loads(f"{line[:at]}= 0")), at + 1
        except tomllib.TOMLDecodeError:
            at = line.find("=", at + 1)
    raise EditError(f"{line.strip()!r} has no key")


def _edited(
    lines: list[str], statements: list[_Statement], headers: list[_Header], path: Path, wanted: object,
    before: dict[str, Any],
) -> list[str]:  # fmt: skip
    for one in statements:
        if path[: len(one.path)] == one.path:
            value = _in_place(before, one.path, path[len(one.path) :], wanted)
            return [*lines[: one.first], _rewritten(lines[one.first : one.after], value), *lines[one.after :]]
    return _added(lines, statements, headers, path, wanted)


def _in_place(before: dict[str, Any], path: Path, rest: Path, wanted: object) -> object:
    """The whole new value of a statement: `wanted`, or the inline table with `wanted` inside."""
    if not rest:
        return wanted
    old: Any = before
    for part in path:
        old = old[part]
    return _expected(old, rest, wanted) if isinstance(old, dict) else wanted


def _rewritten(statement: list[str], value: object) -> str:
    """The same key with another value; a comment behind it stays."""
    whole = "".join(statement)
    _, at = _key(statement[0])
    body, end = whole[at:].rstrip("\r\n"), whole[len(whole.rstrip("\r\n")) :]
    comment = _comment(body)
    if len(statement) > 1 and "#" in body and '"""' not in body and "'''" not in body:
        raise EditError("there are comments inside the value; edit the file by hand")
    return f"{whole[:at]} {literal(value)}{comment}{end}"


def _comment(body: str) -> str:
    """What stands behind the value on its last line, with the blanks before it; "" for nothing."""
    at = body.find("#")
    while at >= 0:
        try:
            tomllib.loads(f"value = {body[:at]}")
        except tomllib.TOMLDecodeError:
            at = body.find("#", at + 1)
            continue
        value = body[:at].rstrip()
        return body[len(value) :]
    return ""


def _added(
    lines: list[str], statements: list[_Statement], headers: list[_Header], path: Path, wanted: object
) -> list[str]:
    """The key behind the last one of its table; the table at the end of the file where there is none."""
    table = path[:-1]
    new = f"{path[-1]} = {literal(wanted)}\n"
    header = next((one.line for one in headers if one.path == table), None)
    if table and header is None:
        if any(isinstance(part, int) for part in table):
            raise EditError(f"{'.'.join(map(str, table))} is written inside another value; edit the file by hand")
        last = [] if not lines or lines[-1].endswith("\n") else ["\n"]
        return [*lines, *last, f"\n[{'.'.join(map(str, table))}]\n", new]
    begins = -1 if header is None else header
    ends = min((one.line for one in headers if one.line > begins), default=len(lines))
    after = max((one.after for one in statements if begins < one.first < ends), default=begins + 1)
    head = lines[:after]
    if head and not head[-1].endswith("\n"):
        head = [*head[:-1], f"{head[-1]}\n"]
    return [*head, new, *lines[after:]]


def literal(value: object) -> str:
    """`value` as TOML writes it, on one line."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            # JSON's escapes are all TOML's as well; DEL has to be escaped here only.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
        case int() | float():
            return repr(value)
        case datetime() | date() | time():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            inside = ", ".join(f"{_written(key)} = {literal(each)}" for key, each in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case _:
            raise EditError(f"{value!r} cannot be written")


def _written(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)
