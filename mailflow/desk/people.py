"""What mailflow does not decide goes to people: the organisers get the mail, the sender is told so."""

from dataclasses import replace

from mailflow.desk.budget import within
from mailflow.desk.draft import answer
from mailflow.model.decision import Decision, QuestionOpened, View
from mailflow.model.event import Organiser
from mailflow.model.letter import Letter
from mailflow.model.proof import Proof

QUOTE_LIMIT = 10_000


def hand_over(view: View, quote: str, proof: Proof) -> Decision:
    """`question_forwarded` to each organiser who takes questions, `question_received` to the sender.

    The receipt may be left out by the budgets; the mail reaches people all the same.
    """
    number = view.next_question
    forwarded = tuple(
        Letter(
            kind="question_forwarded",
            event=view.event.id,
            to=organiser.address,
            to_name=organiser.name,
            languages=(organiser.language,),
            state=view.state,
            registration=view.own,
            cause=view.cause,
            place=view.place,
            quote=quote[:QUOTE_LIMIT],
            question=number,
            notice=True,
        )
        for organiser in _readers(view)
    )
    receipt = replace(answer(view, proof, "question_received"), quote="")
    letters = (*forwarded, *within(view.budget, proof, (receipt,)))
    change = QuestionOpened(number, view.sender, view.cause.subject)
    reason = "handed to the organisers" if forwarded else "kept for the organisers' digest"
    return Decision("done", reason, (change,), letters)


def _readers(view: View) -> tuple[Organiser, ...]:
    """Who takes questions, the writer left out unless nobody else would read it."""
    takers = tuple(organiser for organiser in view.event.organisers if organiser.questions)
    others = tuple(o for o in takers if view.sender is None or o.address.key != view.sender.key)
    return others or takers
