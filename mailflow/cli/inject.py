"""`mailflow inject`: mail from files really taken in."""

from __future__ import annotations

import click

from mailflow.cli.desk import Desk, at_desk
from mailflow.cli.leaving import FAILED, NOTHING, fail

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--from", "sender", metavar="ADDR", help='Reverse-path; "" or "<>" is the null path.')
@click.option("--to", "forward", metavar="ADDR", multiple=True, help="Forward-path; may be given more than once.")
@at_desk
def inject(desk: Desk, files: tuple[str, ...], sender: str | None, forward: tuple[str, ...]) -> None:
    """Really take a mail in, as if it had arrived; the running service handles it. FILE - is stdin.

    Without --to it is for the first address of ours in Delivered-To, X-Original-To, To and Cc, else for the only
    event. Whoever can run this is a relay of ours: Authentication-Results in the file are believed.
    """
    from mailflow.cli import arguments
    from mailflow.cli.intake import take_in
    from mailflow.cli.recipient import recipient, reverse_path

    house = desk.house()
    limit = house.config.intake.max_size_octets
    paths = tuple(map(arguments.address, forward))
    given = () if sender is None else (arguments.path(sender),)
    store = desk.writing(house.config)
    rows = []
    for name, content in arguments.octets_of(files, limit):
        if len(content) > limit:
            fail(f"{name}: over {limit} octets (intake.max_size)", FAILED)
        to = paths or tuple(filter(None, (recipient(house, content),)))
        if not to:
            fail(f"{name}: no recipient is an address of this site; give --to", NOTHING)
        for path in to:
            if (reply := house.welcome(path)) is not None:
                fail(f"{name}: {path}: {reply.text}", NOTHING)
        reverse = given[0] if given else reverse_path(content)
        rows += [
            {"file": name, "message": f"m{kept.id}", "to": str(row.forward_path),
             "same_as": None if kept.duplicate_of is None else f"m{kept.duplicate_of}"}
            for row, kept in take_in(house, store, content, reverse, to)
        ]  # fmt: skip
    desk.rows(rows)
