"""`mailflow attendees` and `mailflow export`: the list, and what organisers do with those who are on it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailflow.cli.desk import Desk, at_desk, choose_event, write_file
from mailflow.cli.leaving import NOTHING
from mailflow.cli.options import shared
from mailflow.cli.orders import approve, mark_absent, move, reject, remove
from mailflow.cli.printed import SHEETS, SUFFIXES, columns_of, printed, spreadsheet

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailflow.model.event import Event
    from mailflow.model.registration import Registration
    from mailflow.service.house import House
    from mailflow.store.protocol import Reader

_STATUSES = ["applied", "pending", "confirmed", "waiting", "offered", "cancelled", "expired", "removed"]
_status = click.option("--status", "statuses", multiple=True, metavar="STATUS", type=click.Choice(_STATUSES),
                       help=f"Only these ({', '.join(_STATUSES)}); may be given more than once.")  # fmt: skip


class ListFirst(click.Group):
    """A group whose list needs no word: `attendees gan` is `attendees list gan`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:  # fmt: skip
        """What is no verb is about the list."""
        return super().resolve_command(ctx, args if args[0] in self.commands else ["list", *args])


# Options of the list may stand where a verb would: they are left for it.
@click.group(
    cls=ListFirst, invoke_without_command=True, no_args_is_help=False,
    context_settings={"ignore_unknown_options": True}, subcommand_metavar="[VERB] …",
)  # fmt: skip
@shared
@click.pass_context
def attendees(ctx: click.Context) -> None:
    """Who is registered for an event. Without a verb: the list."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(listing)


attendees.add_command(remove)
attendees.add_command(move)
attendees.add_command(mark_absent)
attendees.add_command(approve)
attendees.add_command(reject)


@attendees.command("list")
@click.argument("name", metavar="[EVENT]", required=False)
@_status
@click.option("--csv", "as_csv", is_flag=True, help="CSV to stdout, as export writes it.")
@at_desk
def listing(desk: Desk, name: str | None, statuses: tuple[str, ...], as_csv: bool) -> None:  # noqa: FBT001  click's signature
    """Who is registered for an event. EVENT may be left out where there is one. Exits 4 where nobody is."""
    from mailflow.render.export import attendees_csv, said

    house = desk.house()
    event = choose_event(house, name)
    with desk.reading(house.config).read() as reader:
        people = _people(reader, event, statuses)
    if as_csv:
        click.echo(attendees_csv(event, people, event.languages[0]), nl=False)
    elif not desk.rows(map(_row, people, said(event, people, event.languages[0])), empty="Nobody."):
        raise click.exceptions.Exit(NOTHING)


@click.command()
@click.argument("name", metavar="[EVENT]", required=False)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="-",
    help="A .csv, .xlsx or .json file (the list), .html or .pdf (to print), or .ics (the event); - is CSV.",
)
@click.option(
    "--columns",
    metavar="A,B,…",
    help="Which, in this order: code, name, address, status, since, guests, and ids of questions; else all.",
)
@click.option("--language", metavar="CODE", help="Of the words or the calendar; else the event's first.")
@click.option("--sheet", type=click.Choice(SHEETS), default=SHEETS[0], show_default=True, help="Which one to print.")
@_status
@click.option("--yes", is_flag=True, help="Replace an existing file without asking.")
@at_desk
def export(desk: Desk, name: str | None, output: str, columns: str | None, language: str | None, sheet: str,
           statuses: tuple[str, ...], yes: bool) -> None:  # noqa: FBT001  click's signature  # fmt: skip
    """The list of an event for spreadsheets, programs or the door, or the event as a calendar file.

    To print: the door list (A4, with boxes to tick), badges, or the numbers, which name nobody, as a calendar does.
    """
    suffix = ".csv" if output == "-" else Path(output).suffix.lower()
    _fits(suffix, sheet, columns, statuses)
    house = desk.house()
    event = choose_event(house, name)
    if language is not None and language not in house.config.site.languages:
        raise click.UsageError(f"No language {language!r}; there is {', '.join(house.config.site.languages)}.")
    if suffix == ".ics":
        write_file(Path(output), _calendar(desk, house, event, language or event.languages[0]), yes, mode=0o644)
        desk.say(f"Wrote {output}.")
        return
    if suffix in (".html", ".pdf"):
        octets = printed(desk, house, event, suffix, sheet, language or event.languages[0])
        write_file(Path(output), octets, yes, mode=0o644 if sheet == "statistics" else 0o600)
        desk.say(f"Wrote {output}.")
        return
    with desk.reading(house.config).read() as reader:
        people = _people(reader, event, statuses)
    write = {".json": _json, ".xlsx": spreadsheet}.get(suffix, _csv)
    octets = write(event, people, language or event.languages[0], columns)
    if output == "-":
        click.echo(octets, nl=False)
    else:
        write_file(Path(output), octets, yes)
        desk.say(f"Wrote {output}: {len(people)} row(s).")


def _fits(suffix: str, sheet: str, columns: str | None, statuses: tuple[str, ...]) -> None:
    """Whether the options are ones of that kind of file; raises click.UsageError."""
    if suffix not in (".csv", ".json", ".ics", *SUFFIXES):
        raise click.UsageError("This version writes .csv, .json, .ics, .html, .xlsx and .pdf, or - for CSV to stdout.")
    if suffix in (".ics", ".html", ".pdf") and statuses:
        raise click.UsageError("--status is for lists; the door expects who has a seat, an .ics file names nobody.")
    if suffix not in (".csv", ".xlsx") and columns:
        raise click.UsageError("--columns is for .csv and .xlsx.")
    if suffix not in (".html", ".pdf") and sheet != SHEETS[0]:
        raise click.UsageError("--sheet is for .html and .pdf.")


def _json(event: Event, people: Sequence[Registration], language: str, _: str | None) -> bytes:
    """What `attendees --json` says, as one array."""
    from mailflow.cli.show import json_octets
    from mailflow.render.export import said

    return json_octets(map(_row, people, said(event, people, language)))


def _csv(event: Event, people: Sequence[Registration], language: str, columns: str | None) -> bytes:
    """The list in those columns, or in all."""
    from mailflow.render.export import attendees_csv

    return attendees_csv(event, people, language, columns_of(event, columns))


def _calendar(desk: Desk, house: House, event: Event, language: str) -> bytes:
    """The event as the service knows it; before it ever ran, as old as the event's file."""
    from mailflow.render.published import event_calendar
    from mailflow.service.opening import state_of
    from mailflow.zonefile import zone_octets

    with desk.reading(house.config).read() as reader:
        state, faces = state_of(reader, event), reader.announced(event.id)
    file = house.config.site.events / f"{event.id}.toml"
    revised = faces[0].at if faces else datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return event_calendar(event, state, house.domain, revised, language, zone_octets(event.timezone))


def _people(reader: Reader, event: Event, statuses: tuple[str, ...]) -> tuple[Registration, ...]:
    """Those of these statuses, or everybody. Who applied is pending, too, but waits for somebody else's yes."""
    stored = dict.fromkeys("pending" if status == "applied" else status for status in statuses)
    people = reader.registrations(event.id, *stored)
    return tuple(one for one in people if not statuses or _standing(one) in statuses)


def _standing(one: Registration) -> str:
    return "applied" if one.applied else str(one.status)


def _row(one: Registration, answers: dict[str, str]) -> dict[str, object]:
    """`answers` as the exported list has them: "no nuts", not the option's id "nuts"."""
    return {
        "no": one.number,
        "code": one.code,
        "name": one.name,
        "address": str(one.address),
        "mail": "letters come back" if one.undeliverable else "ok",
        "status": _standing(one),
        "since": one.since,
        "language": one.language,
        "calendar": one.partstat.lower(),
        "guests": one.guests,
        "answers": answers,
    }
