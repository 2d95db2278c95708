"""What is not there for everybody: options of which there are only so many, and seats for guests."""

from dataclasses import replace

from mailflow.model.decision import View
from mailflow.model.event import EventState, Question
from mailflow.model.given import own_words
from mailflow.model.letter import Refusal
from mailflow.model.registration import Answer, Registration


def fit(view: View, before: Registration | None, row: Registration) -> tuple[Registration, tuple[Refusal, ...]]:
    """`row` without the options that are full, and which those are. What `before` holds already stays its own.

    Those in line hold what they chose (`Registration.holds`), so nothing that was promised is taken back when they
    move up. Where nothing is left of an answer, the earlier one stands.
    """
    held = before if before is not None and before.holds else None
    questions = {question.id: question for question in view.event.questions}
    answers: list[Answer] = []
    refused: list[Refusal] = []
    for answer in row.answers:
        question = questions.get(answer.question)
        old = held.answer(answer.question) if held else None
        full = _full(view, question, answer, old) if question else ()
        if question is None or not full:
            answers.append(answer)
            continue
        refused += (Refusal("option", answer.question, option) for option in full)
        if kept := _without(question, answer, full) or old:
            answers.append(kept)
    return (replace(row, answers=tuple(answers)), tuple(refused)) if refused else (row, ())


def guests(view: View, before: Registration, wanted: int) -> Refusal | None:
    """Why `before` cannot bring that many, or None. Fewer than now is always possible.

    More guests of somebody with a seat take free seats only, and none while others wait for one. In line a party may
    grow up to what could ever fit.
    """
    if wanted <= before.guests:
        return None
    state = view.state
    most = view.event.guests if state.capacity is None else min(view.event.guests, max(0, state.capacity - 1))
    if wanted > most:
        return Refusal("guests", number=most)
    if not before.status.seated or state.capacity is None:
        return None
    free = 0 if state.waiting else max(0, state.capacity - state.taken)
    return Refusal("seats", number=free) if wanted - before.guests > free else None


def ever(state: EventState, row: Registration) -> tuple[Registration, tuple[Refusal, ...]]:
    """`row` with no more guests than could ever sit beside it, and that it is fewer. A held seat keeps its.

    A party larger than the whole event would wait in vain, and everybody behind it.
    """
    if row.until is not None or state.capacity is None or row.guests <= max(0, state.capacity - 1):
        return row, ()
    most = max(0, state.capacity - 1)
    return replace(row, guests=most), (Refusal("guests", number=most),)


def party(state: EventState, row: Registration) -> tuple[Registration, tuple[Refusal, ...]]:
    """`row` with as many guests as there are free seats beside its own, and that it is fewer. A held seat keeps its."""
    if row.until is not None or state.free(row.seats) or state.capacity is None:
        return row, ()
    left = max(0, state.capacity - state.taken - 1)
    return replace(row, guests=left), (Refusal("seats", number=left),)


def _full(view: View, question: Question, answer: Answer, old: Answer | None) -> tuple[str, ...]:
    taken = {(one.question, one.option): one.taken for one in view.chosen}
    places = {option.id: option.places for option in question.options}
    held = old.options if old else ()
    return tuple(
        option
        for option in dict.fromkeys(answer.options)
        if option not in held
        and (limit := places.get(option)) is not None
        and taken.get((question.id, option), 0) >= limit
    )


def _without(question: Question, answer: Answer, full: tuple[str, ...]) -> Answer | None:
    """The answer without those options; None when nothing is left of it.

    Its words go with them, but for a question that asks for words too: an allergy is never lost to a full option.
    """
    left = tuple(option for option in answer.options if option not in full)
    text = answer.text if question.other and own_words(question, answer) else ""
    return Answer(question.id, left, text) if left or text else None
