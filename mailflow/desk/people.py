"""What mailflow does not decide goes to people: the organisers get the mail, the sender is told so."""

from dataclasses import replace

from mailflow.desk.budget import held_back, within
from mailflow.desk.draft import answer, to_organiser
from mailflow.model.decision import Decision, QuestionOpened, Saved, View
from mailflow.model.event import Organiser
from mailflow.model.letter import Letter
from mailflow.model.proof import Proof
from mailflow.model.registration import Registration
from mailflow.model.seal import fingerprint

QUOTE_LIMIT = 10_000
# Letters that asked, or that said who will answer. What comes back unclear is for people, never for a second letter
# that says "we did not get that" (letters.md §8, trust.md §2.2).
_ASKED = ("not_understood", "please_confirm", "question_received", "question_forwarded")


def expect(view: View) -> bool:
    """Whether this mail answers a letter whose answers, when they are no plain command, are read by people."""
    return view.replied_to in _ASKED


def text_hash(quote: str, subject: str) -> str:
    """The name of a mail's words, whatever their case and blanks; of its subject when it has none, "" for nothing."""
    words = quote.split() or subject.split()
    return fingerprint(" ".join(words).casefold().encode("utf-8", "replace")) if words else ""


def hand_over(view: View, quote: str, proof: Proof, *, read_as: str = "") -> Decision:
    """`question_forwarded` to each organiser who takes questions, `question_received` to the sender.

    The receipt may be left out by the budgets, and goes once in a thread; the mail reaches people all the same, if
    nobody else takes questions even the one who wrote it. What is held back (trust.md §4) they find in their digest.
    `read_as` is the word for what we took the mail for, when that much was clear.
    """
    # Who wrote what we understood has no question; the letter is headed so.
    forwarded = _forwarded(view, quote, view.own, _readers(view), variant="wish" if read_as else "")
    # The only organiser, who wrote to his own event, has the mail back already: one mail in, one letter out.
    # The same words again get no second letter either.
    told = _told(view) or view.budget.forwards.same_text or any(_is_sender(view, letter) for letter in forwarded)
    receipt = () if told else within(view.budget, proof, (answer(view, proof, "question_received"),))
    reason = "handed to the organisers" if forwarded else _kept(view)
    return Decision(
        "done",
        f"read as {read_as}; {reason}" if read_as else reason,
        (_opened(view, forwarded),),
        (*forwarded, *receipt),
    )


def pass_on(view: View, decision: Decision) -> Decision:
    """`decision`, and the mail to the organisers too: it holds a question beside what it asks for.

    Nothing is added to a mail that goes to them anyway. They get it also when budgets or time left its wish undone.
    """
    if any(isinstance(change, QuestionOpened) for change in decision.changes):
        return decision
    shown = show(view, decision)
    if len(shown.letters) == len(decision.letters):
        return shown
    letters = tuple(replace(letter, passed_on=True) if _is_sender(view, letter) else letter for letter in shown.letters)
    return replace(shown, letters=letters)


def show(view: View, decision: Decision, *, variant: str = "") -> Decision:
    """`decision` with the mail to the organisers beside it; `variant` says what we proposed to the sender.

    Not to an organiser who wrote it: `decision` has the one letter that goes back to him.
    """
    after = view.own
    for change in decision.changes:
        if isinstance(change, Saved) and view.sender is not None and change.after.address.key == view.sender.key:
            after = change.after
    forwarded = _forwarded(view, view.quote, after, _others(view), variant=variant)
    also = "the organisers have the mail too" if forwarded else _kept(view, "the organisers' digest has the mail too")
    return Decision(
        "done",
        f"{decision.reason}; {also}",
        (*decision.changes, _opened(view, forwarded)),
        (*decision.letters, *forwarded),
    )


def _told(view: View) -> bool:
    """Whether this thread has had its receipt. An organiser who answers a forwarded mail to us has had none."""
    return view.replied_to == "question_received" or (view.replied_to == "question_forwarded" and not view.organiser)


def _is_sender(view: View, letter: Letter) -> bool:
    return view.sender is not None and letter.to.key == view.sender.key


def _opened(view: View, forwarded: tuple[Letter, ...]) -> QuestionOpened:
    return QuestionOpened(
        view.next_question,
        view.sender,
        view.cause.subject,
        text_hash=text_hash(view.quote, view.cause.subject),
        forwarded=bool(forwarded),
        proved=view.cause.proved,
    )


def _held_back(view: View) -> str:
    return held_back(view.budget, proved=view.cause.proved, answers=expect(view) or view.organiser)


def _kept(view: View, otherwise: str = "kept for the organisers' digest") -> str:
    why = _held_back(view)
    return f"kept for the organisers' digest: {why}" if why else otherwise


def _forwarded(
    view: View, quote: str, standing: Registration | None, readers: tuple[Organiser, ...], *, variant: str = ""
) -> tuple[Letter, ...]:
    """One letter for each reader, none when the mail is held back. `standing`: the sender's, after the decision."""
    if _held_back(view):
        return ()
    return tuple(
        replace(
            to_organiser(view.event, view.state, "question_forwarded", organiser, variant),
            registration=standing,
            cause=view.cause,
            place=view.place if standing is view.own else 0,
            quote=quote[:QUOTE_LIMIT],
            question=view.next_question,
            notice=True,
        )
        for organiser in readers
    )


def _takers(view: View) -> tuple[Organiser, ...]:
    return tuple(organiser for organiser in view.event.organisers if organiser.questions)


def _others(view: View) -> tuple[Organiser, ...]:
    """Who takes questions, the writer left out."""
    return tuple(o for o in _takers(view) if view.sender is None or o.address.key != view.sender.key)


def _readers(view: View) -> tuple[Organiser, ...]:
    """Who takes questions, the writer left out unless nobody else would read it.

    What answers a letter of ours is never sent back to where it came from: an absence program that marks its
    answers with nothing would otherwise talk with us for ever (trust.md §5). The digest shows it.
    """
    return _others(view) or (() if expect(view) else _takers(view))
