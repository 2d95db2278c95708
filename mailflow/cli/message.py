"""`mailflow message`: mail that came in, with its biography."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from mailflow.cli.arguments import entry
from mailflow.cli.desk import Desk, at_desk, at_desk_but_state
from mailflow.cli.leaving import NOTHING, fail
from mailflow.cli.options import shared

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailflow.store.rows import HistoryEntry, InboxEntry, OutboxEntry

_STATES = ["new", "waiting", "done", "silent", "ignored", "refused", "failed"]


@click.group()
@shared
def message() -> None:
    """Mail that came in. Ids: m12, or 12."""


@message.command("list")
@click.option("--event", metavar="EVENT", help="Only of this event.")
@click.option("--state", "wanted", type=click.Choice(_STATES), help="Only in this state.")
@click.option(
    "--limit", default=200, show_default=True, type=click.IntRange(1, 100_000), metavar="N", help="At most so many."
)
@at_desk_but_state
def message_list(desk: Desk, event: str | None, wanted: str | None, limit: int) -> None:  # fmt: skip
    """The newest mails first, and how each ended. --state DIR goes before the verb."""
    with desk.reading(desk.config("later")).read() as reader:
        found = reader.mails(state=wanted, event=event, limit=limit)
    desk.rows(
        (
            {
                "id": f"m{one.id}",
                "received": one.received,
                "from": one.verdict.sender or one.reverse_path,
                "event": one.event,
                "intent": one.verdict.intent,
                "state": one.state,
                "reason": one.verdict.reason,
            }
            for one in found
        ),
        empty="No mail.",
    )
    if len(found) == limit:
        desk.say(f"The newest {limit}; --limit shows more.")


@message.command("show")
@click.argument("name", metavar="ID")
@click.option("--raw", is_flag=True, help="The mail as it came, while it is kept.")
@at_desk
def message_show(desk: Desk, name: str, raw: bool) -> None:  # noqa: FBT001  click's signature
    """Verdicts, intent, changes and letters of one mail."""
    number = entry(name).number
    with desk.reading(desk.config("later")).read() as reader:
        found = reader.mail_entry(number)
        if found is None:
            fail(f"There is no mail {name}.", NOTHING)
        octets = reader.mail_octets(number)
        letters = reader.letters(mail=number)
        steps = reader.history(found.event, mail=number)
    if not raw:
        _show(desk, found, steps, letters)
    elif octets is None:
        fail("Its source is not kept.", NOTHING)
    else:
        from mailflow.cli.show import harmless

        click.echo(harmless(octets) if sys.stdout.isatty() else octets, nl=False)


def _show(desk: Desk, found: InboxEntry, steps: Sequence[HistoryEntry], letters: Sequence[OutboxEntry]) -> None:
    verdict = found.verdict
    facts: dict[str, object] = {
        "id": f"m{found.id}",
        "received": found.received,
        "reverse_path": found.reverse_path or "<>",
        "forward_path": found.forward_path,
        "event": found.event,
        "sender": verdict.sender,
        "subject": verdict.subject,
        "octets": found.octets,
        "state": found.state,
        "reason": verdict.reason,
        "attempts": found.attempts,
        "proof": verdict.proof,
        "intent": verdict.intent,
        "mode": _mode(verdict.intent, letters),
    }
    changes = [{"number": step.number, "what": step.what, "status": step.status} for step in steps]
    written = [
        {"id": str(one.id), "letter": one.kind, "to": one.to, "state": one.state, "subject": one.subject}
        for one in letters
    ]
    if desk.as_json:
        desk.one(facts | {"evidence": verdict.evidence, "changes": changes, "letters": written})
        return
    from mailflow.cli.show import cell

    desk.one(facts)
    for word, lines in (("because", verdict.evidence), ("change", changes), ("letter", written)):
        for line in lines:
            click.echo(f"  {word}: {cell(line)}")


def _mode(intent: str, letters: Sequence[OutboxEntry]) -> str:
    """What was asked back waits for a YES; everything else was done, or went to people. "" before it was read."""
    if not intent:
        return ""
    return "propose" if any(letter.kind == "please_confirm" for letter in letters) else "act"
