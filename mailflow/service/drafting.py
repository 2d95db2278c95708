"""A sketch becomes a draft: the file that it makes, the event that this file is, and the letter about it."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from mailflow.config.event import read_event
from mailflow.config.event_text import Home, event_file, event_id
from mailflow.config.problems import ConfigError
from mailflow.mail.address import Address
from mailflow.mail.clean import person_name
from mailflow.model.event import Event, EventState, Organiser
from mailflow.model.letter import Cause, Letter
from mailflow.model.seal import find_challenge_codes
from mailflow.model.sketch import EventDraft, Sketch
from mailflow.reading.event_text import with_defaults
from mailflow.reading.event_words import words
from mailflow.service.house import MAKER, House
from mailflow.service.view import Studied
from mailflow.store.protocol import Reader, Writer
from mailflow.store.rows import Outgoing

# What an event has that nobody said a number of; the letter says that it is a guess.
SEATS = 40
_STAND_IN = {"en": "New event", "sv": "Nytt evenemang"}

Variant = Literal["", "incomplete", "unread", "moved", "called_off"]


@dataclass(frozen=True, slots=True)
class Drafter:
    """One maker's mail at hand."""

    house: House
    writer: Writer
    one: Studied
    maker: Address
    now: datetime

    @property
    def language(self) -> str:
        """That of the mail, where the site writes it; else the site's first."""
        spoken = self.one.reading.language if self.one.reading else None
        return spoken if spoken in self.house.config.site.languages else self.house.config.site.languages[0]

    @property
    def home(self) -> Home:
        """What the site and the maker are to the file."""
        name = person_name(self.one.message.sender_name) if self.one.message else ""
        organiser = Organiser(name or self.maker.local, self.maker, self.language)
        return Home(self.house.config.site.timezone, organiser)

    def drafted(self, sketch: Sketch, before: EventDraft | None = None) -> EventDraft:
        """The draft that the sketch is, finished as far as it goes; not kept yet."""
        spoken = sketch.language if sketch.language in self.house.config.site.languages else ""
        language = before.language if before else self.language
        sketch = with_defaults(replace(sketch, language=spoken), language, SEATS)
        draft = before or EventDraft(0, self.maker, "make", "", sketch, language, self.now)
        own = before.event if before else ""
        if not own or (before and before.sketch.title != sketch.title):
            own = event_id(sketch.title, words("small"), lambda name: name != own and self.taken(name))
        if sketch.closes_day is not None and self._closed_already(sketch):
            # Nobody could sign up; better until it begins, and said so.
            kept = tuple(piece for piece in sketch.guessed if piece != "closes")
            sketch = replace(sketch, closes_day=None, closes_at=None, guessed=(*kept, "closes"))
        return replace(draft, event=own, sketch=sketch, file=self._file(sketch, own))

    def _closed_already(self, sketch: Sketch) -> bool:
        zone = ZoneInfo(sketch.timezone or self.house.config.site.timezone)
        last = sketch.closes_day or self.now.date()
        return datetime.combine(last, sketch.closes_at or time(23, 59), zone).astimezone(UTC) <= self.now

    def taken(self, name: str) -> bool:
        """Whether that id is another event's, a draft's, or a mailbox of somebody's that we know."""
        site = self.house.config.site
        people = {one.local.casefold() for one in (site.contact, self.maker) if one.domain == site.domain}
        return (
            name in self.house.events
            or name in people
            or (site.events / f"{name}.toml").exists()
            or self.writer.event_state(name) is not None
            or self.writer.draft_named(name)
        )

    def _file(self, sketch: Sketch, own: str) -> str:
        """The text of the file, "" where it would be none: something is missing, or it is over."""
        with suppress(ValueError, ConfigError):
            text = event_file(sketch, self.home)
            return text if self.event_of(text, own).starts > self.now else ""
        return ""

    def event_of(self, text: str, own: str) -> Event:
        """The event of that file, by the loader that checks every file. Raises ConfigError."""
        return read_event(text, own, self.house.domain, self.house.config.event_defaults)

    def shown(self, draft: EventDraft) -> Event:
        """The event as its letter shows it; where something is missing, with stand-ins that it does not show."""
        if draft.file:
            return self.event_of(draft.file, draft.event)
        sketch = draft.sketch
        title = sketch.title or _STAND_IN.get(draft.language, _STAND_IN["en"])
        soon = (self.now + timedelta(days=14)).astimezone(ZoneInfo(self.house.config.site.timezone)).date()
        whole = replace(sketch, title=title, day=sketch.day or soon, begins=sketch.begins or time(12), closes_day=None)
        with suppress(ConfigError):
            return self.event_of(event_file(whole, self.home), draft.event)
        # An hour that summer time skips, or a text that is no file: then without all that may be wrong.
        bare = Sketch(title=title, day=soon, begins=time(12), ends=time(13), seats=SEATS, language=sketch.language)
        return self.event_of(event_file(bare, self.home), draft.event)

    def keep_and_tell(
        self, draft: EventDraft, event: Event, variant: Variant, was: Event | None = None
    ) -> EventDraft:  # fmt: skip
        """The draft in its new state, and the letter whose answer does something from now on. `was`: as it stands."""
        number = self.writer.next_letter()
        reference = self.house.seal.reference(number)
        code = self.house.code_hash(self.house.seal.challenge_code(reference))
        kept = self.writer.keep_draft(replace(draft, reference=reference, code_hash=code))
        state = self.writer.event_state(event.id) or state_of_file(event)
        letter = replace(self.letter(kept, variant, state), was=was)
        rendered = self.house.renderer.render(letter, event, reference, self.now)
        self.writer.post(
            Outgoing(
                id=number,
                reference=reference,
                kind=letter.kind,
                event=MAKER,
                number=kept.id,
                to=letter.to,
                reverse_path=rendered.reverse_path,
                message_id=rendered.message_id,
                subject=rendered.subject,
                language=letter.languages[0],
                octets=rendered.octets,
                created=self.now,
                challenge=reference,
                mail=self.one.inbound.id,
            )
        )
        return kept

    def letter(self, draft: EventDraft, variant: Variant, state: EventState) -> Letter:
        """To the maker, in answer to the mail."""
        message = self.one.message
        assert message is not None
        cause = Cause(
            message.message_id, message.references, message.subject, message.sender, message.sender_name, proved=True
        )  # fmt: skip
        return Letter(
            kind="event_draft",
            event=MAKER,
            to=self.maker,
            languages=(draft.language,),
            state=state,
            variant=variant,
            cause=cause,
            challenge=draft.reference,
            draft=draft,
        )


def variant_of(draft: EventDraft) -> Variant:
    """Which letter shows the draft."""
    return "" if draft.file else "incomplete"


def state_of_file(event: Event) -> EventState:
    """What will be in force when the event is new."""
    opens, closes = (moment.astimezone(UTC) if moment else None for moment in (event.opens, event.closes))
    return EventState(event.capacity, opens, closes)


def located(house: House, reader: Reader, one: Studied) -> tuple[EventDraft | None, bool]:
    """The draft whose letter this mail answers, and whether that letter is the newest about it.

    Thread, tag and the code in the subject have to say the same.
    """
    codes = {house.code_hash(code) for code in find_challenge_codes(one.message.subject if one.message else "")}
    letter = one.thread.letter
    draft = reader.event_draft(letter.number) if letter is not None and letter.number is not None else None
    if draft is None and len(codes) == 1:
        draft = reader.draft_by_code(next(iter(codes)))
    if draft is None:
        return None, False
    return draft, codes <= {draft.code_hash} and set(one.thread.references) <= {draft.reference}
