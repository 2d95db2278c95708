"""A Letter becomes subject, text, HTML and octets (letters.md). Nothing is decided here, and nothing is sent."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

from mailflow.mail.address import Address
from mailflow.mail.calendar import Calendars, NoCalendar
from mailflow.mail.clean import clean, clean_text, person_name
from mailflow.mail.compose import compose
from mailflow.mail.outline import File, Outline
from mailflow.model.event import Event
from mailflow.model.letter import Letter
from mailflow.model.registration import Registration
from mailflow.model.seal import Seal
from mailflow.model.statistics import Statistics
from mailflow.render import invitation
from mailflow.render.attached import attached
from mailflow.render.draw import Drawing, Occasion, draw
from mailflow.render.event_draft import first_seat
from mailflow.render.kept import Kept
from mailflow.render.links import mailto
from mailflow.render.poster import code_file, poster_file
from mailflow.render.sheets import badges_page, door_list_page, door_list_pdf
from mailflow.render.statistics import page_values
from mailflow.render.templates import Library, MissingTemplate, Sheet
from mailflow.render.words import Words

QUOTE_LENGTH = 10_000
REASON_LENGTH = 2_000
_REFERENCES = 10
_LISTED = ("reminder", "thank_you", "announcement")


@dataclass(frozen=True, slots=True)
class Site:
    """What letters need to know of the installation.

    `plus` is the recipient delimiter, "" without one. `contact` stands in where an event names nobody who takes
    questions. `folders` hold templates of one's own: `<event>/templates/<language>/` or `<language>/` inside them.
    `backups` is how long backups are kept.
    """

    domain: str
    name: str
    contact: str
    plus: str
    languages: tuple[str, ...]
    accent: str
    confirm_within: timedelta
    calendar_ask: bool
    calendar_alarm: timedelta | None
    folders: tuple[Path, ...] = ()
    backups: timedelta = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter ready for the outbox. `octets` are unsigned; `message_id` is without angle brackets."""

    octets: bytes
    message_id: str
    reverse_path: Address | None
    subject: str
    text: str
    html: str


