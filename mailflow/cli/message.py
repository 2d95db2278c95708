"""`mailflow message show`: one mail with its biography."""

import json
import sys

import click

from mailflow.cli.common import Desk, common, common_but_state, fail, plain
from mailflow.cli.queue import parse_id


@click.group()
def message() -> None:
    """Mail that came in."""


@message.command("list")
@click.option("--event", help="Only of this event.")
@click.option("--state", "wanted", help="new, waiting, done, silent, ignored, refused or failed.")
@common_but_state
def message_list(desk: Desk, event: str | None, wanted: str | None) -> None:
    """The newest mails, and how each ended."""
    store = desk.store(desk.config())
    with store.read() as reader:
        entries = reader.mails(state=wanted, event=event)
    desk.rows(
        {
            "id": f"m{entry.id}",
            "received": entry.received,
            "from": entry.verdict.sender or entry.reverse_path,
            "event": entry.event,
            "intent": entry.verdict.intent,
            "state": entry.state,
            "reason": entry.verdict.reason,
        }
        for entry in entries
    )


@message.command("show")
@click.argument("entry", metavar="ID")
@click.option("--raw", is_flag=True, help="The mail as it came, while it is kept.")
@common
def message_show(desk: Desk, entry: str, raw: bool) -> None:  # noqa: FBT001  click's signature
    """Verdicts, intent, changes and letters of one mail."""
    store = desk.store(desk.config())
    number = parse_id(entry if entry[:1] in ("m", "M") else f"m{entry}")[1]
    with store.read() as reader:
        found = reader.mail_entry(number)
        if found is None:
            fail(f"There is no mail {entry}.", 4)
        octets = reader.mail_octets(number)
        letters = reader.letters(mail=number)
        steps = [step for step in reader.history(found.event) if step.mail == number]
    if raw:
        if octets is None:
            fail("Its source is not kept any more.", 4)
        sys.stdout.buffer.write(octets)
        return
    verdict = found.verdict
    row = {
        "id": f"m{found.id}",
        "received": found.received,
        "reverse_path": found.reverse_path or "<>",
        "forward_path": found.forward_path,
        "event": found.event,
        "sender": verdict.sender,
        "subject": verdict.subject,
        "octets": found.octets,
        "state": found.state,
        "reason": verdict.reason,
        "attempts": found.attempts,
        "proof": verdict.proof,
        "intent": verdict.intent,
        "evidence": list(verdict.evidence),
        "changes": [{"number": step.number, "what": step.what, "status": step.status} for step in steps],
        "letters": [
            {"id": letter.id, "letter": letter.kind, "to": letter.to, "state": letter.state, "subject": letter.subject}
            for letter in letters
        ],
    }
    if desk.as_json:
        click.echo(json.dumps(row, ensure_ascii=False, default=plain))
        return
    desk.one({key: value for key, value in row.items() if not isinstance(value, list)})
    for key in ("evidence", "changes", "letters"):
        for line in row[key]:  # type: ignore[attr-defined]  # these three are lists
            text = line if isinstance(line, str) else ", ".join(f"{k} {v}" for k, v in line.items())
            click.echo(f"  {key[:-1] if key != 'evidence' else 'because'}: {text}")
