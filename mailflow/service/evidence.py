"""What DNS says about a batch of mails: the names that judging asks for, and SPF where a stranger's server came."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import zip_longest

from mailflow.proof.dns import Answer, Asked, TxtAnswer
from mailflow.proof.spf import Spf, SpfQuestion, evaluate
from mailflow.service.study import Examined
from mailflow.wire.dns import MAX_QUERIES, Resolver, ask

# How long a batch waits: most answers come within a tenth of it. What comes later is there at the next look, and a
# stranger's mute name server takes two seconds from everybody behind, not ten.
WITHIN = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Evidence:
    """For one mail: an answer to each of its questions, and the result of SPF if that was asked."""

    answers: Mapping[str, TxtAnswer] = field(default_factory=dict)
    spf: Spf | None = None


async def gather(resolver: Resolver, mails: Sequence[Examined]) -> list[Evidence]:
    """In the order of the mails, within two seconds for all. Never raises for what a mail or a name server does.

    40 queries a mail (trust.md §12). Each mail's next question comes before anybody's one after it, so that a mail with
    forty slow names among them takes no more than its turn from the others.
    """
    rows = zip_longest(*(mail.questions for mail in mails))
    names = [name for row in rows for name in row if name is not None]
    answers, results = await asyncio.gather(
        ask(resolver, names, WITHIN, MAX_QUERIES * len(mails)),
        asyncio.gather(*(_spf(resolver, mail) for mail in mails)),
    )
    return [
        Evidence({name: answers[name] for name in mail.questions}, spf)
        for mail, spf in zip(mails, results, strict=True)
    ]


async def _spf(resolver: Resolver, mail: Examined) -> Spf | None:
    return None if mail.spf is None else await ask_spf(resolver, mail.spf, MAX_QUERIES - len(mail.questions))


async def ask_spf(resolver: Resolver, question: SpfQuestion, most: int, within: timedelta = WITHIN) -> Spf:
    """Step by step, each in a thread, since pyspf is slow and its records are strangers' (trust.md §1.3)."""
    answers: dict[Asked, Answer] = {}
    try:
        async with asyncio.timeout(within.total_seconds()):
            while True:
                step = await asyncio.to_thread(evaluate, question, answers, most)
                if isinstance(step, Spf):
                    return step
                answers[step.asked] = await resolver.look_up(*step.asked)
    except TimeoutError:
        return Spf("temperror", question.domain, "no answer in time")