class Renderer:
    """Renders letters. Templates are read and compiled once for each language and event; make a new one after HUP.

    `zone_octets` gives the TZif file of a zone, or None. Thread-safe; no clock, no chance.
    """

    def __init__(self, site: Site, seal: Seal, zone_octets: Callable[[str], bytes | None]) -> None:
        self._site = site
        self._seal = seal
        self._zone = lru_cache(maxsize=256)(zone_octets)
        self._library = Library(site.folders, site.accent)
        self._calendars = Calendars()
        self._kept = Kept()

    def render(self, letter: Letter, event: Event, reference: str, now: datetime) -> Rendered:
        """The finished letter. `reference` is its name (`Seal.reference`); the same arguments give the same octets.

        Raises jinja2.TemplateError for a broken template and MissingTemplate for a missing one: the transaction that
        decided rolls back, so that nobody has a seat without a letter.
        """
        address = Address(_home(letter, event), self._site.domain)
        letter = _cleaned(letter)
        if letter.kind == "event_cancelled" and letter.was is not None:
            # What does not take place is what its reader knew of; a time that was never told would only puzzle.
            event = letter.was
        sheets = self._sheets(letter, event)
        code = self._seal.challenge_code(letter.challenge) if letter.challenge else ""
        contact = self._site.contact or self._site.name
        calendar = self._calendar(letter, event, sheets[0], address, now)
        occasion = Occasion(
            letter,
            event,
            address,
            code,
            self._site.confirm_within,
            contact,
            now,
            calendar is not None,
            # What is kept of an event has its own address.
            Kept() if letter.kind == "event_draft" else self._kept,
            self._site.backups,
            order=self.alphabet(event) if letter.door_list else None,
        )
        drawing = draw(occasion, sheets)
        message_id = self._seal.message_id(letter.kind, reference, self._site.domain)
        outline = self._outline(letter, event, sheets, drawing, calendar, reference, message_id, now)
        return Rendered(
            octets=compose(outline),
            message_id=message_id,
            reverse_path=self._tagged(address, "b", reference) or address,
            subject=drawing.subject,
            text=drawing.text,
            html=drawing.html,
        )

    def alphabet(self, event: Event) -> Words:
        """The words of the event's own language: in its alphabet the door list stands, whoever reads it."""
        for language in (*event.languages, "en"):
            with suppress(MissingTemplate):
                return self._library.words(language, event.id)
        raise MissingTemplate(f"no words for {event.id}")

    def _sheets(self, letter: Letter, event: Event) -> tuple[Sheet, ...]:
        """One for each language of the letter; two languages that fall back to the same words are one."""
        found: dict[str, Sheet] = {}
        for language in letter.languages[:2] or event.languages[:1]:
            sheet = self._library.sheet(letter.kind, (language, *event.languages[:1]), event.id)
            found.setdefault(sheet.words.language, sheet)
        return tuple(found.values())

    def _tagged(self, address: Address, purpose: str, reference: str) -> Address | None:
        """`event+r.TOKEN@…`, or None on a site without sub-addresses."""
        if not self._site.plus:
            return None
        token = self._seal.token(purpose, reference)
        return Address(f"{address.local}{self._site.plus}{purpose}.{token}", address.domain)

    def _outline(
        self, letter: Letter, event: Event, sheets: tuple[Sheet, ...], drawing: Drawing, calendar: bytes | None,
        reference: str, message_id: str, now: datetime,
    ) -> Outline:  # fmt: skip
        sender = Address(_home(letter, event), self._site.domain)
        in_reply_to, references = _thread(letter)
        reply_to = self._tagged(sender, "r", reference)
        if letter.kind == "question_forwarded" and letter.cause and letter.cause.sender:
            reply_to = letter.cause.sender
        return Outline(
            sender_name=clean(event.short_title.get(sheets[0].words.language), 100),
            sender=sender,
            to_name=_to_name(letter),
            to=letter.to,
            subject=drawing.subject,
            date=now,
            message_id=message_id,
            text=drawing.text,
            html=drawing.html,
            auto_submitted="auto-generated" if letter.notice else "auto-replied",
            languages=tuple(sheet.words.language for sheet in sheets),
            in_reply_to=in_reply_to,
            references=references,
            reply_to=reply_to,
            further=(
                ("X-Mailflow", f"letter={letter.kind}; event={sender.local}"),
                *self._list(letter, event, sheets[0]),
            ),
            calendar=calendar,
            method=None if calendar is None else "CANCEL" if letter.calendar == "cancel" else "REQUEST",
            files=(*drawing.files, *self._attached(letter, event, sheets[0], now), *self._printed(letter, event, now)),
        )

    def _list(self, letter: Letter, event: Event, sheet: Sheet) -> tuple[tuple[str, str], ...]:
        """RFC 2919 and 2369, where many get the same letter: programs then offer a way out, and it is a mail too."""
        if letter.kind not in _LISTED or letter.registration is None:
            return ()
        stop = f"{sheet.words.command('stop')} {letter.registration.code}"
        return (
            ("List-Id", f"<{event.id}.{self._site.domain}>"),
            ("List-Unsubscribe", f"<{mailto(Address(event.id, self._site.domain), stop, '').partition('&')[0]}>"),
        )

    def _printed(self, letter: Letter, event: Event, now: datetime) -> tuple[File, ...]:
        """For who makes an event: the code and the poster, in the event's language; while it is a draft, what people
        are going to get.
        """
        new = letter.variant == "" or (letter.variant == "unread" and letter.draft is not None and letter.draft.file)
        if letter.kind not in ("event_draft", "event_published") or not new:
            return ()
        address, words = Address(event.id, self._site.domain), self.alphabet(event)
        files = (code_file(words, address), poster_file(self._library, words, event, address))
        if letter.kind == "event_published":
            return files
        seat = first_seat(letter, event, words, self._seal.booking_code(event.id, 1), now)
        seen = self.render(seat, event, self._seal.reference(0), now)
        return (*files, File("what-people-get.html", "text/html", seen.html.encode()))

    def _attached(self, letter: Letter, event: Event, sheet: Sheet, now: datetime) -> tuple[File, ...]:
        return attached(self._library, sheet.words, self.alphabet(event), letter, event, now)

    def page(self, kind: Literal["door_list", "badges"], event: Event, people: Sequence[Registration], language: str,
             now: datetime) -> bytes:  # fmt: skip
        """A page to print for those people, in that language, in the alphabet of the event: UTF-8 HTML."""
        words, order = self._library.words(language, event.id), self.alphabet(event)
        if kind == "badges":
            return badges_page(self._library, words, order, event, people)
        return door_list_page(self._library, words, order, event, people, now)

    def statistics_page(self, event: Event, told: Statistics, language: str, now: datetime) -> bytes:
        """Sign-ups in numbers, with bars: UTF-8 HTML that needs nothing from the network."""
        values = page_values(self._library.words(language, event.id), event, told, now)
        return self._library.page("statistics", **values)

    def door_list_pdf(self, event: Event, people: Sequence[Registration], language: str, now: datetime) -> bytes | None:
        """The door list as PDF; None without the extra."""
        return door_list_pdf(self._library.words(language, event.id), self.alphabet(event), event, people, now)

    def _calendar(self, letter: Letter, event: Event, sheet: Sheet, sender: Address, now: datetime) -> bytes | None:
        """The calendar part, or None: not asked for, or the attendee's address cannot stand in one."""
        registration = letter.registration
        if letter.calendar == "none" or registration is None:
            return None
        if letter.calendar == "cancel" and letter.was is not None:
            event = letter.was
        uid = self._seal.uid(event.id, registration.number, registration.epoch, self._site.domain)
        face = self._kept.get(
            event,
            ("face", sheet.words.language, letter.calendar, letter.state.revised_at),
            lambda: invitation.face(sheet.words, event, letter, sender, self._site.calendar_alarm),
        )
        seat = invitation.seat(letter, registration, uid, now, ask=self._site.calendar_ask)
        try:
            return self._calendars.build(face, seat, self._zone(event.timezone))
        except NoCalendar:
            return None


