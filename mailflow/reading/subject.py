"""The subject: the weakest place for a command, and in a conversation ours, not the sender's."""

from dataclasses import dataclass

from mailflow.mail.message import Message
from mailflow.reading.analyse import analyse
from mailflow.reading.context import ReadingContext
from mailflow.reading.newtext import NewText
from mailflow.reading.rules import Places
from mailflow.reading.sentences import sentence_of
from mailflow.reading.signature import without_codes
from mailflow.reading.tables import Hit
from mailflow.reading.words import fold, fold_words, programs

_WORDS = 9


@dataclass(frozen=True, slots=True)
class Subject:
    """`wishes` are empty unless the whole subject, at most nine words, is understood.

    `forward`: Fwd: or VB: stands before it. `blank`: nothing is said. `doubtful`: it denies, doubts or takes back.
    """

    wishes: tuple[Hit, ...] = ()
    forward: bool = False
    blank: bool = False
    question: bool = False
    doubtful: bool = False


def read_subject(message: Message, context: ReadingContext, text: NewText, places: Places) -> Subject:
    """What the subject says by itself. In the thread of a letter of ours it says nothing (understanding.md §2.2)."""
    rest, prefixed, forward = strip_prefixes(message.subject)
    replies = bool(message.in_reply_to or message.references)
    # Found by the code that our button put into the subject, a mail starts anew and the subject is the sender's.
    if context.thread and (replies or prefixed):
        return Subject(forward=forward)
    found = analyse(sentence_of(without_codes(rest)), places)
    blank = not fold_words(rest) or fold_words(rest) in programs().blank_subjects or found.kinds == {"greeting"}
    # "Re: Register" above an old conversation is somebody's subject of last week.
    if prefixed and (text.quoted or text.text or replies):
        return Subject(forward=forward, blank=blank)
    whole = 0 < len(found.sentence.words) <= _WORDS and not found.unexplained and not found.dangers
    sound = whole and not found.kinds & {"idiom", "partial"}
    doubtful = bool(found.danger_kinds & {"negation", "retraction", "condition", "hedge"})
    return Subject(found.wishes if sound and not blank else (), forward, blank, found.asks, doubtful)


def strip_prefixes(subject: str) -> tuple[str, bool, bool]:
    """The subject without Re:, SV:, Fwd: …; whether there was one; whether one was a forward's. At most 8 are taken."""
    known = programs()
    rest, prefixed, forward = subject[:1000].strip(), False, False
    for _ in range(8):
        head, colon, tail = rest.partition(":")
        word = fold(head.split("[")[0].strip())
        if not colon or len(head) > 12 or word not in known.reply_prefixes | known.forward_prefixes:
            break
        prefixed = True
        forward = forward or word in known.forward_prefixes
        rest = tail.strip()
    return rest, prefixed, forward
