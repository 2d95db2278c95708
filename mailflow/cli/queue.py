"""`mailflow queue`: outgoing letters, and incoming mail that failed three times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from mailflow.cli.arguments import Entry, entry
from mailflow.cli.desk import Desk, at_desk, at_desk_but_state, confirm
from mailflow.cli.leaving import NOTHING, fail
from mailflow.cli.options import shared

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailflow.store.protocol import Writer
    from mailflow.store.rows import InboxEntry, OutboxEntry

_MOST = 100_000


@click.group()
@shared
def queue() -> None:
    """Outgoing letters, and mail that failed. Ids: a number is a letter, m12 is a mail."""


@queue.command("list", short_help="What waits to go out, and what failed.")
@click.option("--state", "wanted", type=click.Choice(["due", "sent", "failed", "dropped"]), help="Only this state.")
@click.option("--all", "every", is_flag=True, help="Those that are done too.")
@at_desk_but_state
def queue_list(desk: Desk, wanted: Literal["due", "sent", "failed", "dropped"] | None, every: bool) -> None:  # noqa: FBT001  click's signature
    """What waits to go out, what could not, and mail that waits or failed. --state DIR goes before the verb."""
    with desk.reading(desk.config("later")).read() as reader:
        states = (wanted,) if wanted else (None,) if every else ("due", "failed")
        letters = [one for state in states for one in reader.letters(state=state, limit=_MOST)]
        mails = [] if wanted not in (None, "failed") else list(reader.mails(state="failed", limit=_MOST))
        mails += [] if wanted else list(reader.mails(state="waiting", limit=_MOST))
    desk.rows([*map(_letter, letters), *map(_mail, mails)], empty="The queue is empty.")


@queue.command("show")
@click.argument("name", metavar="ID")
@at_desk
def queue_show(desk: Desk, name: str) -> None:
    """One letter or mail, with the last answer of the other side."""
    wanted = entry(name)
    with desk.reading(desk.config("later")).read() as reader:
        if wanted.kind == "mail" and (mail := reader.mail_entry(wanted.number)):
            row = _mail(mail) | {"received": mail.received, "from": mail.reverse_path or "<>", "octets": mail.octets}
        elif wanted.kind == "letter" and (letter := reader.letter(wanted.number)):
            row = _letter(letter) | {
                "message_id": letter.message_id,
                "created": letter.created,
                "sent": letter.sent_at,
                "octets": letter.octets,
                "mail": None if letter.mail is None else f"m{letter.mail}",
            }
        else:
            fail(f"There is nothing with id {name}.", NOTHING)
    desk.one(row)


@queue.command("retry")
@click.argument("names", nargs=-1, metavar="ID…")
@click.option("--all", "every", is_flag=True, help="Every letter and mail that failed.")
@at_desk
def queue_retry(desk: Desk, names: tuple[str, ...], every: bool) -> None:  # noqa: FBT001  click's signature
    """Try again now, as if for the first time."""
    from mailflow.service.clock import RealClock

    if bool(names) == every:
        raise click.UsageError("Name ids, or give --all.")
    now = RealClock().now()

    def retry(writer: Writer, one: Entry) -> bool:
        return writer.retry_mail(one.number, now) if one.kind == "mail" else writer.retry_letter(one.number, now)

    _act(desk, names, "due again", retry)


@queue.command("drop")
@click.argument("names", nargs=-1, metavar="ID…", required=True)
@click.option("--reason", metavar="TEXT", default="dropped by the operator", help="Kept with the entry.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@at_desk
def queue_drop(desk: Desk, names: tuple[str, ...], reason: str, yes: bool) -> None:  # noqa: FBT001  click's signature
    """Give up on letters or mails; they stay listed with the reason."""
    from mailflow.service.clock import RealClock

    now = RealClock().now()
    for name in names:
        entry(name)
    confirm(f"Drop {', '.join(names)}?", yes)

    def drop(writer: Writer, one: Entry) -> bool:
        act = writer.drop_mail if one.kind == "mail" else writer.drop_letter
        return act(one.number, reason, now)

    _act(desk, names, "dropped", drop)


def _act(desk: Desk, names: tuple[str, ...], result: str, act: Callable[[Writer, Entry], bool]) -> None:
    """Do it to each that was named, or to all that failed; 4 when one of the named is not there to do it to."""
    wanted = [entry(name) for name in names]
    with desk.writing(desk.config("later")).write() as writer:
        done = {one: act(writer, one) for one in wanted or _failed(writer)}
    desk.rows(({"id": str(one), "result": result} for one, ok in done.items() if ok),
              empty="" if names else "Nothing to do.")  # fmt: skip
    if missed := [str(one) for one, ok in done.items() if not ok]:
        fail(f"Not found, or done already: {', '.join(missed)}", NOTHING)


def _failed(writer: Writer) -> list[Entry]:
    return [
        *(Entry("letter", one.id) for one in writer.letters(state="failed", limit=_MOST)),
        *(Entry("mail", one.id) for one in writer.mails(state="failed", limit=_MOST)),
    ]


def _letter(one: OutboxEntry) -> dict[str, object]:
    return {
        "id": str(one.id),
        "what": one.kind,
        "event": one.event,
        "to": one.to,
        "subject": one.subject,
        "state": one.state,
        "attempts": one.attempts,
        "next": one.next_attempt if one.state == "due" else None,
        "answer": " ".join(str(part) for part in (one.last_code, one.last_status, one.last_text) if part),
        "reason": one.reason,
    }


def _mail(one: InboxEntry) -> dict[str, object]:
    return {
        "id": f"m{one.id}",
        "what": "mail",
        "event": one.event,
        "to": one.forward_path,
        "subject": one.verdict.subject,
        "state": one.state,
        "attempts": one.attempts,
        "next": one.next_attempt if one.state in ("new", "waiting") else None,
        "answer": "",
        "reason": one.verdict.reason,
    }
