"""An event and letters with stand-in values, for goldens, `mailflow preview` and `mailflow check`."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailflow.mail.address import Address
from mailflow.mail.message import Attachment
from mailflow.model.announcement import Announcement, Draft
from mailflow.model.dossier import sample_dossier
from mailflow.model.event import Event, EventState, Item, Localized, Option, Organiser, Question, Venue
from mailflow.model.letter import Cause, Digest, Letter, LetterKind, Refusal, Trouble, Upcoming
from mailflow.model.registration import Answer, CalendarNote, Registration, Status
from mailflow.model.transcript import Told, Transcript
from mailflow.render.sample_door import sample_door_list
from mailflow.render.sample_draft import draft_sample

NOW = datetime(2019, 8, 12, 7, 15, tzinfo=UTC)
MAJA = Address("maja.lind", "example.org")
_STOCKHOLM = ZoneInfo("Europe/Stockholm")
_FOR_DOOR = ("door_list", "late_cancellation")


def moment_of(kind: LetterKind, event: Event) -> datetime:
    """When that letter might go out, UTC: what is for the door goes out on the eve."""
    return event.starts.astimezone(UTC) - timedelta(hours=15) if kind in _FOR_DOOR else NOW


def both(en: str, sv: str) -> Localized:
    """A text in the two languages of the sample."""
    return Localized((("en", en), ("sv", sv)))


def sample_event() -> Event:
    """letters.md's running example, as far as letters show it. The whole of it is the seed event's file."""
    return Event(
        id="creative-machines",
        title=both(
            "The rise of creative machines – GAN Technology for Fake Data as Resource",
            "De kreativa maskinernas intåg – GAN-teknik som gör fejkdata till en resurs",
        ),
        short_title=both("The rise of creative machines", "De kreativa maskinernas intåg"),
        languages=("en", "sv"),
        timezone="Europe/Stockholm",
        starts=datetime(2019, 8, 27, 12, 30, tzinfo=_STOCKHOLM),
        ends=datetime(2019, 8, 27, 16, 0, tzinfo=_STOCKHOLM),
        host="AIML@LU",
        included=both("lunch and fika", "lunch och fika"),
        venue=Venue(
            "Eden 236", both("floor 2", "plan 2"), "Paradisgatan 5H", "Lund",
            "https://www.openstreetmap.org/search?query=Paradisgatan%205H%2C%20Lund",
        ),
        opens=datetime(2019, 8, 1, 8, 0, tzinfo=_STOCKHOLM),
        closes=datetime(2019, 8, 23, 12, 0, tzinfo=_STOCKHOLM),
        capacity=40,
        members_only=("lu.se", "lth.se"),
        doors=datetime(2019, 8, 27, 12, 15, tzinfo=_STOCKHOLM),
        bring=both("Bring a laptop if you have one.", "Ta gärna med en dator."),
        material=both("The slides are on the page of the event.", "Bilderna finns på evenemangets sida."),
        questions=(
            Question(
                "diet", "choices", both("Diet", "Specialkost"), sensitive=True, other=True,
                options=(
                    Option("vegetarian", both("vegetarian", "vegetariskt")),
                    Option("vegan", both("vegan", "veganskt")),
                    Option("gluten", both("gluten-free", "glutenfritt")),
                ),
            ),
            Question("affiliation", "text", both("Affiliation", "Tillhörighet")),
        ),
        programme=(
            Item(both("Mingle, registration and lunch", "Mingel, registrering och lunch"), time(12, 30)),
            Item(both("Fashion model modelling", "Modeller av modeller"), time(13, 15), "Håkan Jonsson", "Zalando"),
            Item(both("Fika and mingle", "Fika och mingel"), time(15, 0)),
        ),
        organisers=(
            Organiser("Kim Ek", Address("kim.ek", "example.org"), "sv"),
            Organiser("Robin Berg", Address("robin.berg", "example.org"), "en", digest="weekly", questions=False),
        ),
    )  # fmt: skip


def sample_state() -> EventState:
    """38 of 40 seats taken, three people waiting."""
    event = sample_event()
    return EventState(event.capacity, event.opens, event.closes, taken=38, waiting=3, next_number=44,
                      revised_at=datetime(2019, 8, 1, 6, 0, tzinfo=UTC))  # fmt: skip


def sample_registration(language: str = "en") -> Registration:
    """Maja Lind, who has a seat and eats no meat."""
    return Registration(
        event="creative-machines",
        number=17,
        code="K7-QX4M",
        address=MAJA,
        name="Maja Lind",
        status=Status.CONFIRMED,
        language=language,
        since=NOW,
        registered_at=NOW,
        answers=(Answer("diet", ("vegetarian",), "vegetarian"),),
        dtstamp=NOW,
        thread="register.1@example.org",
    )


_STANDING: dict[tuple[str, str], Status | None] = {
    ("waitlisted", ""): Status.WAITING,
    ("waitlisted", "moved_back"): Status.WAITING,
    ("offered", ""): Status.OFFERED,
    ("event_changed", "title"): Status.WAITING,
    ("event_changed", "link"): Status.OFFERED,
    ("cancelled", "offer_declined"): Status.CANCELLED,
    ("cancelled", "offer_lapsed"): Status.EXPIRED,
    ("cancelled", "removed"): Status.REMOVED,
    ("cancelled", "removed_line"): Status.REMOVED,
    ("cancelled", "line_ended"): Status.EXPIRED,
    ("cancelled", ""): Status.CANCELLED,
    ("cancelled", "left_line"): Status.CANCELLED,
    ("cancelled", "withdrawn"): Status.CANCELLED,
    ("cancelled", "declined"): Status.CANCELLED,
    ("please_confirm", ""): Status.PENDING,
    ("please_confirm", "ask_register"): Status.PENDING,
    ("please_confirm", "read_register"): Status.PENDING,
    ("please_confirm", "named"): Status.PENDING,
    ("question_forwarded", "read_register"): Status.PENDING,
    ("question_forwarded", "wish"): None,
    ("question_received", ""): Status.WAITING,
    ("not_understood", "help"): None,
    ("erased", ""): Status.CANCELLED,
    ("applied", ""): Status.PENDING,
    ("rejected", ""): Status.REMOVED,
    ("rejected", "undecided"): Status.EXPIRED,
}

_WHY = both("We have to keep these seats for the speakers.", "Vi behöver de här platserna för talarna.")
_FEW = both("There were many more applications than seats.", "Det var många fler som sökte än det finns platser.")
_ROUNDS = ("reminder", "thank_you", "event_changed", "event_cancelled", "announcement", "rejected")
# Variants of `cancelled` that nobody asked for just now.
_BY_ITSELF = ("offer_lapsed", "removed", "removed_line", "line_ended")


def sample_letter(kind: LetterKind, variant: str, language: str) -> Letter:
    """That letter as it might go out; every kind and variant of VARIANTS has one."""
    about_nobody = kind in ("closed", *_FOR_DOOR, "digest", "transcript")
    standing = None if about_nobody else _STANDING.get((kind, variant), Status.CONFIRMED)
    registration = None if standing is None else replace(sample_registration(language), status=standing)
    cause = Cause("register.1@example.org", (), "Hej", MAJA, "Maja Lind", proved=True)
    by_itself = kind in _ROUNDS or variant in _BY_ITSELF
    letter = Letter(
        kind=kind,
        event="creative-machines",
        to=MAJA,
        to_name="Maja Lind",
        languages=(language,),
        state=_called_off(sample_state()) if kind == "event_cancelled" or variant == "called_off" else sample_state(),
        variant=variant,
        registration=registration,
        cause=None if by_itself else cause,
        place=3 if standing is Status.WAITING else 0,
        notice=by_itself,
    )
    if kind in ("registered", "promoted") or (kind, variant) == ("status", "resent"):
        letter = replace(letter, calendar="request", notice=kind == "promoted")
    elif (kind, variant) in (("cancelled", ""), ("cancelled", "removed"), ("erased", "seat"), ("event_cancelled", "")):
        status = Status.REMOVED if variant == "removed" else Status.CANCELLED
        gone = replace(sample_registration(language), status=status, sequence=1)
        why = _WHY.get(language) if variant == "removed" else ""
        letter = replace(letter, calendar="cancel", registration=gone, reason=why)
    elif (kind, variant) == ("status", "asked"):
        letter = replace(letter, asked=2)
    elif kind == "applied" and registration is not None:
        letter = replace(letter, registration=replace(registration, applied=NOW))
    elif (kind, variant) == ("rejected", ""):
        letter = replace(letter, reason=_FEW.get(language))
    elif kind == "my_data":
        letter = replace(letter, dossier=sample_dossier(sample_registration(language)))
    if kind in ("announcement", "promoted"):
        letter = replace(letter, announcement=sample_announcement())
    return _filled(letter, language)


def _filled(letter: Letter, language: str) -> Letter:  # noqa: C901, PLR0912  one case for each kind is plainest
    """What only some kinds carry."""
    match letter.kind:
        case "please_confirm" if letter.variant == "organiser":
            asked = Transcript(orders=("close", "capacity"))
            kim = sample_event().organisers[0]
            return replace(letter, to=kim.address, to_name="", registration=None, challenge="7M2KQ9XD", proved=False,
                           transcript=asked)  # fmt: skip
        case "please_confirm":
            proved = letter.variant.startswith(("ask_", "read_"))
            return replace(letter, challenge="7M2KQ9XD", proved=proved, to_name="")
        case "offered" if letter.registration:
            until = sample_event().starts.astimezone(UTC) - timedelta(days=5, hours=3, minutes=15)
            held = replace(letter.registration, until=until)
            return replace(letter, registration=held, challenge="7M2KQ9XD", notice=True)
        case "updated":
            return _updated(letter)
        case "event_changed":
            return _event_changed(letter)
        case "closed":
            return replace(letter, state=replace(letter.state, closes=NOW - timedelta(days=1), taken=40))
        case "waitlisted":
            return replace(letter, state=replace(letter.state, taken=40))
        case "not_understood":
            return replace(letter, quote="" if letter.variant else "Flurb the gnarble?")
        case "question_forwarded":
            return _question(letter)
        case "door_list" | "late_cancellation":
            kim = sample_event().organisers[0]
            listed = sample_door_list(sample_registration(language), letter.kind, letter.variant)
            return replace(letter, to=kim.address, to_name=kim.name, cause=None, notice=True, door_list=listed)
        case "transcript":
            return _transcript(letter)
        case "digest":
            kim = sample_event().organisers[0]
            return replace(letter, to=kim.address, to_name=kim.name, cause=None, notice=True,
                           digest=sample_digest(language))  # fmt: skip
        case "event_draft" | "event_published":
            return draft_sample(letter, sample_event())
        case _:
            return letter


def sample_announcement() -> Announcement:
    """In both languages, with all that an organiser may write."""
    map_link = "https://www.openstreetmap.org/search?query=Eden"
    draft = Draft(
        both("Another entrance", "En annan ingång"),
        both(
            "Dear {first_name},\n\nthe main door of {venue} is closed. Please use the one towards the park:\n\n"
            f"- the map: {map_link}\n- the lift is to the left\n\nWe open at 12:15 as planned.\n\nKim",
            "Hej {first_name},\n\nhuvudingången till {venue} är stängd. Använd ingången mot parken:\n\n"
            f"- kartan: {map_link}\n- hissen är till vänster\n\nVi öppnar 12.15 som planerat.\n\nKim",
        ),
    )
    return Announcement("creative-machines", 1, draft, "kim.ek@example.org", NOW)


def _called_off(state: EventState) -> EventState:
    reason = both(
        "The lecturer is ill. We hope to meet you in spring; write to {contact} if you have booked a journey.",
        "Föreläsaren är sjuk. Vi hoppas få träffa dig i vår. Skriv till {contact} om du har bokat en resa.",
    )
    return replace(state, called_off=NOW, reason=reason)


def _event_changed(letter: Letter) -> Letter:
    """A week later than it was; or in another room, to one who waits under another title, without its link."""
    event, maja = sample_event(), letter.registration
    assert maja is not None
    week = timedelta(days=7)
    was = {
        "": replace(event, starts=event.starts - week, ends=event.ends - week),
        "venue": replace(event, venue=replace(event.venue, name="Eden 116", floor=both("floor 1", "plan 1"))),
        "title": replace(event, title=both("Machines that invent", "Maskiner som hittar på")),
        "link": replace(event, venue=replace(event.venue, link="https://meet.example.org/machines")),
        "details": replace(event, included=both("fika", "fika"), doors=event.starts - timedelta(minutes=30)),
    }[letter.variant]
    if letter.variant in ("", "venue", "details"):
        letter = replace(letter, registration=replace(maja, sequence=1), calendar="request")
    return replace(letter, was=was)


def _updated(letter: Letter) -> Letter:
    """One guest less and another diet; or what nobody can be given."""
    maja = letter.registration
    assert maja is not None
    if letter.variant:
        return replace(letter, refused=(Refusal("option", "diet", "vegan"), Refusal("seats", number=1)))
    return replace(letter, before=replace(maja, answers=(Answer("diet", ("vegan",), "vegan"),), guests=1))


def _transcript(letter: Letter) -> Letter:
    """letters.md's own example; what waits alone; nothing that could be done; what another organiser did."""
    kim, robin = sample_event().organisers
    numbers = (("taken", 38), ("waiting", 3), ("capacity", 40))
    more = (("taken", 41), ("waiting", 0), ("capacity", 45))
    closed = Told("CLOSE", "done", "closed", numbers)
    seats = Told("SEATS 45", "done", "seats", (*more, ("was", 40), ("seats", 45)), (("moved_in", 3),))
    removes = Told("REMOVE K7-QX4M", "waiting", "removes", (("who", "Maja Lind"),))
    unknown = Told("ROOM 12", "unknown")
    nobody = Told("PROMOTE K7-B2ZD", "refused", "nobody", numbers)
    told = {
        "": Transcript((closed, seats, Told("HELP", "done", "helped", more), unknown), words=True, undo=True),
        "waiting": Transcript((closed, seats, removes, unknown), undo=True),
        "nothing": Transcript((nobody, unknown)),
        "receipt": Transcript((replace(removes, state="done", say="removed", values=(*removes.values, *numbers)),),
                              by=kim.name),
        "welcome": Transcript((), words=True, by=kim.name),
    }[letter.variant]  # fmt: skip
    notice = letter.variant in ("receipt", "welcome")
    to = robin if notice else kim
    cause = None if notice else replace(letter.cause or Cause(), sender=kim.address)
    moved = any(line is seats for line in told.lines)
    state = replace(letter.state, capacity=45, taken=41, waiting=0, closed=True) if moved else letter.state
    return replace(
        letter, to=to.address, to_name=to.name, registration=None, cause=cause, transcript=told, state=state,
        notice=notice, challenge="7M2KQ9XD" if letter.variant == "waiting" else "",
    )  # fmt: skip


