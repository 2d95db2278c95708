"""The subject: the weakest place for a command, and in a conversation ours, not the sender's."""

from dataclasses import dataclass

from mailflow.mail.message import Message
from mailflow.reading.context import ReadingContext
from mailflow.reading.explain import Command, greeting_only, without_codes
from mailflow.reading.newtext import NewText
from mailflow.reading.words import fold, fold_words, lexicon, programs

_WORDS = 4


@dataclass(frozen=True, slots=True)
class Subject:
    """`commands` are empty unless the whole subject, at most four words, is made of known ones.

    `forward`: Fwd: or VB: stands before it. `blank`: nothing is said. `doubtful`: it denies, doubts or takes back.
    """

    commands: tuple[Command, ...] = ()
    forward: bool = False
    blank: bool = False
    question: bool = False
    doubtful: bool = False


def read_subject(message: Message, context: ReadingContext, text: NewText) -> Subject:
    """What the subject says by itself. In the thread of a letter of ours it says nothing (understanding.md §2.2)."""
    rest, prefixed, forward = strip_prefixes(message.subject)
    replies = bool(message.in_reply_to or message.references)
    # Found by the code that our button put into the subject, a mail starts anew and the subject is the sender's.
    if context.thread and (replies or prefixed):
        return Subject(forward=forward)
    words = fold_words(without_codes(rest))
    blank = not fold_words(rest) or fold_words(rest) in programs().blank_subjects or greeting_only(words)
    # "Re: Register" above an old conversation is somebody's subject of last week.
    if prefixed and (text.quoted or text.text or replies):
        return Subject(forward=forward, blank=blank)
    tiles = lexicon().phrases.tile(words) if 0 < len(words) <= _WORDS else None
    commands: tuple[Command, ...] = ()
    if tiles is not None:
        commands = tuple(Command(m.name, m.languages, 0) for tile in tiles for m in tile if m.kind == "command")
    # "Can't come" is a command as a whole, before anybody looks for the denial in it.
    doubtful = not commands and not blank and lexicon().doubtful(words)
    return Subject(commands, forward, blank, "?" in rest, doubtful)


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
