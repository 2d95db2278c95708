"""How an answer finds what it answers (letters.md §3.2): tag, thread, then code. A reference locates, no more."""

from dataclasses import dataclass

from mailflow.mail.address import Address
from mailflow.mail.message import Message
from mailflow.model.decision import Challenge
from mailflow.model.registration import Registration
from mailflow.model.seal import find_challenge_codes, find_codes
from mailflow.service.house import House
from mailflow.store.protocol import Reader
from mailflow.store.rows import LetterRef

_THREAD_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Thread:
    """The letter of ours that a mail answers, if any, and the challenge that came back with it.

    `references` name the letters: that of the tag, then the newest of the thread; at most two.
    `wrong`: a token came that is none of ours, in the tag or as the long code of a button.
    """

    letter: LetterRef | None = None
    challenge: Challenge | None = None
    conflict: bool = False
    references: tuple[str, ...] = ()
    wrong: bool = False

    @property
    def located(self) -> bool:
        """The mail answers something of ours, found by tag, thread or code."""
        return self.letter is not None or self.challenge is not None

    @property
    def asked(self) -> bool:
        """The letter was a question that YES or NO can answer."""
        return self.challenge is not None or (
            self.letter is not None and self.letter.kind in ("please_confirm", "offered")
        )


def thread_of(house: House, reader: Reader, message: Message, path: Address, event: str) -> Thread:
    """What the tag, the thread and a long code in the subject point at; `conflict` when two of them disagree."""
    letters = {reference: reader.letter_ref(reference) for reference in _references(house, message, path)}
    known = {reference: letter for reference, letter in letters.items() if letter and letter.event == event}
    found = [*known.values()]
    challenges = {letter.challenge: reader.challenge(letter.challenge) for letter in found if letter.challenge}
    codes = find_challenge_codes(message.subject)
    for code in codes:
        challenge = reader.challenge_by_code(house.code_hash(code))
        if challenge is not None and challenge.event == event:
            challenges[challenge.id] = challenge
    real = [challenge for challenge in challenges.values() if challenge is not None]
    numbers = {letter.number for letter in found if letter.number is not None} | {c.number for c in real}
    return Thread(
        letter=found[0] if found else None,
        challenge=real[0] if len(real) == 1 else None,
        conflict=len(real) > 1 or len(numbers) > 1,
        references=tuple(known),
        wrong=not real and (bool(codes) or _false_tag(house, path)),
    )


def _false_tag(house: House, path: Address) -> bool:
    """The address has a tag in the form of ours that we did not make."""
    _, detail = house.addressed(path)
    return detail.startswith("r.") and house.seal.read_token("r", detail[2:]) is None


def _references(house: House, message: Message, path: Address) -> tuple[str, ...]:
    """The reference in our tag, and the newest of the thread that is ours. Older ones of the thread say nothing new."""
    found: list[str] = []
    _, detail = house.addressed(path)
    if detail.startswith("r.") and (reference := house.seal.read_token("r", detail[2:])):
        found.append(reference)
    for message_id in (*message.in_reply_to, *reversed(message.references))[:_THREAD_LIMIT]:
        if ours := house.seal.read_message_id(message_id, house.domain):
            if ours[1] not in found:
                found.append(ours[1])
            break
    return tuple(found)


def located_by(
    reader: Reader, event: str, thread: Thread, message: Message, quote: str
) -> tuple[Registration | None, bool]:
    """The registration that the mail is about, and whether two references disagree about it."""
    numbers: dict[int, None] = {}
    if thread.challenge is not None:
        numbers[thread.challenge.number] = None
    elif thread.letter is not None and thread.letter.number is not None:
        numbers[thread.letter.number] = None
    for code in find_codes(f"{message.subject}\n{quote[:4000]}"):
        known = reader.registration_by_code(event, code)
        if known is not None:
            numbers[known.number] = None
    if not numbers:
        return None, thread.conflict
    return reader.registration(event, next(iter(numbers))), thread.conflict or len(numbers) > 1


def points_elsewhere(thread: Thread, target: Registration | None) -> bool:
    """Whether a tag or the thread names another registration than the one whose invitation is answered."""
    numbers = {thread.letter.number} if thread.letter else set()
    numbers |= {thread.challenge.number} if thread.challenge else set()
    return thread.conflict or (target is not None and bool(numbers - {None, 0, target.number}))


def answered_seat(house: House, reader: Reader, event: str, uid: str) -> Registration | None:
    """The registration whose present calendar UID this is; an older epoch's UID is nobody's."""
    parts = house.seal.read_uid(uid, event, house.domain)
    if parts is None:
        return None
    known = reader.registration(event, parts[0])
    if known is None or house.seal.uid(event, known.number, known.epoch, house.domain).casefold() != uid.casefold():
        return None
    return known
