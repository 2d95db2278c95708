"""One event file → Event, or every problem at once (operations.md §3)."""

from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from mailflow.config import values
from mailflow.config.event_name import FORM, TAKEN, name_fault
from mailflow.config.face import face
from mailflow.config.moments import before, wall_in
from mailflow.config.problems import ConfigError, Problem
from mailflow.config.questions import questions
from mailflow.config.schema import RHYTHM, EventDefaults
from mailflow.config.section import Report, Section, parse_toml, read_toml
from mailflow.config.values import Kind, one_of, whole
from mailflow.config.words import line, localized, localized_title, title
from mailflow.model.event import After, Event, Item, Localized, Organiser, Reminder, Venue, WaitingList

__all__ = ["face", "load_event", "load_events"]

_SHORT_MOST = 40


def _geo(raw: object) -> tuple[float, float]:
    if not isinstance(raw, list) or len(raw) != 2 or not all(type(number) in (int, float) for number in raw):
        raise ValueError
    latitude, longitude = map(float, raw)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("-90 to 90 and -180 to 180")
    return latitude, longitude


_MODE: Kind[Literal["auto", "offer", "off"]] = one_of("auto", "offer", "off")
_HOURS = values.many(whole(0, 720, 24), "a list of hours before the start", "[24, 2]", most=10)
_GEO = Kind("latitude and longitude", "[55.71, 13.19]", _geo)
_DOMAINS = values.many(values.DOMAIN, "a list of domains", '["lu.se"]')


def load_event(path: Path, site_domain: str, defaults: EventDefaults = EventDefaults()) -> Event:  # noqa: B008  a frozen value
    """The event of that file; its name without `.toml` is the id. Raises ConfigError with every problem.

    `defaults` are what the site says where the file is silent (`Config.event_defaults`).
    """
    report = Report(str(path))
    if fault := name_fault(path.stem):
        report.fault("", f"a file name of {FORM}", "creative-machines.toml", f"{fault}; it is the event's address")
    event = _Reader(Section(read_toml(path), report), defaults, site_domain).event(path.stem)
    report.close()
    if report.problems:
        raise ConfigError(report.problems)
    return event


def read_event(text: str, identity: str, site_domain: str, defaults: EventDefaults) -> Event:
    """The event of a file's text that is not written yet, by the same rules. Raises ConfigError with every problem."""
    name = f"{identity}.toml"
    report = Report(name)
    if fault := name_fault(identity):
        report.fault("", f"a file name of {FORM}", "", fault)
    event = _Reader(Section(parse_toml(name, text), report), defaults, site_domain).event(identity)
    report.close()
    if report.problems:
        raise ConfigError(report.problems)
    return event


def load_events(folder: Path, site_domain: str, defaults: EventDefaults = EventDefaults()) -> tuple[Event, ...]:  # noqa: B008  a frozen value
    """All `*.toml` of the folder, by id. Raises one ConfigError with the problems of all files."""
    if not folder.is_dir():
        raise ConfigError([Problem(str(folder), "", "a folder of event files", "", "it is not there")])
    found: list[Event] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.toml")):
        if path.name.startswith("."):
            continue
        try:
            found.append(load_event(path, site_domain, defaults))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return tuple(found)


