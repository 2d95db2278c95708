"""The middle of the one path: claim, study, decide, render, post. Commit ② is one transaction a batch."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from mailflow.mail.envelope import Envelope, Peer
from mailflow.model.event import Event
from mailflow.model.proof import UNPROVED
from mailflow.service.background import background_of
from mailflow.service.desk_clerk import Outcome, settle_mail
from mailflow.service.evidence import gather
from mailflow.service.house import MAKER, ROLES, House
from mailflow.service.making import settle_making
from mailflow.service.postmaster import forward_role_mail
from mailflow.service.references import Thread
from mailflow.service.scribe import Scribe
from mailflow.service.study import Case, Examined, Judged, Task
from mailflow.service.view import Studied
from mailflow.service.worker import WorkerDied
from mailflow.store.protocol import Writer
from mailflow.store.rows import Inbound
from mailflow.wire.dns import Resolver

BATCH = 64
# Mails that are decided and rendered in one piece of work. The door and the way out share the scribe with us: what
# takes a fifth of a second here is a fifth of a second in which nobody gets a 250 and no letter is ticked off.
SETTLE = 8
LEASE = timedelta(minutes=5)
PARK_AFTER = 3
# Under way at so many deaths of the service, the last ones alone (Writer.claim_mails): then it is the mail's doing.
DEADLY_AFTER = 6
# DNS gave no answer: look again this long after arrival, then judge as unproved (trust.md §1.5).
# The first look does not wait for slow name servers; what they say is mostly there ten seconds later.
DNS_LOOKS = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=6), timedelta(minutes=21))


class Student(Protocol):
    """Who studies mails: a worker process, or this one (simulate, tests)."""

    async def examine(self, tasks: Sequence[Task]) -> Sequence[Examined | WorkerDied]: ...
    async def judge(self, cases: Sequence[Case]) -> Sequence[Judged | WorkerDied]: ...


@dataclass(frozen=True, slots=True)
class Handler:
    """Takes claimed mails to their end states."""

    house: Callable[[], House]
    scribe: Scribe
    student: Student
    resolver: Resolver
    posted: Callable[[], None]
    published: Callable[[Event], None] = lambda _event: None

    async def handle(self) -> int:
        """One batch; how many mails it was. Never raises for what a mail contains."""
        house = self.house()
        claimed = await self.scribe.write(
            lambda writer: writer.claim_mails(BATCH, LEASE * house.clock.speed, house.now(), alone_after=PARK_AFTER)
        )
        if not claimed:
            return 0
        begun = time.perf_counter()
        # A mail that ends this very process each time is never released; it must not be touched for ever. Others that
        # were only in its company, or under way when somebody pulled the plug, have had their turn alone by then.
        deadly = [inbound for inbound in claimed if inbound.attempts > DEADLY_AFTER]
        studied = await self._study(house, [one for one in claimed if one.attempts <= DEADLY_AFTER])
        studied += [(Studied(one), "it ended the service six times") for one in deadly]
        for at in range(0, len(studied), SETTLE):
            await self._settle(house, studied[at : at + SETTLE], begun)
        return len(claimed)

    async def _settle(self, house: House, studied: Sequence[tuple[Studied, str]], begun: float) -> None:
        """Commit ② for some of a batch; the journal's `ms` count from `begun`, when the batch was claimed."""

        def settle(writer: Writer) -> list[Outcome]:
            return [self._settle_one(house, writer, one, broken) for one, broken in studied]

        outcomes = await self.scribe.write(settle)
        for outcome in outcomes:
            if outcome.published is not None:
                # Before its letter goes out: whoever reads that may write to the event at once.
                self.published(outcome.published)
        elapsed_ms = round((time.perf_counter() - begun) * 1000)
        for outcome in outcomes:
            outcome.tell(house.journal, elapsed_ms)
        if any(outcome.letters for outcome in outcomes):
            self.posted()

    def _settle_one(self, house: House, writer: Writer, one: Studied, broken: str) -> Outcome:
        """A savepoint a mail: what goes wrong with one rolls back alone and counts one attempt."""
        now = house.now()
        if not broken:
            try:
                with writer.savepoint():
                    if one.inbound.mail.event in ROLES:
                        return forward_role_mail(house, writer, one, now)
                    if one.inbound.mail.event == MAKER:
                        return settle_making(house, writer, one, now)
                    return settle_mail(house, writer, one, now)
            except Exception as error:  # noqa: BLE001  a door: the mail is kept, tried again and then parked
                house.journal.trouble(f"mail {one.inbound.id}", error)
                broken = type(error).__name__
        parked = writer.release_mail(one.inbound.id, broken, now, park_after=PARK_AFTER)
        return Outcome(one, "failed" if parked else "retry", broken)

    async def _study(self, house: House, claimed: Sequence[Inbound]) -> list[tuple[Studied, str]]:
        """Each mail with its proof and reading, or with the word for what went wrong with it."""
        tasks = [task_of(house, inbound) for inbound in claimed]
        examined = await self.student.examine(tasks)
        sound = [(inbound, task, one) for inbound, task, one in zip(claimed, tasks, examined, strict=True)
                 if isinstance(one, Examined)]  # fmt: skip
        evidence = await gather(self.resolver, [one for _, _, one in sound])
        backgrounds = await self.scribe.read(
            lambda reader: [background_of(house, reader, inbound, one.message) for inbound, _, one in sound]
        )
        cases = [
            Case(task, one.message, said.answers, context, house.now(), spf=said.spf)
            for (_, task, one), said, (_, context) in zip(sound, evidence, backgrounds, strict=True)
        ]
        judged = await self.student.judge(cases) if cases else []
        by_id = {case.task.id: (case, thread, verdict)
                 for case, (thread, _), verdict in zip(cases, backgrounds, judged, strict=True)}  # fmt: skip
        studied: list[tuple[Studied, str]] = []
        for inbound in claimed:
            case, thread, verdict = by_id.get(inbound.id, (None, Thread(), None))
            if case is None or not isinstance(verdict, Judged):
                studied.append((Studied(inbound), "the reader of this mail died"))
                continue
            proof = verdict.proof
            if proof.pending:
                now = house.now()
                until = next((at for wait in DNS_LOOKS if (at := inbound.received + wait) > now), None)
                if until is not None:
                    studied.append((Studied(inbound, case.message, proof, verdict.reading, thread, until), ""))
                    continue
                proof = replace(UNPROVED, details=(*proof.details, "DNS gave no answer in 21 minutes"))
            studied.append((Studied(inbound, case.message, proof, verdict.reading, thread), ""))
        return studied


def task_of(house: House, inbound: Inbound) -> Task:
    """What the worker is given of a mail."""
    mail = inbound.mail
    peer = Peer(mail.peer, mail.relay, mail.helo)
    envelope = Envelope(mail.reverse_path, (mail.forward_path,), mail.via, peer, mail.smtputf8)
    return Task(inbound.id, envelope, mail.octets, house.trusted)
