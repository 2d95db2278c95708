"""`mailflow announce`: what the organisers tell many at once, shown before it is sent."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailflow.cli.desk import Desk, at_desk, choose_event, confirm
from mailflow.cli.leaving import FAILED, NOTHING, fail

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from mailflow.model.announcement import Audience, Draft
    from mailflow.model.event import Event

# More than any announcement may have, in every language that there is.
_MOST_OCTETS = 1024 * 1024
_AUDIENCES = ["confirmed", "waiting", "all"]


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="[EVENT] FILE")
@click.option("--status", "audience", type=click.Choice(_AUDIENCES), default="confirmed", show_default=True,
              help="To whom: who has a seat, who waits for one, or all of them.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show the letter and how many people get one; do nothing.")
@at_desk
def announce(desk: Desk, words: tuple[str, ...], audience: Audience, yes: bool, dry_run: bool) -> None:  # noqa: FBT001  click's signature
    """Tell people something. FILE is plain text: the first line is the subject, the rest the text; - is stdin.

    Paragraphs, "- " lists, https links, and placeholders such as {first_name}. A line "--- sv ---" begins the same in
    Swedish, subject first, for who reads that. Nobody is told who wrote STOP, or whose letters come back. A running
    service writes the letters, 200 people a tick; so does the next one that starts. Exits 4 where nobody would get it.
    """
    from mailflow.service.announce import announce as keep
    from mailflow.service.announce import propose
    from mailflow.service.opening import state_of, sync_event

    if len(words) > 2:
        raise click.UsageError("One event and one file.")
    house = desk.house()
    event = choose_event(house, words[0] if len(words) == 2 else None)
    draft = _draft(words[-1], event)
    store = desk.writing(house.config)
    with store.read() as reader:
        proposal = propose(house, reader, event, state_of(reader, event), draft, audience)
    if proposal.refused or proposal.fault:
        fail(f"{event.id}: {proposal.refused}." if proposal.refused else _fault(proposal.fault), FAILED)
    for letter in proposal.letters:
        desk.say(f"Subject: {letter.subject}\n\n{letter.text}")
    for word in proposal.unknown:
        desk.say(f"{{{word}}} is no placeholder, and stays as it is.")
    if not proposal.people:
        fail(f"Nobody of {event.id} would get it.", NOTHING)
    languages = [language for language, _ in draft.text.values if language]
    desk.one({"event": event.id, "status": audience, "letters": proposal.people, "languages": ", ".join(languages)})
    if dry_run:
        return
    confirm(f"Send it to {proposal.people} people? This cannot be taken back.", yes)
    with store.write() as writer:
        sync_event(house, writer, event)
        kept = keep(house, writer, event, draft, audience=audience)
    desk.say(f"Announcement {kept.number}. A running service sends it, 200 people a tick.")


def _draft(file: str, event: Event) -> Draft:
    """What the file says; UsageError where it is no announcement."""
    from mailflow.desk.announce import announcement_of
    from mailflow.model.announcement import Draft

    octets = sys.stdin.buffer.read(_MOST_OCTETS) if file == "-" else _octets(Path(file))
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.UsageError(f"{file} is not UTF-8.") from None
    found = announcement_of(text, event.languages)
    if isinstance(found, Draft):
        return found
    raise click.UsageError(_fault(found))


def _octets(path: Path) -> bytes:
    if not path.is_file():
        raise click.UsageError(f"There is no file {path}.")
    with path.open("rb") as file:
        return file.read(_MOST_OCTETS)


def _fault(fault: str | None) -> str:
    from mailflow.desk.announce import FAULTS

    return next((text for name, text in FAULTS.items() if name == fault), "")
