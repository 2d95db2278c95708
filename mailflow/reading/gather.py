"""Everything that the new text holds: forms, sentences with their fields, and where the signature begins."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from mailflow.mail.address import Address
from mailflow.model.event import Question
from mailflow.model.intent import Fields, Other
from mailflow.model.registration import Answer
from mailflow.reading.analyse import Analysis, analyse
from mailflow.reading.answers import find_answers, find_sessions
from mailflow.reading.below import is_sign_off, is_signature, signature_start, slashed
from mailflow.reading.diet import find_diet, merged_codes
from mailflow.reading.forms import Form, Labels, Line, read_form
from mailflow.reading.people import find_affiliation, find_guests, find_name, find_others, name_of, signed
from mailflow.reading.rules import Places
from mailflow.reading.sentences import Sentence, sentences
from mailflow.reading.signature import without_codes

_SIGNATURE_LINES = 8
_SIGNATURE_READ = 30
_ELSEWHERE = frozenset({"reason", "idiom"})
_DIET = "diet"
_AFFILIATION = "affiliation"


@dataclass(frozen=True, slots=True)
class Gathered:
    """`sentences` are those of the new text without form and signature, understood one by one.

    `fields` are what they and the form say; `given`: there are any beside the name. `form` is the form itself.
    `signature`: the lines below a sign-off that look like one; `telling`: what behind `-- ` is more than a signature.
    `others` have an address; `left_out` are sessions that are said no to. `signs_affiliation`: it is the signature's.
    """

    sentences: tuple[Analysis, ...]
    fields: Fields
    form: Form
    given: bool
    signature: tuple[str, ...]
    others: tuple[Other, ...]
    left_out: tuple[str, ...] = ()
    telling: tuple[Analysis, ...] = ()
    signs_affiliation: bool = False

    @property
    def changes(self) -> Fields:
        """What a change may take from the mail: with others, without what only the signature says."""
        answers = self.fields.answers
        if self.signs_affiliation:
            answers = tuple(answer for answer in answers if answer.question != _AFFILIATION)
        return replace(self.fields, answers=answers, others=self.others)


@dataclass(slots=True)
class _Heap:
    """What has been found so far."""

    answers: dict[str, Answer]
    name: str = ""
    guests: int | None = None
    others: tuple[Other, ...] = ()
    left_out: tuple[str, ...] = ()


def gather(
    lines: tuple[str, ...],
    signature: tuple[str, ...],
    questions: tuple[Question, ...],
    places: Places,
    sender: Address | None,
    sender_name: str,
    mend: Callable[[Sentence], Sentence] = lambda sentence: sentence,
) -> Gathered:
    """Read every line once. `lines` are new text, bounded; `signature` is what stood behind `-- `.

    `mend` may change the words of a sentence before it is understood (reading/typos.py).
    """
    labels = _labels(questions)
    form_lines: list[Line] = []
    words: list[str] = []
    tail: list[str] = []
    lines, at_the_end = slashed(lines, places.own)
    cut = signature_start(lines, places.own)
    for at, line in enumerate(lines):
        if line and at < cut and (found := labels.read(line)):
            form_lines.append(found)
            words.append("")
        elif at == cut - 1 and is_sign_off(line, places.own):
            tail.append(line)
            words.append("")
        elif at < cut or not line:
            words.append(line)
        elif is_signature(line, places.own):
            tail.append(line)
            words.append("")
        else:
            words.append(line)
    heap = _Heap({})
    told = tuple(map(mend, sentences(tuple(map(without_codes, words)))))
    understood = tuple(_sentence(sentence, questions, places, sender, heap) for sentence in told)
    form = read_form(tuple(form_lines), questions, sender)
    below = (*at_the_end, *tail, *signature)
    mark = signed(below[:_SIGNATURE_LINES], sender_name)
    signs = bool(mark.affiliation) and any(q.id == _AFFILIATION for q in questions) and _AFFILIATION not in heap.answers
    if signs:
        heap.answers[_AFFILIATION] = Answer(_AFFILIATION, (), mark.affiliation)
    given = bool(heap.answers.keys() - {_AFFILIATION}) or heap.guests is not None or bool(form.known)
    answers = {**heap.answers, **{answer.question: answer for answer in form.fields.answers}}
    if _DIET in heap.answers and answers[_DIET] is not heap.answers[_DIET]:
        answers[_DIET] = _both(answers[_DIET], heap.answers[_DIET])
    others = tuple(replace(one, name=one.name or name_of(one.address, told)) for one in heap.others)
    if heap.guests and others:
        # "We are three", and two of them have an address.
        heap.guests = max(0, heap.guests - len(others))
    fields = Fields(
        name=form.fields.name or heap.name or mark.name,
        answers=tuple(answers[q.id] for q in questions if q.id in answers),
        guests=form.fields.guests if form.fields.guests is not None else heap.guests,
    )
    return Gathered(understood, fields, form, given, below, others, heap.left_out, _telling(signature, places), signs)


@lru_cache(maxsize=64)  # the questions of an event are those of the mail before
def _labels(questions: tuple[Question, ...]) -> Labels:
    return Labels(questions)


def _sentence(
    sentence: Sentence, questions: tuple[Question, ...], places: Places, sender: Address | None, heap: _Heap
) -> Analysis:
    """The fields of one sentence into the heap; then the sentence, with their words explained."""
    first = analyse(sentence, places)
    # "Morning!" is no session.
    if first.kinds == {"greeting"} and not first.unexplained:
        return first
    if first.asks:
        # A question tells nothing about its writer, but for what he must not eat.
        _need(sentence, questions, sender, heap)
        return first
    explained = _fields(sentence, first.kinds, questions, sender, heap)
    explained |= {at for at, word in enumerate(sentence.folded) if sender and word == sender.key}
    return analyse(sentence, places, frozenset(explained)) if explained else first


def _fields(
    sentence: Sentence, kinds: frozenset[str], questions: tuple[Question, ...], sender: Address | None, heap: _Heap
) -> set[int]:
    """What one sentence tells, into the heap; the places of its words."""
    explained = _need(sentence, questions, sender, heap)
    explained |= _person(sentence, frozenset(question.id for question in questions), sender, heap)
    for question in questions:
        # "I have a meeting in the morning" chooses no session.
        if question.kind == "sessions" and not kinds & _ELSEWHERE and (sessions := find_sessions(sentence, question)):
            heap.left_out = (*heap.left_out, *sessions.no)
            explained |= sessions.places
            if sessions.yes:
                before = heap.answers.get(question.id)
                chosen = (*(before.options if before else ()), *sessions.yes)
                heap.answers[question.id] = Answer(question.id, tuple(dict.fromkeys(chosen)), sentence.text.strip())
    for answer, where in find_answers(sentence, questions):
        heap.answers.setdefault(answer.question, answer)
        explained |= where
    return explained


def _person(sentence: Sentence, known: frozenset[str], sender: Address | None, heap: _Heap) -> set[int]:
    """What it tells of the person and of companions. `known` are the questions that the event asks."""
    explained: set[int] = set()
    if name := find_name(sentence):
        heap.name = heap.name or name.value
        explained |= name.places
    if place := find_affiliation(sentence):
        explained |= place.places
        if _AFFILIATION in known:
            heap.answers.setdefault(_AFFILIATION, Answer(_AFFILIATION, (), place.value))
    if others := find_others(sentence, sender):
        heap.others = (*heap.others, *others.value)
        explained |= others.places
    elif guests := find_guests(sentence):
        heap.guests = guests.value
        explained |= guests.places
    return explained


def _telling(signature: tuple[str, ...], places: Places) -> tuple[Analysis, ...]:
    """What stands behind `-- ` and is more than a signature: a wish, or a word that takes one back."""
    found = (analyse(sentence, places) for sentence in sentences(signature[:_SIGNATURE_READ]))
    return tuple(one for one in found if one.wishes or one.danger_kinds & {"retraction", "hedge"})


def _clauses(sentence: Sentence, places: frozenset[int]) -> str:
    """The words of the clauses in which `places` are: "är vegan" of "jag vill vara med, är vegan"."""
    borders = sorted(sentence.breaks)
    start = max((border for border in borders if border <= min(places)), default=0)
    end = min((border for border in borders if border > max(places)), default=len(sentence.words))
    return sentence.text.strip() if (start, end) == (0, len(sentence.words)) else " ".join(sentence.words[start:end])


def _both(form: Answer, told: Answer) -> Answer:
    """What a form and the sentences beside it say of food: an allergy in either must survive."""
    return Answer(_DIET, merged_codes((*form.options, *told.options)), f"{form.text}. {told.text}".strip(". "))


def _need(sentence: Sentence, questions: tuple[Question, ...], sender: Address | None, heap: _Heap) -> set[int]:
    """What somebody must not eat: the codes that the event has, and always the words (an allergy must survive)."""
    diet = find_diet(sentence, sender)
    question = next((question for question in questions if question.id == _DIET), None)
    if diet is None:
        return set()
    if question is not None and diet.own and (diet.codes or diet.none):
        before = heap.answers.get(_DIET)
        offered = {option.id for option in question.options}
        codes = merged_codes((*(before.options if before else ()), *diet.codes))
        words = f"{before.text if before else ''} {_clauses(sentence, diet.places)}".strip()
        heap.answers[_DIET] = Answer(_DIET, tuple(code for code in codes if code in offered), words)
    return set(diet.places)
