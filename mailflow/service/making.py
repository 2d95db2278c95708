"""A mail to the address for new events, to its end state: drafts, their makers' words, and what is published."""

from dataclasses import dataclass, replace
from datetime import datetime

from mailflow.desk import making as desk
from mailflow.desk.authority import vouched
from mailflow.desk.fresh import Delivery
from mailflow.model.decision import Decision, MailState
from mailflow.model.event import Event, Localized, Organiser
from mailflow.model.intent import label
from mailflow.model.letter import Letter
from mailflow.model.sketch import EventDraft, Making, changed
from mailflow.model.transcript import Transcript
from mailflow.service.desk_clerk import Outcome, post
from mailflow.service.drafting import Drafter, located, state_of_file, variant_of
from mailflow.service.house import MAKER, House
from mailflow.service.meetings import ask_call_off, ask_change, file_again, same_people
from mailflow.service.organisers import staffed
from mailflow.service.publishing import write_event
from mailflow.service.replay import command_marks
from mailflow.service.view import Studied
from mailflow.store.protocol import Writer
from mailflow.store.rows import Verdict


@dataclass(frozen=True, slots=True)
class _Done:
    """How the mail ends, the letter that went out ("" for none), and the event whose file is new."""

    state: MailState
    reason: str
    letter: str = ""
    event: Event | None = None


def settle_making(house: House, writer: Writer, one: Studied, now: datetime) -> Outcome:
    """Decide about one such mail and write everything that follows. Raises: then the savepoint takes it all back.

    A file that was written by then stays, and the next attempt finds it as it wants it.
    """
    message, reading = one.message, one.reading
    if message is None or reading is None:
        raise ValueError("a mail that was not studied")
    if one.again_at is not None:
        writer.defer_mail(one.inbound.id, one.again_at, "DNS gave no answer")
        return Outcome(one, "waiting", "DNS gave no answer")
    done = _settled(house, writer, one, now)
    writer.close_mail(
        one.inbound.id,
        Verdict(
            state=done.state,
            reason=done.reason,
            intent=_label(one, reading.making),
            proof=one.proof.how,
            letter=done.letter,
            event=MAKER,
            sender=str(message.sender or ""),
            subject=message.subject,
            evidence=one.proof.details,
        ),
        now,
    )
    letters = (done.letter,) if done.letter else ()
    return Outcome(one, done.state, done.reason, letters, _label(one, reading.making), done.event)


def foretold(house: House, one: Studied, now: datetime) -> Decision:
    """Whether such a mail would be taken; what becomes of it depends on drafts, which `simulate` does not make."""
    message, reading = one.message, one.reading
    if message is None or reading is None or reading.making is None or message.sender is None:
        return Decision("ignored", "no single valid From address")
    if not desk.by_hand(reading.intent, reading.making):
        return Decision("silent", label(reading.intent))
    why = desk.hindrance(message.sender, house.config.site.event_makers, Delivery(one.proof), now)
    return Decision("ignored", why) if why else Decision("done", "from a maker of events: a draft, or what it answers")


def _label(one: Studied, making: Making | None) -> str:
    assert one.reading is not None
    silent = label(one.reading.intent)
    return silent if silent in ("auto-reply", "bounce", "spam") and not (making and making.meeting) else "org-publish"


def _settled(house: House, writer: Writer, one: Studied, now: datetime) -> _Done:
    message, reading = one.message, one.reading
    assert message is not None
    assert reading is not None
    making, sender = reading.making, message.sender
    if message.refused or making is None:
        return _Done("refused", f"over a limit: {message.refused}")
    if not desk.by_hand(reading.intent, making) or one.inbound.mail.reverse_path is None:
        return _Done("silent", label(reading.intent))
    if sender is None:
        return _Done("ignored", "no single valid From address")
    seen = None
    if desk.listed(sender, house.config.site.event_makers) and vouched(one.proof):
        seen = writer.first_with(MAKER, command_marks(house, message, one.proof), one.inbound.id, now)
    why = desk.hindrance(sender, house.config.site.event_makers, Delivery(one.proof, seen), now)
    if why:
        return _Done("ignored", why)
    drafter = Drafter(house, writer, one, sender, now)
    return _carried_out(drafter, making, _step(drafter, making))


def _step(at: Drafter, making: Making) -> desk.Step:
    if making.meeting:
        known = at.writer.drafts_of_meeting(at.maker, making.uid) if making.uid else ()
        return desk.invited(making, known)
    draft, newest = located(at.house, at.writer, at.one)
    if draft is None:
        if at.one.thread.located:
            return desk.Step("none", "the draft is gone")
        return desk.written(making, at.writer.drafts_open(at.maker))
    if draft.maker.key != at.maker.key:
        return desk.Step("none", "somebody else's draft")
    return desk.answered(making, draft, newest=newest, now=at.now)


