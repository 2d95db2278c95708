"""`mailflow send-digest`: a digest now; the schedule is not moved."""

from dataclasses import replace

import click

from mailflow.cli.common import Desk, choose_event, common, fail
from mailflow.mail.address import AddressError, parse_address
from mailflow.service.desk_clerk import post
from mailflow.service.digest import gather, letter
from mailflow.service.opening import sync_event
from mailflow.service.simulate import rehearsal


@click.command("send-digest")
@click.argument("name", metavar="EVENT", required=False)
@click.option("--to", "to", metavar="ADDRESS", help="Send it there, as the first organiser would get it.")
@click.option("--dry-run", is_flag=True, help="Show the text; send nothing.")
@common
def send_digest(desk: Desk, name: str | None, to: str | None, dry_run: bool) -> None:  # noqa: FBT001
    """An organiser's digest now: to each organiser, or to one address."""
    config = desk.config()
    house, _ = desk.house(config)
    event = house.events[choose_event(house, name)]
    if not event.organisers:
        fail(f"{event.id} has no [[organiser]].", 4)
    organisers = event.organisers
    if to is not None:
        try:
            organisers = (replace(event.organisers[0], address=parse_address(to)),)
        except AddressError as error:
            fail(f"{to}: {error}", 2)
    store = desk.store(config)
    now = house.now()
    rows = []
    with rehearsal(store) if dry_run else store.write() as writer:
        sync_event(house, writer, event)
        state = writer.event_state(event.id)
        if state is None:
            fail("The event is not in the database.", 1)
        for organiser in organisers:
            # The facts are those since the last scheduled digest to the first organiser where --to names another.
            known = organiser if to is None else event.organisers[0]
            one = letter(event, state, organiser, gather(writer, event, known, now))
            if dry_run:
                rendered = house.renderer.render(one, event, house.seal.reference(writer.next_letter()), now)
                if not desk.as_json:
                    click.echo(f"To: {organiser.address}\nSubject: {rendered.subject}\n\n{rendered.text}")
                    continue
                rows.append({"to": str(organiser.address), "subject": rendered.subject, "text": rendered.text})
            else:
                post(house, writer, one, now, None)
                rows.append({"to": str(organiser.address), "letter": "digest", "state": "due"})
    if rows:
        desk.rows(rows)
