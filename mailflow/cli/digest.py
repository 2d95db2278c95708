"""`mailflow send-digest`: a digest now; the schedule is not moved."""

from __future__ import annotations

from dataclasses import replace

import click

from mailflow.cli.desk import Desk, at_desk, choose_event
from mailflow.cli.leaving import NOTHING, fail

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick


@click.command("send-digest")
@click.argument("name", metavar="[EVENT]", required=False)
@click.option("--to", metavar="ADDRESS", help="Send it there, as the first organiser would get it.")
@click.option("--dry-run", is_flag=True, help="Show the text; send nothing.")
@at_desk
def send_digest(desk: Desk, name: str | None, to: str | None, dry_run: bool) -> None:  # noqa: FBT001  click's signature
    """An organiser's digest now: to each organiser, or to one address. The schedule is not moved."""
    from mailflow.cli.arguments import address
    from mailflow.service.desk_clerk import post
    from mailflow.service.digest import gather, letter
    from mailflow.service.opening import state_of, sync_event

    house = desk.house()
    event = choose_event(house, name)
    if not event.organisers:
        fail(f"{event.id} has no [[organiser]].", NOTHING)
    first = event.organisers[0]
    # (whose digest, who gets it): what is new is what is new since that organiser's last one.
    pairs = [(one, one) for one in event.organisers] if to is None else [(first, replace(first, address=address(to)))]
    now = house.now()
    if dry_run:
        with desk.reading(house.config).read() as reader:
            state = state_of(reader, event)
            letters = [letter(event, state, whom, gather(reader, event, whose, now)) for whose, whom in pairs]
        shown = [(one, house.renderer.render(one, event, house.seal.reference(0), now)) for one in letters]
        if desk.as_json:
            desk.rows(
                ({"to": str(one.to), "subject": text.subject, "text": text.text} for one, text in shown), empty=""
            )
        else:
            click.echo("\n".join(f"To: {one.to}\nSubject: {text.subject}\n\n{text.text}" for one, text in shown))
        return
    with desk.writing(house.config).write() as writer:
        sync_event(house, writer, event)
        state = state_of(writer, event)
        for whose, whom in pairs:
            post(house, writer, letter(event, state, whom, gather(writer, event, whose, now)), now, None)
    desk.rows(({"to": str(whom.address), "letter": "digest", "state": "due"} for _, whom in pairs))
