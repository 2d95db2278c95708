"""`mailflow event cancel`: the event is called off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from mailflow.cli.desk import Desk, at_desk, choose_event, confirm
from mailflow.cli.leaving import FAILED, fail

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailflow.model.event import Event, EventState, Localized
    from mailflow.render import Rendered

# Some paragraphs: it stands in everybody's letter.
_REASON = 2000


@click.command("cancel", short_help="Call an event off: everybody is told.")
@click.argument("name", metavar="[EVENT]", required=False)
@click.option("--reason", "reasons", metavar="TEXT", multiple=True,
              help="Told in the letter; sv=TEXT is for readers of Swedish. May be given more than once.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show the letters and how many people get one; do nothing.")
@at_desk
def event_cancel(desk: Desk, name: str | None, reasons: tuple[str, ...], yes: bool, dry_run: bool) -> None:  # noqa: FBT001  click's signature
    """Call an event off, for good: everybody with a seat, an offer or a place in line is told.

    A running service writes the letters, 200 people a tick; so does the next one that starts. Seats get a cancellation
    for their calendar. Who writes afterwards is told as well. The event file stays as it is.
    """
    from mailflow.service.foretold import if_called_off, to_end
    from mailflow.service.opening import state_of, sync_event

    house = desk.house()
    one = choose_event(house, name)
    reason, now = _reason(desk, one, reasons), house.now()
    if now >= one.ends:
        fail(f"{one.id} has taken place already.", FAILED)
    store = desk.writing(house.config)
    with store.read() as reader:
        state = state_of(reader, one)
        if state.called_off is not None:
            left = to_end(reader, one)
            _say_again(desk, one, state, left)
            return
        foretold = if_called_off(house, reader, one, replace(state, called_off=now, reason=reason))
    show_letters(desk, foretold.letters)
    desk.one({"event": one.id, "title": one.title.get(*one.languages), "starts": one.starts, "taken": state.taken,
              "waiting": state.waiting, "letters": foretold.people})  # fmt: skip
    if dry_run:
        return
    confirm(f"Call off {one.id} and write to {foretold.people} people? This cannot be taken back.", yes)
    with store.write() as writer:
        sync_event(house, writer, one)
        done = writer.call_off(one.id, reason, now)
    desk.say("It is called off. A running service tells everybody within minutes." if done else "It was already.")


def show_letters(desk: Desk, letters: Iterable[Rendered]) -> None:
    """Talk, not data: what people would read."""
    for letter in letters:
        desk.say(f"Subject: {letter.subject}\n\n{letter.text}")


def _say_again(desk: Desk, one: Event, state: EventState, left: int) -> None:
    when = one.local(state.called_off) if state.called_off else None
    desk.one({"event": one.id, "called_off": state.called_off, "still_to_be_told": left})
    desk.say(f"{one.id} was called off on {when:%Y-%m-%d %H:%M} already; nothing has changed.")


def _reason(desk: Desk, one: Event, reasons: tuple[str, ...]) -> Localized:
    """By language; what names none is for all the others."""
    from mailflow.mail.clean import clean_text
    from mailflow.model.event import Localized
    from mailflow.render.placeholders import unknown

    found: dict[str, str] = {}
    for said in reasons:
        language, sign, text = said.partition("=")
        named = bool(sign) and language in one.languages
        found[language if named else ""] = clean_text(text if named else said, _REASON + 1)
    for text in found.values():
        if len(text) > _REASON:
            raise click.UsageError(f"The reason has more than {_REASON} characters.")
        for word in unknown(text):
            desk.say(f"{{{word}}} is no placeholder, and stays as it is.")
    # A language without words of its own reads the first: those for all of them, where there are any.
    return Localized(tuple(sorted(found.items())))