def _home(letter: Letter, event: Event) -> str:
    """The local part that the letter comes from: the event's own, which a draft does not have yet."""
    return letter.event if letter.kind == "event_draft" else event.id


def _cleaned(letter: Letter) -> Letter:
    """The sender's and the organiser's words, harmless and bounded; the sender's none at all for an unproved address
    (letters.md §1.7).
    """
    quote = clean_text(letter.quote, QUOTE_LENGTH) if letter.proved or letter.kind == "question_forwarded" else ""
    return replace(letter, quote=quote, reason=clean_text(letter.reason, REASON_LENGTH))


def _to_name(letter: Letter) -> str:
    """The name beside the address in To: only for proved senders, and for organisers (who are in our own file).

    A challenge names nobody, proved or not (trust.md §2.2).
    """
    if not letter.proved or letter.challenge:
        return ""
    registration = letter.registration
    if registration and registration.address.key == letter.to.key:
        return person_name(registration.name)
    return person_name(letter.to_name)


def _thread(letter: Letter) -> tuple[str, tuple[str, ...]]:
    """In-Reply-To and References: the mail that caused the letter, else the first one of that registration."""
    if letter.cause and letter.cause.message_id:
        chain = (*letter.cause.references, letter.cause.message_id)
        if len(chain) > _REFERENCES:
            chain = (chain[0], *chain[-_REFERENCES + 1 :])
        return letter.cause.message_id, chain
    if letter.registration and letter.registration.thread:
        return letter.registration.thread, (letter.registration.thread,)
    return "", ()
