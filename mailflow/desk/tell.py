"""What organisers are told of commands: the transcript, the question before it, the receipt of the others."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mailflow.desk.budget import may_ask, within
from mailflow.desk.draft import to_organiser
from mailflow.model.command import OrderLine
from mailflow.model.decision import Challenge, Challenged, Change, Decision, View
from mailflow.model.event import Event, EventState, Organiser
from mailflow.model.letter import Cause, Letter
from mailflow.model.proof import UNPROVED
from mailflow.model.transcript import Told, Transcript

# How long the YES of a transcript counts (trust.md §3).
ANSWER_WITHIN = timedelta(hours=24)


def letter(
    event: Event, state: EventState, organiser: Organiser, transcript: Transcript, cause: Cause,
    challenge: Challenge | None,
) -> Letter:  # fmt: skip
    """The transcript, to the listed address alone. `challenge` is that of the lines that wait."""
    variant = "waiting" if challenge else "" if transcript.count("done") else "nothing"
    return replace(
        to_organiser(event, state, "transcript", organiser, variant),
        cause=cause,
        challenge=challenge.id if challenge else "",
        transcript=transcript,
    )


def decision(transcript: Transcript, told: Letter, challenge: Challenge | None) -> Decision:
    """The end of a mail whose lines have been done already."""
    counts = ((transcript.count("done"), "done"), (transcript.count("waiting"), "waiting"),
              (transcript.count("refused"), "refused"), (transcript.count("unknown"), "not understood"))  # fmt: skip
    reason = "commands: " + ", ".join(f"{count} {word}" for count, word in counts if count)
    changes: tuple[Change, ...] = (Challenged(challenge),) if challenge else ()
    return Decision("done", reason, changes, (told,))


def together(written: str, told: Sequence[Told]) -> Told:
    """One line about several people: how many it was done for, and for how many it was not."""
    done = [one for one in told if one.state == "done"]
    if not done:
        return told[0] if len(told) == 1 else Told(written, "refused", "none_applied")
    left = len(told) - len(done)
    people = (("people", len(done)), *(each for each in done[0].values if each[0] != "people"))
    return replace(done[0], values=people, also=(("not_waiting_for_it", left),) if left else ())


def receipt(
    event: Event, state: EventState, to: Organiser, by: Organiser, lines: tuple[Told, ...]
) -> Letter:  # fmt: skip
    """What another organiser is told at once, so that a stolen mailbox is noticed (trust.md §3)."""
    return replace(
        to_organiser(event, state, "transcript", to, "receipt"),
        notice=True,
        transcript=Transcript(lines, by=by.name or str(by.address)),
    )


def welcome(event: Event, state: EventState, to: Organiser, by: Organiser) -> Letter:
    """What who was made an organiser by mail is told: by whom, what comes from now on, and what he can write."""
    told = receipt(event, state, to, by, ())
    return replace(told, variant="welcome", transcript=Transcript((), words=True, by=by.name or str(by.address)))


def ask(view: View, organiser: Organiser, lines: tuple[OrderLine, ...], now: datetime) -> Decision:
    """`please_confirm` to the listed address: it names the commands in our words, and nothing else of the mail."""
    if not may_ask(view.budget):
        return Decision("ignored", "asked enough for now")
    challenge = Challenge(
        id=view.challenge_id,
        event=view.event.id,
        act="commands",
        address=organiser.address,
        number=0,
        created=now,
        expires=now + timedelta(seconds=view.confirm_within_seconds),
        code_hash=view.challenge_code_hash,
        orders=lines,
    )
    orders = tuple(dict.fromkeys(line.command.order for line in lines if line.command))
    asked = replace(
        to_organiser(view.event, view.state, "please_confirm", organiser, "organiser"),
        to_name="",
        cause=view.cause,
        challenge=challenge.id,
        proved=False,
        transcript=Transcript(orders=orders),
    )
    kept = within(view.budget, UNPROVED, (asked,))
    return Decision("done", "asked to confirm commands", (Challenged(challenge),), kept)
