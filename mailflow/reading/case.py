"""One conclusion that is being drawn: what it is drawn from, and what it may come to (understanding.md §2.5)."""

from dataclasses import dataclass

from mailflow.model.intent import ForPeople, Silent, Wish
from mailflow.reading.context import ReadingContext
from mailflow.reading.gather import Gathered
from mailflow.reading.talk import Talk

_STANDING = frozenset({"pending", "confirmed", "waiting", "offered"})
# Letters in whose threads somebody who signs up again has a seat or a place in line already.
SEATED = frozenset({"registered", "waitlisted", "promoted", "status"})
SAFE = frozenset({"greeting", "polite", "courtesy", "thanks", "attending", "signoff"})


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The wish and how it was reached. `propose`: ask back first. `secondary` as in `Reading`."""

    wish: Wish | Silent
    evidence: tuple[str, ...]
    propose: bool = False
    secondary: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """All that one conclusion is drawn from."""

    found: Gathered
    talk: Talk
    context: ReadingContext
    quote: str

    @property
    def stands(self) -> bool:
        """The sender has a registration that can be changed or given up."""
        return self.context.standing in _STANDING

    def people(self, why: str, *, short: bool = False) -> Conclusion:
        """It goes to people, and that is why."""
        return Conclusion(ForPeople(self.quote, short), (why,))

    def turned(self, wishes: frozenset[str]) -> Conclusion:
        """It goes to people, since a word turns it."""
        words = f"turned by {', '.join(sorted(self.talk.turned))}"
        return self.people(f"{', '.join(sorted(wishes))}, {words}" if wishes else words)

    def sure(self, wish: Wish, why: str, *, forward: bool = True) -> Conclusion:
        """The wish, if everything is explained; else it is proposed. A question beside it goes to people as well."""
        asks = self.talk.asks
        propose = not self.talk.complete or (asks and not forward)
        return Conclusion(wish, (why,), propose, "question" if asks and forward else None)
