"""The sample's letters with values as long and as foreign as a mail or an event file may bring them."""

from dataclasses import replace

from mailflow.mail.address import Address
from mailflow.mail.message import Attachment
from mailflow.model.announcement import Draft
from mailflow.model.event import Event
from mailflow.model.letter import Letter
from mailflow.model.registration import Answer, Registration
from mailflow.render.sample import both, sample_letter

UNBROKEN = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewiss"
NAMES = (UNBROKEN, "محمد عبد الرحمن الخوارزمي", "דוד בן־גוריון", "Åsa-Märta von und zu Löwenstein-Wertheim-Rosenberg")
ALLERGY = ("I must not eat nuts, celery, mustard, lupin or sesame, nor what was fried in the same oil; " * 4)[:300]
ADDRESS = Address(UNBROKEN.lower(), "a-department-with-a-long-name.university.example")


def strained_event(event: Event) -> Event:
    """Its title, place, host, link, labels and people have no room left, and some no place to break a line."""
    long = f"{UNBROKEN} – a title which goes on and on, as those of workshops of several institutes sometimes do"
    diet, other = event.questions
    return replace(
        event,
        title=both(long, long),
        short_title=both(UNBROKEN, UNBROKEN),
        host=f"{UNBROKEN}, Faculty of Engineering",
        included=both(UNBROKEN * 2, UNBROKEN * 2),
        venue=replace(event.venue, name=UNBROKEN, street=f"{UNBROKEN}gatan 5H", link="https://meet.example.org/" + "x" * 150),
        questions=(replace(diet, label=both(UNBROKEN, UNBROKEN)), other),
        programme=tuple(replace(item, title=both(UNBROKEN, UNBROKEN), speaker=UNBROKEN) for item in event.programme),
        organisers=tuple(replace(one, name=f"{UNBROKEN} {one.name}") for one in event.organisers),
        bring=both(UNBROKEN, UNBROKEN),
        material=both(f"- {UNBROKEN}\n- https://example.org/{'y' * 150}", UNBROKEN),
    )  # fmt: skip


def strained_person(registration: Registration, name: str) -> Registration:
    answers = (Answer("diet", ("vegan",), ALLERGY), Answer("affiliation", (), "z" * 300))
    return replace(registration, name=name, address=ADDRESS, answers=answers, guests=3)


def strained_letter(kind, variant: str, language: str, name: str) -> Letter:
    """That letter of the sample, to somebody called `name` who wrote much."""
    letter = sample_letter(kind, variant, language)
    if letter.registration:
        letter = replace(letter, registration=strained_person(letter.registration, name))
    if letter.before:
        letter = replace(
            letter, before=replace(strained_person(letter.before, name), answers=(Answer("diet", (), "w" * 300),))
        )
    if letter.cause:
        files = (Attachment(f"{UNBROKEN}.pdf", "application/pdf", 460_000),)
        letter = replace(
            letter, cause=replace(letter.cause, subject="s" * 300, sender=ADDRESS, sender_name=name, attachments=files)
        )
    if letter.digest:
        people = tuple(strained_person(one, name) for one in letter.digest.new)
        letter = replace(letter, digest=replace(letter.digest, new=people, gone=people[:1], seated=people))
    if letter.door_list:
        listed = letter.door_list
        expected, gone, new = (
            tuple(strained_person(one, name) for one in people) for people in (listed.expected, listed.gone, listed.new)
        )
        letter = replace(letter, door_list=replace(listed, expected=expected, gone=gone, new=new))
    if letter.announcement:
        told = f"{UNBROKEN}\n- https://example.org/{'y' * 150}\n\n" + "{name} and {title} – " * 40
        draft = Draft(both(UNBROKEN, UNBROKEN), both(told, told))
        letter = replace(letter, announcement=replace(letter.announcement, draft=draft))
    return replace(letter, to=ADDRESS, to_name=name, quote=letter.quote and "q" * 900 + "\n" + ALLERGY)
