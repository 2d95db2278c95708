"""A mail that somebody passes on: if it is a sign-up, its writer is asked; people see all the rest."""

from dataclasses import replace

from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.clean import person_name
from mailflow.model.intent import Other, RegisterOther
from mailflow.reading.analyse import analyse
from mailflow.reading.case import Conclusion
from mailflow.reading.gather import Gathered
from mailflow.reading.newtext import NewText, bounded, header_of, split_text
from mailflow.reading.rules import Places
from mailflow.reading.sentences import sentences
from mailflow.reading.signature import own_names, without_codes
from mailflow.reading.talk import talk_of

_LINES = 80
_LENGTH = 4000
_HEADERS = 10
# What the one who passes it on may want; "register" above a forwarded mail may mean either of the two.
_OWN = frozenset({"other"})


def passed_on(
    outcome: Conclusion, text: NewText, found: Gathered, places: Places, sender: Address | None
) -> Conclusion:
    """RegisterOther for the writer of the mail beneath, where that mail is wholly a sign-up; else `outcome`.

    It is only proposed where the words above it are not understood; whoever is named is asked at that address anyway.
    """
    above = talk_of(found.sentences)
    writer, body = _beneath(text.beneath[:_LINES])
    if writer is None or sender is None or writer.address.key == sender.key or above.wishes - _OWN:
        return outcome
    theirs = replace(places, own=own_names(writer.name, writer.address))
    lines = bounded(split_text("\n".join(body)).lines, _LINES, _LENGTH)
    wish = talk_of(tuple(analyse(sentence, theirs) for sentence in sentences(tuple(map(without_codes, lines)))))
    signs_up = bool(wish.wishes & {"register", "attend"}) and wish.wishes <= {"register", "attend"}
    doubts = {kind for one in found.sentences for kind in one.danger_kinds}
    if not signs_up or wish.turned or above.asks or doubts & {"negation", "retraction", "condition", "hedge"}:
        return outcome
    return Conclusion(
        RegisterOther((writer,)), ("the mail passed on is a sign-up", *outcome.evidence), propose=not above.complete
    )


def _beneath(lines: tuple[str, ...]) -> tuple[Other | None, tuple[str, ...]]:
    """The writer of the first mail beneath, as its header block names him, and the lines below that block."""
    start = next((at for at, line in enumerate(lines) if header_of(line)), None)
    if start is None:
        return None, ()
    writer: Other | None = None
    end = start
    for at in range(start, min(start + _HEADERS, len(lines))):
        name = header_of(lines[at])
        if not name and lines[at].strip():
            break
        if name:
            end = at + 1
        if name == "from" and writer is None:
            writer = _writer(lines[at].partition(":")[2])
    return writer, lines[end:]


def _writer(value: str) -> Other | None:
    """`Bo Ek <bo@example.org>` or `Bo Ek [mailto:bo@example.org]`, as programs write it into a quote."""
    bare = value.strip("* ").replace("[mailto:", "<").replace("mailto:", "").replace("]", ">")
    name, _, rest = bare.rpartition("<")
    try:
        return Other(person_name(name), parse_address((rest or bare).strip("<> ")))
    except AddressError:
        return None
