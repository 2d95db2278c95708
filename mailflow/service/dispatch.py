"""The way out: claim, sign, deliver, settle. The attempt is counted before anything is sent."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, Protocol, assert_never

from mailflow.desk.settle import Deferred, Failed, Sent, Settlement, settle
from mailflow.mail.reply import Reply
from mailflow.service.bounces import refused
from mailflow.service.desk_clerk import carry_out
from mailflow.service.house import House
from mailflow.service.postmaster import PASSED_ON
from mailflow.service.scribe import Scribe
from mailflow.store.protocol import Writer
from mailflow.store.rows import Outgoing
from mailflow.wire.courier import Courier

# Letters under way at once. The courier keeps a few connections; the rest waits for one of them.
UNDER_WAY = 32
# And what they hold in memory together: role mail is as large as the door lets in.
OCTETS_UNDER_WAY = 64 * 1024 * 1024
# A letter under way must not be claimed a second time, however slow the other side is.
PATIENCE_SECONDS = 300
LEASE = timedelta(seconds=2 * PATIENCE_SECONDS)


class Signs(Protocol):
    """A DKIM signer."""

    def sign(self, content: bytes, now: datetime) -> bytes: ...


class Dispatcher:
    """Carries due letters away. `signer` gives None where the relay signs."""

    def __init__(
        self,
        house: Callable[[], House],
        scribe: Scribe,
        courier: Callable[[], Courier],
        signer: Callable[[], Signs | None],
        threads: Executor,
        *,
        octets: int = OCTETS_UNDER_WAY,
    ) -> None:
        self.house = house
        self.scribe = scribe
        self.courier = courier
        self.signer = signer
        self.threads = threads
        self.octets = octets
        self._under_way: dict[asyncio.Task[None], int] = {}

    async def dispatch(self) -> int:
        """Start what is due, as far as there is room; how many letters that was. Waits a second where there is none."""
        letters, octets = self._room()
        if letters < UNDER_WAY // 2 or octets < self.octets // 2:
            await asyncio.wait(self._under_way, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            letters, octets = self._room()
        if letters <= 0 or octets <= 0:
            return 1  # come again: there may be room by then, or the service may be ending
        house = self.house()
        if most := house.config.limits.letters_per_hour:
            since = house.now() - timedelta(hours=1)
            gone = await self.scribe.read(lambda reader: reader.sent_since(since, most))
            letters = min(letters, most - gone - len(self._under_way))
            if letters <= 0:
                return 0  # they wait where they are, and none is lost (trust.md §4)
        lease = LEASE * house.clock.speed
        retry = replace(house.retry, waits=tuple(max(wait, lease) for wait in house.retry.waits))
        claimed = await self.scribe.write(
            lambda writer: writer.claim_letters(letters, retry, house.now(), octets=octets)
        )
        for item, signed in zip(claimed, await self._signed(house, claimed), strict=True):
            # The signed octets are kept alone, or each letter would be in memory twice.
            task = asyncio.create_task(self._one(house, replace(item, octets=b""), signed))
            self._under_way[task] = len(item.octets)
            task.add_done_callback(self._under_way.pop)
        return len(claimed)

    def _room(self) -> tuple[int, int]:
        """How many more letters may be under way, and how many octets; the octets may be less than none."""
        return UNDER_WAY - len(self._under_way), self.octets - sum(self._under_way.values())

    async def finish(self, seconds: float) -> None:
        """Let what is under way come to its end, for at most that long; then let go of it."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _signed(self, house: House, items: Sequence[Outgoing]) -> list[bytes | Exception]:
        """Each letter signed, as the last step before the wire, or what went wrong. One hop into a thread for all.

        What we pass on stays as it is: our signature would vouch for a From that nobody has proved, our own addresses
        among them.
        """
        signer = self.signer()
        if signer is None or not items:
            return [item.octets for item in items]
        now = house.now()

        def sign_all() -> list[bytes | Exception]:
            outcomes: list[bytes | Exception] = []
            for item in items:
                try:
                    outcomes.append(item.octets if item.kind == PASSED_ON else signer.sign(item.octets, now))
                except Exception as error:  # noqa: BLE001  one letter that cannot be signed must not hold up others
                    outcomes.append(error)
            return outcomes

        return await asyncio.get_running_loop().run_in_executor(self.threads, sign_all)

    async def _one(self, house: House, item: Outgoing, octets: bytes | Exception) -> None:
        """Deliver, and write down what became of it.

        Each letter is settled by itself: the scribe shares the commits, and a slow one holds nobody up.
        """
        try:
            if isinstance(octets, Exception):
                raise octets  # noqa: TRY301  what could not be signed ends like what could not be sent
            async with asyncio.timeout(PATIENCE_SECONDS):
                reply = await self.courier().deliver(item.reverse_path, item.to, octets)
        except TimeoutError:
            reply = Reply(421, "4.4.2", "no answer in five minutes")
        except Exception as error:  # noqa: BLE001  a door: the letter stays and is tried again
            house.journal.trouble(f"letter {item.id}", error)
            reply = Reply(451, "4.3.0", "our own fault, see the log")
        now = house.now()
        retry = house.retry
        outcome = settle(item.attempts, item.created, reply, now, retry.waits, retry.give_up)
        try:
            await self.scribe.write(lambda writer: _write(house, writer, item, reply, outcome, now))
        except Exception as error:  # noqa: BLE001  the lease runs out, and the letter goes once more: the one double
            house.journal.trouble(f"letter {item.id}", error)
            return
        house.journal.letter_out(item.id, to=item.to, kind=item.kind, outcome=_word(outcome),
                                 code=reply.code, status=reply.status, attempt=item.attempts,
                                 until=outcome.until if isinstance(outcome, Deferred) else None)  # fmt: skip


def _word(outcome: Settlement) -> Literal["sent", "deferred", "failed"]:
    return "sent" if isinstance(outcome, Sent) else "deferred" if isinstance(outcome, Deferred) else "failed"


def _write(house: House, writer: Writer, item: Outgoing, reply: Reply, outcome: Settlement, now: datetime) -> None:
    match outcome:
        case Sent():
            writer.sent(item.id, reply.code, reply.status, reply.text, now)
        case Deferred(until=until):
            writer.deferred(item.id, until, reply.code, reply.status, reply.text)
        case Failed(reason=reason):
            writer.failed(item.id, reason, reply.code, reply.status, reply.text, now)
            _follow(house, writer, item, reply, now)
        case _:
            assert_never(outcome)


def _follow(house: House, writer: Writer, item: Outgoing, reply: Reply, now: datetime) -> None:
    """What a refusal says of the address counts like a report. A fault in that must not send the letter once more."""
    try:
        with writer.savepoint():
            if item.kind != PASSED_ON and (decision := refused(house, writer, item, reply, now)) is not None:
                carry_out(house, writer, decision, item.event, now, None)
    except Exception as error:  # noqa: BLE001  the letter has ended all the same
        house.journal.trouble(f"letter {item.id}", error)