def _carried_out(at: Drafter, making: Making, step: desk.Step) -> _Done:
    draft = step.draft
    if step.act == "none":
        return _Done("ignored", step.reason)
    if step.act == "draft" or draft is None:
        return _told(at, at.drafted(making.sketch), making, step.reason)
    if step.act == "redraft":
        said = making.sketch if making.meeting else making.said
        if making.meeting and at.drafted(changed(draft.sketch, said), draft) == draft:
            return _Done("ignored", "the meeting is as it was")
        return _told(at, at.drafted(changed(draft.sketch, said), draft), making, step.reason)
    if step.act == "drop":
        at.writer.keep_draft(replace(draft, state="dropped", closed_at=at.now))
        return _Done("done", step.reason)
    if step.act == "ask_change":
        return _asked(ask_change(at, draft, making), step.reason)
    if step.act == "ask_call_off":
        return _asked(ask_call_off(at, draft, making), step.reason)
    if step.act == "again":
        return _again(at, draft, step.reason)
    return _published(at, draft)


def _told(at: Drafter, draft: EventDraft, making: Making, reason: str) -> _Done:
    if making.meeting:
        draft = replace(draft, uid=making.uid, sequence=making.sequence)
    at.keep_and_tell(draft, at.shown(draft), variant_of(draft))
    return _Done("done", reason, "event_draft")


def _asked(why_not: str, reason: str) -> _Done:
    return _Done("ignored", why_not) if why_not else _Done("done", reason, "event_draft")


def _again(at: Drafter, draft: EventDraft, reason: str) -> _Done:
    """The draft as it stands, or the question with today's numbers, once more."""
    if draft.act == "make":
        at.keep_and_tell(draft, at.shown(draft), "unread" if draft.file else "incomplete")
        return _Done("done", reason, "event_draft")
    return _asked(file_again(at, draft), reason)


def _published(at: Drafter, draft: EventDraft) -> _Done:
    if draft.act == "make":
        if _taken_since(at, draft):
            # Somebody else's event got that address meanwhile; the new one is seen before it counts.
            return _told(at, at.drafted(draft.sketch, replace(draft, event="")), Making(), "the address was taken")
        new = at.event_of(draft.file, draft.event)
        if new.starts <= at.now:
            return _told(at, at.drafted(draft.sketch, draft), Making(), "it is over")
        return _real(at, draft, new, "", "published")
    event = at.house.events.get(draft.event)
    if event is None or at.now >= event.ends:
        at.writer.keep_draft(replace(draft, state="dropped", closed_at=at.now))
        return _Done("ignored", "the event is gone, or over")
    if not same_people(at, draft):
        return _asked(file_again(at, draft), "other numbers than were shown")
    if draft.act == "call_off":
        at.writer.call_off(event.id, Localized(), at.now)
        return _real(at, draft, event, "called_off", "called off")
    return _real(at, draft, at.event_of(draft.file, draft.event), "moved", "changed")


def _taken_since(at: Drafter, draft: EventDraft) -> bool:
    """Whether the address is another event's by now. A file with this very text is ours, from an attempt that broke."""
    target = at.house.config.site.events / f"{draft.event}.toml"
    if draft.event in at.house.events or target.exists():
        return not target.exists() or target.read_bytes() != draft.file.encode()
    return at.writer.event_state(draft.event) is not None


def _real(at: Drafter, draft: EventDraft, event: Event, variant: str, reason: str) -> _Done:
    """The file takes its place, the store knows it, and its maker is told from the event's own address."""
    if draft.act != "call_off":
        write_event(at.house, at.writer, event, draft.file)
    at.writer.keep_draft(replace(draft, state="published", closed_at=at.now))
    house = replace(at.house, events={**at.house.events, event.id: event})
    state = at.writer.event_state(event.id) or state_of_file(event)
    told = at.letter(draft, "", state)
    letter = Letter("event_published", event.id, draft.maker, told.languages, state, variant=variant,
                    cause=told.cause, to_name=at.home.organiser.name)  # fmt: skip
    post(house, at.writer, letter, at.now, at.one.inbound.id)
    for other in _others(at, event) if variant else ():
        receipt = Transcript((), by=at.home.organiser.name)
        post(
            house, at.writer,
            replace(letter, to=other.address, to_name=other.name, languages=(other.language,), notice=True, cause=None,
                    variant=f"{variant}_receipt", transcript=receipt),
            at.now, at.one.inbound.id,
        )  # fmt: skip
    return _Done("done", reason, "event_published", event)


def _others(at: Drafter, event: Event) -> tuple[Organiser, ...]:
    """Who else organises it: what a YES moves or calls off is told to them at once (trust.md §3)."""
    return tuple(one for one in staffed(at.writer, event).organisers if one.address.key != at.maker.key)
