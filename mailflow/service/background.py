"""What the reader of a mail is told beside the mail: the event, the writer's standing, the letter that is answered."""

from mailflow.mail.message import Message
from mailflow.mail.written import HEAD_OCTETS, written_lines
from mailflow.model.event import Event
from mailflow.model.registration import Status
from mailflow.reading.context import ReadingContext, Standing
from mailflow.service.house import MAKER, House
from mailflow.service.organisers import staffed
from mailflow.service.references import Thread, thread_of
from mailflow.store.protocol import Reader
from mailflow.store.rows import Inbound

_STANDINGS: dict[Status, Standing] = {
    Status.PENDING: "pending",
    Status.CONFIRMED: "confirmed",
    Status.WAITING: "waiting",
    Status.OFFERED: "offered",
    Status.CANCELLED: "cancelled",
    Status.REMOVED: "cancelled",
    # A request that nobody confirmed never was a registration.
    Status.EXPIRED: "none",
}


def background_of(house: House, reader: Reader, inbound: Inbound, message: Message) -> tuple[Thread, ReadingContext]:
    """The letter that a mail answers, and what may be known while it is read: a bounded number of rows.

    `organiser` only says that From is on the event's list; `judge` adds whether that is proved.
    """
    thread = thread_of(house, reader, message, inbound.mail.forward_path, inbound.mail.event)
    event = house.events.get(inbound.mail.event)
    event = staffed(reader, event) if event else None
    site = house.config.site
    sender = message.sender
    known = reader.registration_of(event.id, sender) if event and sender else None
    languages = event.languages if event else site.languages
    context = ReadingContext(
        domain=house.domain,
        event=inbound.mail.event,
        plus=site.plus,
        languages=languages,
        questions=event.questions if event else (),
        thread=thread.located,
        asked=thread.asked or (known is not None and known.status is Status.OFFERED),
        default_language=languages[0],
        own_text=_own_text(reader, thread),
        standing=_STANDINGS[known.status] if known else "none",
        organiser=sender is not None and sender.key in (o.address.key for o in (event.organisers if event else ())),
        own_sender=sender is not None and bool(house.addressed(sender)[0]),
        titles=_titles(event) if event else (),
        month=event.starts.month if event else 0,
        answered=_answered(reader, thread),
        making=site.timezone if inbound.mail.event == MAKER else "",
    )
    return thread, context


def _answered(reader: Reader, thread: Thread) -> str:
    """The kind of the letter; a challenge that came back by its code alone is named after its letter."""
    letter = thread.letter
    if letter is None and thread.challenge is not None:
        letter = reader.letter_ref(thread.challenge.id)
    return letter.kind if letter else ""


def _own_text(reader: Reader, thread: Thread) -> tuple[str, ...]:
    """What we wrote in the letters that are answered: any line of it is quote, whatever program quotes it."""
    heads = (reader.letter_head(reference, HEAD_OCTETS) for reference in thread.references)
    return tuple(line for head in heads for line in written_lines(head))


def _titles(event: Event) -> tuple[str, ...]:
    """What people may call the event, in any of its languages."""
    return tuple(dict.fromkeys((*event.title.texts, *event.short_title.texts, event.id)))