def _question(letter: Letter) -> Letter:
    kim = sample_event().organisers[0]
    cause = Cause("question.1@example.org", (), "Rullstol", MAJA, "Maja Lind", proved=True,
                  attachments=(Attachment("entrance.pdf", "application/pdf", 460_000),))  # fmt: skip
    asked = {
        "": "is there a lift to the second floor? I use a wheelchair.",
        "wish": "I can't come after all.",
        "read_register": "put me on the list, and Bo will bring the poster we spoke of.",
        "read_cancel": "my trip was moved, so not this time. Bo has the poster.",
        "read_change": "no meat for me after all, and Bo has the poster.",
        "read_erase": "take me off your books, and Bo has the poster.",
        "read_remind_off": "too many letters from you, and Bo has the poster.",
    }[letter.variant]
    quote = f"Hello,\n\n{asked}\n\nMaja"
    if letter.variant:
        cause = replace(cause, subject="The 27th", attachments=())
    return replace(letter, to=kim.address, to_name=kim.name, cause=cause, quote=quote, question=31, notice=True)


def sample_digest(language: str) -> Digest:
    """A morning on which much has happened."""
    maja = sample_registration(language)
    people = (
        ("Åsa Öberg", 0, ()),
        ("Bo Ek", 1, ()),
        ("Ada Zetterström", 0, (Answer("diet", ("vegan",)),)),
        ("Cem Yıldız", 0, (Answer("diet", (), "no strawberries"),)),
    )
    others = tuple(
        replace(maja, number=20 + n, code=f"K{n}-QX4M", address=Address(f"guest{n}", "example.org"), name=name,
                guests=guests, answers=answers)
        for n, (name, guests, answers) in enumerate(people)
    )  # fmt: skip
    gone = replace(maja, number=9, name="Eva Ström", status=Status.CANCELLED)
    line = replace(maja, number=30, name="Nils Holm", status=Status.WAITING, place=1)
    day = timedelta(days=1)
    return Digest(
        since=datetime(2019, 8, 11, 5, 0, tzinfo=UTC),
        new=(maja, *others),
        gone=(gone,),
        accepted=2,
        seated=(replace(maja, partstat="ACCEPTED"), replace(others[0], partstat="TENTATIVE"), *others[1:]),
        line=(line,),
        said=(
            (others[1], CalendarNote(21, "comment", NOW - day, "A little late, the train is in at 12.40")),
            (others[0], CalendarNote(20, "delegated", NOW - day, "lena.lund@example.org")),
        ),
        troubles=(
            Trouble("question", "Rullstol <maja.lind@example.org>", NOW - day, reference="F-31"),
            Trouble("undeliverable", "Bo Ek <bo.ek@exmaple.org>", NOW - day, "the address does not exist", "K1-QX4M",
                    suggestion="bo.ek@example.org", kept="seat", until=NOW + timedelta(hours=5)),
            Trouble("limit", "37", NOW - day, "limit: one domain"),
        ),
        upcoming=(
            Upcoming("closes", datetime(2019, 8, 23, 10, 0, tzinfo=UTC)),
            Upcoming("event", datetime(2019, 8, 27, 10, 30, tzinfo=UTC)),
            Upcoming("erasure", datetime(2019, 9, 26, 14, 0, tzinfo=UTC)),
        ),
    )
