"""Whether an answer may go out (trust.md §4, letters.md §3.3). Counting is the store's, the rule is here."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mailflow.model.decision import Asked, Budget
from mailflow.model.letter import Letter
from mailflow.model.proof import Proof

# An address that confirmed a challenge lately may also cancel on the day it signed up.
_CONFIRMED_PER_DAY = 3
_UNPROVEN_PER_MONTH = 3
# Mails of unproved senders that reach an event's organisers in an hour, and all organisers of a site. Each becomes a
# letter to every one of them; more in an hour is somebody's program, and is read at once in the digest.
_STRANGERS_PER_EVENT = 20
_STRANGERS_PER_SITE = 100
# The same of everybody together: whoever has a domain has as many proved senders as he likes.
_MAILS_PER_EVENT = 100
_MAILS_PER_SITE = 500
# Two programs that find each other fall silent (trust.md §5).
_ANSWERS_TO_ANSWERS = 3

# What a mail that a limit holds up says of itself begins so, and goes on with which limit.
LIMIT = "limit: "
# With more than so many of its last hundred questions unanswered, somebody uses an event against others.
_UNANSWERED_MOST = 50
# Where half of all people have their mailbox, thirty in an hour are no sign of anything.
_PROVIDERS = frozenset({
    "163.com", "aol.com", "bredband.net", "comhem.se", "fastmail.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net",
    "googlemail.com", "hotmail.com", "hotmail.de", "hotmail.fr", "hotmail.no", "hotmail.se", "icloud.com", "live.com",
    "live.se", "mac.com", "mail.com", "me.com", "msn.com", "orange.fr", "outlook.com", "outlook.de", "outlook.dk",
    "outlook.fi", "outlook.fr", "outlook.no", "outlook.se", "proton.me", "protonmail.com", "qq.com", "t-online.de",
    "telia.com", "web.de", "yahoo.com", "yahoo.de", "yahoo.fr", "yahoo.se",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskLimits:
    """How many letters to people who have not proved themselves go out in an hour (trust.md §4).

    `doubted`: for an event whose questions nobody answers. `provider`: to a domain of the large mailbox providers.
    `role`: mails to a role address that are passed on to the contact. They are as large as the door lets in, and each
    is a letter among all those that a site may send.
    """

    site: int = 500
    event: int = 200
    doubted: int = 20
    domain: int = 30
    provider: int = 300
    network: int = 20
    role: int = 60


ASK_LIMITS = AskLimits()


def doubted(ran_out: int) -> bool:
    """Whether more than half of an event's last hundred questions ran out unanswered."""
    return ran_out > _UNANSWERED_MOST


def limit_reached(asked: Asked, domain: str, to_domain: int, in_all: int, limits: AskLimits = ASK_LIMITS) -> str:
    """Which limit one more mail would break, as a reason; "" for none.

    It causes `in_all` letters, `to_domain` of them to addresses of `domain`.
    """
    checks = (
        ("one network", asked.network + in_all, limits.network),
        ("one domain", asked.domain + to_domain, limits.provider if domain in _PROVIDERS else limits.domain),
        ("one event", asked.event + in_all, limits.doubted if doubted(asked.ran_out) else limits.event),
        ("the site", asked.site + in_all, limits.site),
    )
    return next((LIMIT + name for name, would_be, most in checks if would_be > most), "")


def role_limit_reached(role: str, asked: Asked, limits: AskLimits = ASK_LIMITS) -> str:
    """Which limit one more mail to that role address would break, as `limit_reached` says it."""
    checks = (("one network", asked.network, limits.network), (role, asked.event, limits.role))
    return next((LIMIT + name for name, passed_on, most in checks if passed_on >= most), "")


def may_ask(budget: Budget) -> bool:
    """Whether an address that has not proved itself may get one more letter."""
    if budget.confirmed_lately:
        return budget.unproven_last_day < max(_CONFIRMED_PER_DAY, budget.unproven_per_day)
    return (
        budget.unproven_last_day < budget.unproven_per_day
        and budget.unproven_last_month < max(_UNPROVEN_PER_MONTH, budget.unproven_per_day)
    )  # fmt: skip


def held_back(budget: Budget, *, proved: bool, answers: bool) -> str:
    """Why a mail is kept for the organisers' digest instead of being sent to them, "" when it is sent.

    `answers`: a program may have written it in answer to us, or a letter of ours may cause the next one.
    """
    forwards = budget.forwards
    if forwards.same_text:
        return "they got the same words today"
    of_sender = min(_ANSWERS_TO_ANSWERS, budget.answers_per_day) if answers else budget.answers_per_day
    if forwards.of_sender >= of_sender:
        return "enough from this sender today"
    if not proved and (
        forwards.unproved_of_event >= _STRANGERS_PER_EVENT or forwards.unproved_of_site >= _STRANGERS_PER_SITE
    ):
        return "too many mails of unproved senders in an hour"
    if forwards.of_event >= _MAILS_PER_EVENT or forwards.of_site >= _MAILS_PER_SITE:
        return "too many mails in an hour"
    return ""


def within(budget: Budget, proof: Proof, letters: Iterable[Letter]) -> tuple[Letter, ...]:
    """The answers among `letters` that may go out; notices pass always.

    A proved person gets the last allowed letter with the sentence that says we fall silent; the act is done all the
    same. An answer to somebody unproved passes only while one is left.
    """
    kept = []
    for letter in letters:
        if letter.notice:
            kept.append(letter)
        elif not (letter.proved and proof.aligned):
            if may_ask(budget):
                kept.append(letter)
        elif budget.answers_last_hour < budget.answers_per_hour and budget.answers_last_day < budget.answers_per_day:
            last = budget.answers_last_hour + 1 >= budget.answers_per_hour
            kept.append(replace(letter, last_for_an_hour=last))
    return tuple(kept)
