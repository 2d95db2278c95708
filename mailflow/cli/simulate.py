"""`mailflow simulate`: the full decision trace of a mail, touching nothing."""

from __future__ import annotations

from typing import Literal

import click

from mailflow.cli.desk import Desk, at_desk, choose_event

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--event", metavar="EVENT", help="For this event; else the mail's own recipient, else the only event.")
@click.option("--at", metavar="TIME", help="As if it were this moment (ISO 8601).")
@click.option("--from", "sender", metavar="ADDR", help='Reverse-path; "" or "<>" is the null path.')
@click.option("--to", metavar="ADDR", help="Forward-path.")
@click.option("--dns", is_flag=True, help="Ask DNS for DKIM keys and policies; else nothing is asked.")
@click.option(
    "--assume-proof", "assume", type=click.Choice(["dkim", "none"]), help="Take the sender as proved, or as not."
)
@click.option("--letters", is_flag=True, help="Show each letter's text.")
@at_desk
def simulate(desk: Desk, files: tuple[str, ...], event: str | None, at: str | None, sender: str | None,
             to: str | None, dns: bool, assume: Literal["dkim", "none"] | None, letters: bool) -> None:  # noqa: FBT001  # fmt: skip
    """Read each mail exactly as intake would, against the present database. Writes nothing, sends nothing.

    FILE - is stdin. Without --dns only Authentication-Results of servers that the configuration names are judged.
    """
    from mailflow.cli import arguments
    from mailflow.cli.trace import Rehearsal

    house = desk.house()
    rehearsal = Rehearsal(
        house=house,
        store=desk.reading(house.config),
        now=arguments.moment(at, house.config.site.timezone) if at else house.now(),
        event=choose_event(house, event).id if event is not None else None,
        reverse_path=None if sender is None else (arguments.path(sender),),
        forward_path=None if to is None else arguments.address(to),
        dns=dns,
        assume=assume,
        letters=letters,
    )
    for name, content in arguments.octets_of(files, house.config.intake.max_size_octets):
        trace = rehearsal.trace(content)
        if desk.as_json:
            desk.one(rehearsal.row(name, trace))
        else:
            rehearsal.tell(name, trace)
