"""`mailflow simulate`: the full decision trace of a mail, touching nothing."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import click

from mailflow.cli.common import Desk, common, fail, octets_of, plain
from mailflow.cli.envelopes import envelope_of
from mailflow.mail.envelope import Envelope
from mailflow.proof.dns import Trusted, TxtAnswer
from mailflow.service.simulate import Trace, changes_as_rows
from mailflow.service.simulate import simulate as rehearse
from mailflow.service.study import Task, examine
from mailflow.wire.dns import SystemResolver, ask


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--event", help="The event; else the mail's own recipient, else the only one.")
@click.option("--at", metavar="TIME", help="As if it were this moment (ISO 8601).")
@click.option("--from", "reverse_path", metavar="ADDR", help='Reverse-path; "" or "<>" is the null path.')
@click.option("--to", "forward_path", metavar="ADDR", help="Forward-path.")
@click.option("--dns", is_flag=True, help="Ask DNS for DKIM keys; else none are known.")
@click.option("--assume-proof", type=click.Choice(["dkim", "none"]), help="Take the sender as proved, or as not.")
@click.option("--letters", is_flag=True, help="Show each letter's text.")
@common
def simulate(desk: Desk, files: tuple[str, ...], event: str | None, at: str | None, reverse_path: str | None,
             forward_path: str | None, dns: bool, assume_proof: Literal["dkim", "none"] | None, letters: bool) -> None:  # noqa: FBT001  click's signature  # fmt: skip
    """Read each mail exactly as intake would, against the present database. Writes nothing, sends nothing."""
    config = desk.config()
    house, _ = desk.house(config)
    store = desk.rehearsal_store(config)
    now = moment(at, config.site.timezone) if at else house.now()
    for name, content in octets_of(files):
        envelope = envelope_of(
            house,
            content,
            event=event,
            reverse_path=reverse_path,
            forward_paths=(forward_path,) if forward_path else (),
        )
        answers = asyncio.run(_ask(envelope, content, house.trusted)) if dns else {}
        trace = rehearse(house, store, envelope, content, now, answers=answers, assume=assume_proof)
        if desk.as_json:
            click.echo(json.dumps(_row(name, trace, letters=letters), ensure_ascii=False, default=plain))
        else:
            _show(name, trace, letters=letters)


def _row(name: str, trace: Trace, *, letters: bool) -> dict[str, object]:
    """The object of operations.md §1.2."""
    return {
        "file": name,
        "event": trace.event,
        "intent": trace.intent,
        "mode": trace.mode,
        "secondary": trace.secondary,
        "fields": trace.fields,
        "language": trace.language,
        "proof": trace.proof.how,
        "evidence": trace.evidence,
        "changes": changes_as_rows(trace.decision),
        "letters": [
            {
                "letter": letter.kind,
                "to": str(letter.to),
                "language": letter.languages[0],
                "subject": rendered.subject,
                "calendar": letter.calendar,
            }
            | ({"text": rendered.text} if letters else {})
            for letter, rendered in trace.letters
        ],
    }


def _show(name: str, trace: Trace, *, letters: bool) -> None:
    """The trace for people."""
    click.echo(f"{name}: {trace.intent} ({trace.mode}), proof {trace.proof.how}, event {trace.event}")
    for line in trace.evidence:
        click.echo(f"  because  {line}")
    for key, value in trace.fields.items():
        click.echo(f"  found    {key}: {value}")
    for change in changes_as_rows(trace.decision):
        click.echo("  changes  " + ", ".join(f"{key} {value}" for key, value in change.items() if value is not None))
    for letter, rendered in trace.letters:
        click.echo(f"  letter   {letter.kind} to {letter.to} ({letter.languages[0]}): {rendered.subject}")
        if letters:
            for line in rendered.text.splitlines():
                click.echo(f"           | {line}")


async def _ask(envelope: Envelope, content: bytes, trusted: Trusted) -> Mapping[str, TxtAnswer]:
    return await ask(SystemResolver(), examine(Task(0, envelope, content, trusted)).questions)


def moment(text: str, timezone: str) -> datetime:
    """An ISO 8601 time; without an offset it is wall time of the site."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is not a time such as 2019-08-20T09:00", 2)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=ZoneInfo(timezone))
