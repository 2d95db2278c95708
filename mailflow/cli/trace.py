"""The rehearsal of mails from files: each one's trace, as the object of operations.md §1.2 or as lines for people."""

import asyncio
import sqlite3
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import click

from mailflow.cli.changes import changes_as_rows
from mailflow.cli.recipient import recipient, reverse_path
from mailflow.cli.show import cell
from mailflow.mail.address import Address
from mailflow.proof.dns import TxtAnswer
from mailflow.service.house import House
from mailflow.service.simulate import Assumed, Mail, Trace, questions, simulate
from mailflow.store.protocol import Busy, Store
from mailflow.store.session import StoreError
from mailflow.wire.dns import SystemResolver, ask


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What is the same for all mails of one run. `reverse_path` None: each mail tells its own; (None,) is `<>`."""

    house: House
    store: Store
    now: datetime
    event: str | None
    reverse_path: tuple[Address | None] | None
    forward_path: Address | None
    dns: bool
    assume: Assumed | None
    letters: bool

    def trace(self, content: bytes) -> Trace:
        """Whatever is in the mail. A fault of ours that it meets is told in its evidence: the service would park it."""
        try:
            mail = self._mail(content)
            answers = asyncio.run(self._answers(mail)) if self.dns else {}
            return simulate(self.house, self.store, mail, self.now, answers=answers, assume=self.assume)
        except (Busy, StoreError, sqlite3.Error, OSError):
            raise
        except Exception as error:  # noqa: BLE001  a door: the next file must have its turn
            where = traceback.extract_tb(error.__traceback__)[-1]
            why = f"our own fault, it would be tried three times and then parked: {type(error).__name__}: {error}"
            return Trace(self.event, "refused", evidence=(f"{why} ({where.filename}:{where.lineno})",))

    def row(self, name: str, trace: Trace) -> dict[str, object]:
        """The object of operations.md §1.2, keys in its order."""
        return {
            "file": name,
            "event": trace.event,
            "intent": trace.intent,
            "mode": trace.mode,
            "secondary": trace.secondary,
            "fields": trace.fields or {},
            "language": trace.language,
            "proof": trace.proof,
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
                | ({"text": rendered.text} if self.letters else {})
                for letter, rendered in trace.letters
            ],
        }

    def tell(self, name: str, trace: Trace) -> None:
        """The trace for people."""
        beside = f", also {trace.secondary}" if trace.secondary else ""
        head = f"{trace.intent} ({trace.mode}){beside}, proof {trace.proof}, event {trace.event or 'none'}"
        click.echo(f"{name}: {head}" + (f", language {trace.language}" if trace.language else ""))
        for line in trace.evidence:
            click.echo(f"  because  {cell(line)}")
        for key, value in (trace.fields or {}).items():
            for line in _lines(key, value):
                click.echo(f"  found    {line}")
        for change in changes_as_rows(trace.decision):
            click.echo("  changes  " + cell({key: value for key, value in change.items() if value is not None}))
        for letter, rendered in trace.letters:
            languages = ", ".join(letter.languages)
            click.echo(f"  letter   {letter.kind} to {letter.to} ({languages}): {rendered.subject}")
            if self.letters:
                for line in rendered.text.splitlines():
                    click.echo(f"           | {line}")

    def _mail(self, content: bytes) -> Mail:
        sender = reverse_path(content) if self.reverse_path is None else self.reverse_path[0]
        if self.forward_path is not None:
            return Mail(content, sender, self.forward_path)
        named = Address(self.event, self.house.domain) if self.event else None
        return Mail(content, sender, named or recipient(self.house, content))

    async def _answers(self, mail: Mail) -> Mapping[str, TxtAnswer]:
        return await ask(SystemResolver(), questions(self.house, mail, self.now))


def _lines(key: str, value: object) -> Iterator[str]:
    """A line for each answer and each other person; "none" is an answer too."""
    match value:
        case Mapping():
            for question, answer in value.items():
                yield f"{key} {cell(question)}: {cell(answer)}"
        case [*others] if any(isinstance(other, Mapping) for other in others):
            for other in others:
                yield f"{key}: {cell(other)}"
        case _:
            yield f"{key}: {cell(value) or 'none'}"
