"""In which language to answer, as far as this mail tells (letters.md §6)."""

from mailflow.mail.message import Message
from mailflow.reading.context import ReadingContext
from mailflow.reading.tables import tables
from mailflow.reading.words import fold_words

_PREFIXES = {"SV:": "sv", "Sv:": "sv", "sv:": "sv", "VB:": "sv", "Vb:": "sv", "vb:": "sv", "RE:": "en", "FW:": "en"}
_SWEDISH_LETTERS = frozenset("åäöÅÄÖ")


def find_language(message: Message, text: str, told: tuple[str, ...], context: ReadingContext) -> str | None:
    """Command word, else Content-Language, else SV: or RE:, else letters and common words, else None.

    A language that the site does not write is not an answer. A word of both languages ("status") says nothing.
    """
    for language in _signs(message, text, told):
        if language in context.languages:
            return language
    return None


def meeting_language(message: Message, context: ReadingContext) -> str | None:
    """That of the title and description of the meeting in a mail; None where they do not tell, or there is none.

    They are the organiser's own words. The mail around them is mostly the calendar program's, in the program's
    language, or has no text at all.
    """
    meeting = message.meeting
    language = _by_words(f"{meeting.summary}\n{meeting.description}") if meeting else ""
    return language if language in context.languages else None


def _signs(message: Message, text: str, told: tuple[str, ...]) -> tuple[str, ...]:
    declared = (message.header("content-language") or "").partition(",")[0].strip()[:2].lower()
    prefix = next((language for sign, language in _PREFIXES.items() if message.subject.startswith(sign)), "")
    return (*told[:1], declared, prefix, _by_words(text or message.subject))


def _by_words(text: str) -> str:
    """The language with most common words; å, ä, ö count as two for Swedish. A draw is no answer.

    A text in a language that the site does not write says nothing by this, though it may have words of one it does.
    """
    bounded = text[:4000]
    words = fold_words(bounded)
    scores = {language: sum(word in common for word in words) for language, common in tables().common}
    scores["sv"] += 2 * any(c in _SWEDISH_LETTERS for c in bounded)
    best = max(scores, key=lambda language: scores[language])
    return best if list(scores.values()).count(scores[best]) == 1 else ""
