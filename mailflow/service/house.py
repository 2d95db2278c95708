"""What every part of the service needs to know, put together once from the configuration."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from mailflow.config.schema import Config
from mailflow.desk.budget import ASK_LIMITS, AskLimits
from mailflow.journal import Journal
from mailflow.mail.address import Address, split_subaddress
from mailflow.mail.reply import Reply
from mailflow.model.decision import Budget, Forwards
from mailflow.model.event import Event
from mailflow.model.seal import Seal
from mailflow.proof.dns import Trusted
from mailflow.render import Renderer
from mailflow.service.clock import Clock
from mailflow.store.rows import Counts, Retry

# Addresses that every domain must have (RFC 5321 §4.5.1, RFC 2142); their mail goes to `site.contact`.
ROLES = frozenset({"postmaster", "abuse"})

# The address for new events. It exists where `site.event_makers` names somebody.
MAKER = "new"

UNKNOWN = Reply(550, "5.1.1", "No such address here")
ELSEWHERE = Reply(550, "5.7.1", "This domain is not served here")


@dataclass(frozen=True, slots=True)
class House:
    """The values of a running site. Replaced as a whole when the configuration is read again."""

    config: Config
    events: dict[str, Event]
    seal: Seal
    renderer: Renderer
    journal: Journal
    clock: Clock
    ask_limits: AskLimits = ASK_LIMITS

    @property
    def domain(self) -> str:
        """The domain of the site, and of every Message-ID and UID."""
        return self.config.site.domain

    @property
    def trusted(self) -> Trusted:
        """Whose word counts."""
        trust = self.config.trust
        return Trusted(trust.authserv_ids, trust.verify_dkim, spf=trust.spf)

    @property
    def retry(self) -> Retry:
        """When letters are tried again."""
        return Retry(self.config.outgoing.retry, self.config.outgoing.give_up)

    def addressed(self, path: Address) -> tuple[str, str]:
        """(event id or role, detail behind the delimiter) of an address of ours; ("", "") for anything else.

        Case is ignored, and so is an unknown detail: it must not lose a mail.
        """
        if path.domain != self.domain:
            return "", ""
        base, detail = split_subaddress(path.local.casefold(), self.config.site.plus)
        if base in self.events or base in ROLES or (base == MAKER and self.config.site.event_makers):
            return base, detail or ""
        return "", ""

    def welcome(self, path: Address) -> Reply | None:
        """None for an address of ours, else why not."""
        return None if self.addressed(path)[0] else self.refusal(path)

    def refusal(self, path: Address) -> Reply:
        """Why an address that is none of ours is not taken."""
        return UNKNOWN if path.domain == self.domain else ELSEWHERE

    def budget_key(self, address: Address) -> str:
        """How budgets know an address: a keyed hash of its canonical form."""
        return self.seal.mac("budget", address.canonical).hex()[:32]

    def code_hash(self, code: str) -> str:
        """How a challenge code is kept: its SHA-256."""
        return hashlib.sha256(code.encode()).hexdigest()

    def budget(self, counts: Counts, forwards: Forwards | None = None) -> Budget:
        """The counts with the limits in force."""
        limits = self.config.limits
        return Budget(
            answers_last_hour=counts.answers_last_hour,
            answers_last_day=counts.answers_last_day,
            unproven_last_day=counts.unproven_last_day,
            unproven_last_month=counts.unproven_last_month,
            confirmed_lately=counts.confirmed_lately,
            answers_per_hour=limits.answers_per_hour,
            answers_per_day=limits.answers_per_day,
            unproven_per_day=limits.unproven_per_day,
            forwards=forwards or Forwards(),
        )

    def now(self) -> datetime:
        """Aware, UTC."""
        return self.clock.now()
