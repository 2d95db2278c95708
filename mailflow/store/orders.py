"""Commands that wait for a YES, as JSON that people can read in the file."""

import json
from dataclasses import asdict, fields

from mailflow.mail.address import parse_address
from mailflow.model.command import Command, OrderLine
from mailflow.store.session import json_of

_PLAIN = {field.name: field.default for field in fields(Command)}


def orders_text(lines: tuple[OrderLine, ...]) -> str:
    """"" for none; what a command does not need is left out."""
    if not lines:
        return ""
    return json_of([[line.written, _kept(line.command) if line.command else None] for line in lines])


def orders_of(text: str) -> tuple[OrderLine, ...]:
    """What `orders_text` wrote."""
    return tuple(OrderLine(written, _command(kept) if kept else None) for written, kept in json.loads(text or "[]"))


def _kept(command: Command) -> dict[str, object]:
    told = {key: value for key, value in asdict(command).items() if value != _PLAIN[key]}
    return told | ({"target": str(command.target)} if command.target else {})


def _command(kept: dict[str, object]) -> Command:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in kept.items()}
    if "target" in values:
        values["target"] = parse_address(str(values["target"]))
    return Command(**values)  # type: ignore[arg-type]  # what `_kept` wrote
