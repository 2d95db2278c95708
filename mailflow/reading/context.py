"""What the reading of one mail may know beside the mail."""

from dataclasses import dataclass
from typing import Literal

from mailflow.model.event import Question

Standing = Literal["none", "pending", "confirmed", "waiting", "offered", "cancelled"]


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """The event that was written to, and the place of this mail in a conversation.

    `domain` is where events live; `event` is the local part of this one; `plus` the recipient delimiter, "" for none.
    `standing` is that of the From address at this event; `organiser`: From is one of the event's, and proved to
    be; `claims`: nothing proves it.
    `titles`: what people call the event; `month`: when it is, 1 to 12, 0 for unknown. `answered` is the kind of our
    letter that this mail answers, "" for none.
    `making`: this is the address for new events, and the site's time zone; "" elsewhere.
    `tag`: what the tag in the recipient's address asks for, where its token was ours and the sender's.
    `thread`: the mail answers a letter of ours (In-Reply-To, References). `asked`: that letter was a question or an
    offer, or a challenge or open offer was located in another way: only then is a YES or NO one. `own_text` are the
    lines of the letter that is answered; `own_ids_domain` is the domain of our Message-IDs, "" for `domain`.
    """

    domain: str
    event: str
    plus: str
    languages: tuple[str, ...]
    questions: tuple[Question, ...]
    thread: bool = False
    asked: bool = False
    own_ids_domain: str = ""
    default_language: str = "en"
    own_text: tuple[str, ...] = ()
    standing: Standing = "none"
    organiser: bool = False
    claims: bool = False
    own_sender: bool = False
    titles: tuple[str, ...] = ()
    month: int = 0
    answered: str = ""
    making: str = ""
    tag: Literal["", "cancel", "confirm", "unsubscribe"] = ""

    @property
    def ids_domain(self) -> str:
        """The domain of our own Message-IDs."""
        return self.own_ids_domain or self.domain