class _Reader:
    """One reading of one file; languages and zone first, since everything else is read in them."""

    def __init__(self, top: Section, defaults: EventDefaults, site_domain: str) -> None:
        self.top = top
        self.defaults = defaults
        self.site_domain = site_domain
        self.languages = top.need("languages", values.LANGUAGES)
        for language in self.languages:
            if language not in defaults.languages:
                top.fault("languages", f"languages of the site ({', '.join(defaults.languages)})",
                          f'languages = ["{defaults.languages[0]}"]', f"{language} is none")  # fmt: skip
        self.timezone = top.need("timezone", values.TIMEZONE)
        self.moment = wall_in(ZoneInfo(self.timezone))

    def event(self, identity: str) -> Event:
        """All tables; wrong values are replaced by stand-ins, and noted."""
        top = self.top
        title_ = top.need("title", localized_title(self.languages, 200))
        texts = top.table("text")
        registration = top.table("registration")
        event = Event(
            id=identity,
            title=title_,
            short_title=self._short(title_),
            languages=self.languages,
            timezone=self.timezone,
            starts=top.need("starts", self.moment),
            ends=top.need("ends", self.moment),
            host=top.get("host", line(80), ""),
            doors=top.get("doors", self.moment, None),
            included=top.get("included", localized(self.languages, 200), Localized()),
            description=self._text(top, "description"),
            venue=self._venue(),
            opens=registration.get("opens", self.moment, None),
            closes=registration.get("closes", self.moment, None),
            capacity=registration.get("capacity", whole(1, 1_000_000, 40), None),
            guests=registration.get("guests", whole(0, 50, 0), 0),
            approval=registration.get("approval", values.BOOLEAN, default=False),
            members_only=registration.get("members_only", _DOMAINS, ()),
            waiting_list=self._waiting_list(),
            questions=questions(top, self.languages),
            programme=self._programme(),
            organisers=self._organisers(identity),
            reminders=tuple(map(_reminder, top.tables("reminder", 10))),
            after=self._after(),
            intro=self._text(texts, "intro"),
            bring=self._text(texts, "bring"),
            material=self._text(texts, "material"),
            page=top.get("page", values.LINK, ""),
        )
        for section in (texts, registration, top):
            section.close()
        self._times(event)
        if len({each.days_before for each in event.reminders}) < len(event.reminders):
            top.fault("reminder", "one for each number of days before", "", "two have the same days_before")
        return event

    def _text(self, section: Section, key: str) -> Localized:
        return section.get(key, localized(self.languages, 5000, paragraphs=99), Localized())

    def _short(self, title_: Localized) -> Localized:
        """The short title; the title itself where that is short and no other is given."""
        if not self.top.has("short_title") and all(len(text) <= _SHORT_MOST for _, text in title_.values):
            self.top.report.knows("short_title")
            return title_
        return self.top.need("short_title", localized_title(self.languages, _SHORT_MOST))

    def _venue(self) -> Venue:
        table = self.top.table("venue")
        street, city = table.get("street", line(120), ""), table.get("city", line(80), "")
        made = f"https://www.openstreetmap.org/search?query={quote(f'{street}, {city}')}" if street and city else ""
        venue = Venue(
            name=table.get("name", line(120), ""),
            floor=table.get("floor", localized(self.languages, 80), Localized()),
            street=street,
            city=city,
            map=table.get("map", values.LINK, "") or made,
            link=table.get("link", values.LINK, ""),
            geo=table.get("geo", _GEO, None),
        )
        table.close()
        return venue

    def _waiting_list(self) -> WaitingList:
        table = self.top.table("waiting_list")
        default = WaitingList()
        waiting_list = WaitingList(
            mode=table.get("mode", _MODE, default.mode),
            offer_for=table.get("offer_for", values.DURATION, default.offer_for),
            until=table.get("until", self.moment, None),
            after_closing=table.get("after_closing", values.BOOLEAN, default.after_closing),
            undo_for=table.get("undo_for", values.SPAN, default.undo_for),
        )
        table.close()
        return waiting_list

    def _programme(self) -> tuple[Item, ...]:
        table = self.top.table("programme")
        items: list[Item] = []
        for entry in table.tables("items", 200):
            items.append(
                Item(
                    title=entry.need("title", localized_title(self.languages, 200)),
                    at=entry.get("at", values.TIME, None),
                    speaker=entry.get("speaker", line(200), ""),
                    affiliation=entry.get("affiliation", line(200), ""),
                    abstract=entry.get("abstract", localized(self.languages, 5000, paragraphs=99), Localized()),
                )
            )
            entry.close()
        table.close()
        return tuple(items)

    def _organisers(self, identity: str) -> tuple[Organiser, ...]:
        found: dict[str, Organiser] = {}
        language_kind = one_of(*self.defaults.languages)
        for table in self.top.tables("organiser", 20):
            digest = table.table("digest")
            organiser = Organiser(
                name=table.need("name", title(80)),
                address=table.need("address", values.ADDRESS),
                language=table.get("language", language_kind, self.languages[0]),
                digest=digest.get("when", RHYTHM, self.defaults.digest.when),
                digest_at=digest.get("at", values.TIME, self.defaults.digest.at),
                questions=table.get("questions", values.BOOLEAN, default=True),
                door_list=table.get("door_list", values.BOOLEAN, default=True),
            )
            # People may well have addresses in the site's domain, where that is an old domain with one new address.
            mailbox, _, _ = organiser.address.local.casefold().partition("+")
            if organiser.address.domain == self.site_domain and mailbox in (identity, *TAKEN):
                table.fault("address", "a person's address", "", "we would be writing to ourselves")
            if organiser.address.key in found:
                table.fault("address", "each organiser once", "", f"{organiser.address} stands there twice")
            found[organiser.address.key] = organiser
            digest.close()
            table.close()
        return tuple(found.values())

    def _after(self) -> After:
        table = self.top.table("after")
        after = After(
            door_list_hours_before=table.get("door_list_hours_before", _HOURS, After().door_list_hours_before),
            thank_you_at=table.get("thank_you_at", values.TIME, None),
            people=table.get("people", values.DURATION, self.defaults.people),
        )
        table.close()
        return after

    def _times(self, event: Event) -> None:
        """The order that times must have; a time that is wrong by itself is not compared."""
        starts, ends, closes = ("starts", event.starts), ("ends", event.ends), ("registration.closes", event.closes)
        opens = ("registration.opens", event.opens)
        if not before(event.starts, event.ends):
            self._order("ends", "a time after starts", starts, ends)
        if before(event.starts, event.doors):
            self._order("doors", "a time not after starts", starts, ("doors", event.doors))
        if event.opens and event.closes and not before(event.opens, event.closes):
            self._order("registration.closes", "a time after opens", opens, closes)
        if before(event.ends, event.closes):
            self._order("registration.closes", "a time not after the event's end", ends, closes)
        if event.opens and not before(event.opens, event.ends):
            self._order("registration.opens", "a time before the event's end", ends, opens)
        if before(event.ends, event.waiting_list.until):
            until = ("waiting_list.until", event.waiting_list.until)
            self._order("waiting_list.until", "a time not after the event's end", ends, until)

    def _order(self, key: str, expected: str, *times: tuple[str, datetime | None]) -> None:
        if not any(self.top.report.faulty(name) for name, _ in times):
            found = ", ".join(f"{name} is {moment:%Y-%m-%d %H:%M}" for name, moment in times if moment)
            self.top.report.fault(key, expected, "", found)


def _reminder(table: Section) -> Reminder:
    days = whole(0, 365, 7)
    reminder = Reminder(
        days_before=table.need("days_before", days),
        at=table.need("at", values.TIME),
        if_registered_days_before=table.get("if_registered_days_before", days, 0),
    )
    table.close()
    return reminder
