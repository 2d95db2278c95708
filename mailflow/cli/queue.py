"""`mailflow queue`: outgoing letters, and incoming mail that failed three times."""

import sys

import click

from mailflow.cli.common import Desk, Exit, common, common_but_state, fail
from mailflow.store.protocol import InboxEntry, OutboxEntry, Writer


@click.group()
def queue() -> None:
    """Outgoing letters, and mail that failed. Ids: a number is a letter, m12 is a mail."""


@queue.command("list")
@click.option("--state", "wanted", type=click.Choice(["due", "sent", "failed", "dropped"]), help="Only this state.")
@click.option("--all", "every", is_flag=True, help="Those that are done too.")
@common_but_state
def queue_list(desk: Desk, wanted: str | None, every: bool) -> None:  # noqa: FBT001  click's signature
    """What waits to go out, what could not, and mail that failed."""
    store = desk.store(desk.config())
    with store.read() as reader:
        states = (wanted,) if wanted else (None,) if every else ("due", "failed")
        letters = [entry for state in states for entry in reader.letters(state=state, limit=1000)]
        mails = [] if wanted not in (None, "failed") else list(reader.mails(state="failed", limit=1000))
        mails += [] if wanted else list(reader.mails(state="waiting", limit=1000))
    desk.rows([*(_letter(entry) for entry in letters), *(_mail(entry) for entry in mails)], empty="The queue is empty.")


@queue.command("show")
@click.argument("entry", metavar="ID")
@common
def queue_show(desk: Desk, entry: str) -> None:
    """One letter or mail, with the last answer of the other side."""
    store = desk.store(desk.config())
    kind, number = parse_id(entry)
    with store.read() as reader:
        found = reader.mail_entry(number) if kind == "mail" else reader.letter(number)
    if found is None:
        fail(f"There is nothing with id {entry}.", 4)
    desk.one(_mail(found) if isinstance(found, InboxEntry) else _letter(found))


@queue.command("retry")
@click.argument("entries", nargs=-1, metavar="ID…")
@click.option("--all", "every", is_flag=True, help="Every letter and mail that failed.")
@common
def queue_retry(desk: Desk, entries: tuple[str, ...], every: bool) -> None:  # noqa: FBT001
    """Try again now, as if for the first time."""
    _act(desk, entries, every=every, verb="Due again", act="retry")


@queue.command("drop")
@click.argument("entries", nargs=-1, metavar="ID…", required=True)
@click.option("--reason", default="dropped by the operator", help="Kept with the entry.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
def queue_drop(desk: Desk, entries: tuple[str, ...], reason: str, yes: bool) -> None:  # noqa: FBT001
    """Give up on letters or mails; they stay listed with the reason."""
    confirm(f"Drop {', '.join(entries)}?", yes=yes)
    _act(desk, entries, every=False, verb="Dropped", act="drop", reason=reason)


def _act(desk: Desk, entries: tuple[str, ...], *, every: bool, verb: str, act: str, reason: str = "") -> None:
    from mailflow.service.clock import RealClock  # noqa: PLC0415

    if not entries and not every:
        fail("Which? Name ids, or --all.", 2)
    store = desk.store(desk.config())
    now = RealClock().now()
    with store.write() as writer:
        ids = [parse_id(entry) for entry in entries] or _failed(writer)
        done: list[str] = []
        missed: list[str] = []
        for kind, number in ids:
            if act == "retry":
                ok = writer.retry_mail(number, now) if kind == "mail" else writer.retry_letter(number, now)
            elif kind == "mail":
                ok = writer.drop_mail(number, reason, now)
            else:
                ok = writer.drop_letter(number, reason, now)
            (done if ok else missed).append(f"m{number}" if kind == "mail" else str(number))
    desk.rows([{"id": name, "result": verb.lower()} for name in done], empty="Nothing to do.")
    if missed:
        desk.say(f"Not found, or already done: {', '.join(missed)}")
        if not done:
            raise Exit(4)


def _failed(writer: Writer) -> list[tuple[str, int]]:
    letters = [("letter", entry.id) for entry in writer.letters(state="failed", limit=100_000)]
    return letters + [("mail", entry.id) for entry in writer.mails(state="failed", limit=100_000)]


def parse_id(text: str) -> tuple[str, int]:
    """("mail", 12) for m12, ("letter", 12) for 12."""
    kind = "mail" if text[:1] in ("m", "M") else "letter"
    digits = text[1:] if kind == "mail" else text
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        fail(f"{text!r} is no id; a letter is a number, a mail is m and a number.", 2)
    return kind, int(digits)


def confirm(question: str, *, yes: bool) -> None:
    """Nothing is destroyed unasked: ask on a terminal, want --yes elsewhere."""
    if yes:
        return
    if not sys.stdin.isatty():
        fail(f"{question} Say --yes where nobody can be asked.", 2)
    click.confirm(question, abort=True, err=True)


def _letter(entry: OutboxEntry) -> dict[str, object]:
    return {
        "id": str(entry.id),
        "what": entry.kind,
        "event": entry.event,
        "to": entry.to,
        "subject": entry.subject,
        "state": entry.state,
        "attempts": entry.attempts,
        "next": entry.next_attempt if entry.state == "due" else None,
        "answer": " ".join(str(part) for part in (entry.last_code, entry.last_status, entry.last_text) if part),
        "reason": entry.reason,
    }


def _mail(entry: InboxEntry) -> dict[str, object]:
    return {
        "id": f"m{entry.id}",
        "what": "mail",
        "event": entry.event,
        "to": entry.forward_path,
        "subject": entry.verdict.subject,
        "state": entry.state,
        "attempts": entry.attempts,
        "next": entry.next_attempt if entry.state in ("new", "waiting") else None,
        "answer": "",
        "reason": entry.verdict.reason,
    }
