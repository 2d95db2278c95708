"""`mailflow attendees` and `mailflow export`: the list."""

import sys
from pathlib import Path

import click

from mailflow.cli.common import Desk, Exit, choose_event, common, fail
from mailflow.model.registration import Registration, Status
from mailflow.render.export import attendees_csv


@click.command()
@click.argument("name", metavar="EVENT", required=False)
@click.option("--status", "statuses", multiple=True, type=click.Choice([str(status) for status in Status]),
              help="Only these; may be given more than once.")  # fmt: skip
@click.option("--csv", "as_csv", is_flag=True, help="CSV to stdout, as the digest's attachment.")
@common
def attendees(desk: Desk, name: str | None, statuses: tuple[str, ...], as_csv: bool) -> None:  # noqa: FBT001
    """Who is registered for an event."""
    config = desk.config()
    house, _ = desk.house(config)
    event = house.events[choose_event(house, name)]
    store = desk.store(config)
    with store.read() as reader:
        people = reader.registrations(event.id, *statuses)
    if as_csv:
        sys.stdout.buffer.write(attendees_csv(event, people, event.languages[0]))
        return
    if not desk.rows((_row(one) for one in people), empty="Nobody."):
        raise Exit(4)


@click.command()
@click.argument("name", metavar="EVENT", required=False)
@click.option("-o", "--output", metavar="FILE", default="-", help="A .csv file; - is stdout.")
@click.option("--language", help="Of the column names.")
@click.option("--status", "statuses", multiple=True, type=click.Choice([str(status) for status in Status]))
@common
def export(desk: Desk, name: str | None, output: str, language: str | None, statuses: tuple[str, ...]) -> None:
    """The list of an event as CSV: UTF-8 with BOM, separator ;, cells guarded against formulas."""
    if output != "-" and not output.lower().endswith(".csv"):
        fail("This version writes .csv (or - for stdout).", 2)
    config = desk.config()
    house, _ = desk.house(config)
    event = house.events[choose_event(house, name)]
    if language is not None and language not in config.site.languages:
        fail(f"No language {language!r}; there is {', '.join(config.site.languages)}.", 2)
    store = desk.store(config)
    with store.read() as reader:
        octets = attendees_csv(event, reader.registrations(event.id, *statuses), language or event.languages[0])
    if output == "-":
        sys.stdout.buffer.write(octets)
        return
    Path(output).write_bytes(octets)
    desk.say(f"Wrote {output}.")


def _row(one: Registration) -> dict[str, object]:
    answers = {answer.question: ", ".join((*answer.options, answer.text)).strip(", ") for answer in one.answers}
    return {
        "no": one.number,
        "code": one.code,
        "name": one.name,
        "address": str(one.address),
        "status": str(one.status),
        "since": one.since,
        "language": one.language,
        "calendar": one.partstat.lower(),
        **answers,
    }
