"""`mailflow deliver`: one mail from an MTA's pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from mailflow.cli.desk import Desk, at_desk
from mailflow.cli.leaving import CONFIGURATION, REFUSED, TEMPORARY, UNKNOWN, UNUSABLE, Failure, fail

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from pathlib import Path

    from mailflow.mail.address import Address
    from mailflow.service.house import House

_NULL = ("", "<>", "MAILER-DAEMON")  # the last is what Postfix's pipe(8) says without null_sender=


class Sysexits(click.Command):
    """A command that leaves with words of sysexits.h only: on anything else an MTA would bounce the mail."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Wrong usage is a pipe that is set up wrongly."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            fail(f"{ctx.get_usage()}\n{error.format_message()}", CONFIGURATION)

    def invoke(self, ctx: click.Context) -> object:
        """What is neither the mail's fault nor the configuration's is tried again."""
        from mailflow.cli.failures import failure_of

        try:
            return super().invoke(ctx)
        except Exception as error:
            failure = failure_of(error)
            if failure is not None and failure.exit_code in (UNUSABLE, UNKNOWN, TEMPORARY, REFUSED, CONFIGURATION):
                raise failure from error
            said = failure.text if failure else f"{type(error).__name__}: {error}"
            raise Failure(f"not taken, try again: {said}", TEMPORARY) from error


@click.command(cls=Sysexits)
@click.option("--from", "sender", metavar="ADDR", required=True, help='Reverse-path; "" or "<>" is the null path.')
@click.option("--to", "forward", metavar="ADDR", multiple=True, required=True,
              help="Forward-path; may be given more than once.")  # fmt: skip
@at_desk
def deliver(desk: Desk, sender: str, forward: tuple[str, ...]) -> None:
    """Take one mail on stdin from an MTA's pipe. Exit status 0 means committed.

    Else, as in sysexits.h: 65 the mail is empty or too large, 67 no such recipient, 77 not our domain, 75 try again,
    78 the configuration is wrong. With several --to one of them that is refused refuses the mail for all.
    """
    from mailflow.cli.intake import take_in
    from mailflow.service.receive import disk_low

    house = desk.house()
    reverse = None if sender.strip() in _NULL else _reverse(sender)
    to = [_welcome(house, path) for path in forward]
    if disk_low(_standing(house.config.state)):
        fail("the disk is nearly full", TEMPORARY)
    limit = house.config.intake.max_size_octets
    content = sys.stdin.buffer.read(limit + 1)
    if len(content) > limit:
        fail(f"over {limit} octets (intake.max_size)", UNUSABLE)
    if not content.strip():
        fail("an empty message", UNUSABLE)
    take_in(house, desk.writing(house.config), content, reverse, to)


def _reverse(text: str) -> Address:
    from mailflow.mail.address import AddressError, parse_address

    try:
        return parse_address(text.strip().removeprefix("<").removesuffix(">"))
    except AddressError as error:
        fail(f"--from {text!r}: {error}", UNUSABLE)


def _welcome(house: House, text: str) -> Address:
    """An address of ours. What is no address at all is none of ours."""
    from mailflow.mail.address import AddressError, parse_address
    from mailflow.service.house import ELSEWHERE

    try:
        path = parse_address(text.strip().removeprefix("<").removesuffix(">"))
    except AddressError as error:
        fail(f"--to {text!r}: {error}", UNKNOWN)
    if (reply := house.welcome(path)) is not None:
        fail(f"{path}: {reply.text}", REFUSED if reply == ELSEWHERE else UNKNOWN)
    return path


def _standing(folder: Path) -> Path:
    """The folder, or the nearest one above that exists."""
    return next(one for one in (folder, *folder.parents) if one.exists())
