"""Reads the shared corpora as the service would: their `context.json` becomes a ReadingContext for each mail."""

import dataclasses
import json
import subprocess
import sys
from collections import Counter

import pytest

from mailflow.mail.address import AddressError, parse_address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.mail.parse import parse
from mailflow.model.event import Localized, Option, Question
from mailflow.model.intent import CalendarReply, Cancel, Register, Silent, Yes, label
from mailflow.reading.context import ReadingContext
from mailflow.reading.read import read

DIET = Question(
    "diet",
    "choices",
    Localized((("en", "Diet"), ("sv", "Specialkost"))),
    options=tuple(
        Option(code, Localized((("en", code),)))
        for code in (
            "vegetarian",
            "vegan",
            "gluten",
            "lactose",
            "nuts",
            "peanuts",
            "shellfish",
            "halal",
            "pork",
            "fish",
        )
    ),
)
AFFILIATION = Question("affiliation", "text", Localized((("en", "Affiliation"), ("sv", "Arbetsplats"))))
KINDS = {"choice": "choice", "bool": "yes_no", "text": "text"}
ASKING = {"confirm-request", "offer"}


def questions(event):
    own = [
        Question(q["id"], KINDS[q["type"]], Localized((("en", q["en"]), ("sv", q["sv"]))),
                 options=tuple(Option(o, Localized((("en", o),))) for o in q.get("options", ())))
        for q in event["questions"]
    ]  # fmt: skip
    sessions = tuple(
        Option(s["id"], Localized((("en", s["en"]), ("sv", s["sv"]))), also=(s["id"],)) for s in event["sessions"]
    )
    if sessions:
        own.append(Question("sessions", "sessions", Localized((("en", "Sessions"), ("sv", "Pass"))), options=sessions))
    return (DIET, AFFILIATION, *own)


def recipient(message):
    """The address that the mail was delivered to; its domain must be the corpus' own."""
    received = " ".join(value for name, value in message.headers if name in {"received", "to"})
    words = received.replace("<", " ").replace(">", " ").replace(";", " ").replace(",", " ").split()
    return next(word for word in words if word.endswith("@events.lu.example"))


def reverse_path(path):
    """As the door would have it: an address it cannot read is no null path."""
    try:
        return parse_address(path) if path else None
    except AddressError:
        return parse_address("unreadable@example.org")


def envelope_of(message, to):
    path = (message.header("return-path") or "").strip().strip("<>")
    forward = parse_address(to)
    reverse = reverse_path(path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    return Envelope(reverse, (forward,), "smtp", Peer("192.0.2.1", relay=True))


def context_of(message, to, known):
    local, _, domain = to.partition("@")
    base, _, tag = local.partition("+")
    service = next(s for s in known["services"] if s["address"] == f"{base}@{domain}")
    answered = [
        known["sent"][f"<{i}>"] for i in (*message.in_reply_to, *message.references) if f"<{i}>" in known["sent"]
    ]
    token = tag.partition("=")[2] if tag.startswith("confirm=") else ""
    context = ReadingContext(
        domain, base, "+", ("en", "sv"), questions(service["event"]),
        thread=bool(answered),
        asked=any(letter["kind"] in ASKING for letter in answered) or token in known["tokens"],
        default_language=service["default_language"],
    )  # fmt: skip
    return context, service


def ours(message, context, service):
    """The corpus has one UID for each event; ours has one for each person."""
    if message.answer and message.answer.uid == service["event"]["uid"]:
        uid = f"{context.event}-7-0123456789abcdef@{context.domain}"
        return dataclasses.replace(message, answer=dataclasses.replace(message.answer, uid=uid))
    return message


def predict(raw, name, known):
    """One line for score_intents.py, with the two rules of state that the desk adds (understanding.md §2.4.11)."""
    message = parse(raw)
    to = recipient(message)
    context, service = context_of(message, to, known)
    message = ours(message, context, service)
    reading = read(message, envelope_of(message, to), context)
    intent = label(reading.intent)
    state = known["sender_state"].get(name, {}).get("state", "none")
    if isinstance(reading.intent, Cancel) and state in {"none", "cancelled"} and not context.thread:
        intent = "ask"
    fields = {"email": str(message.sender)} if message.sender else {}
    if isinstance(reading.intent, Register):
        given = reading.intent.fields
        if given.name:
            fields["name"] = given.name
        answers = {a.question: a for a in given.answers}
        if "diet" in answers:
            fields["diet"] = list(answers["diet"].options)
        if "sessions" in answers:
            fields["sessions"] = list(answers["sessions"].options)
        if "affiliation" in answers:
            fields["affiliation"] = answers["affiliation"].text
        fields["answers"] = {q: a.text for q, a in answers.items() if q not in {"diet", "sessions", "affiliation"}}
    if isinstance(reading.intent, CalendarReply):
        fields["partstat"] = reading.intent.answer.partstat
    if isinstance(reading.intent, Yes):
        tokens = [known["sent"][f"<{i}>"]["token"] for i in message.in_reply_to if f"<{i}>" in known["sent"]]
        fields["token"] = tokens[0] if tokens else to.partition("=")[2].partition("@")[0]
    prediction = {"file": name, "intent": intent, "fields": fields, "language": reading.language}
    return prediction, reading


def predictions(folder):
    known = json.loads((folder / "context.json").read_text(encoding="utf-8"))
    for path in sorted(folder.glob("*.eml")):
        yield predict(path.read_bytes(), path.name, known)


def score(shared, corpus, tmp_path):
    """The numbers of score_intents.py for one corpus, and its exit status with --gate."""
    folder = shared / "samples" / "reading" / corpus
    lines = [json.dumps(prediction, ensure_ascii=False) for prediction, _ in predictions(folder)]
    (tmp_path / "predictions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    script = shared / "samples" / "reading" / "score_intents.py"
    run = subprocess.run(
        [sys.executable, script, folder, tmp_path / "predictions.jsonl", "--json", "--gate"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return json.loads(run.stdout), run.returncode


@pytest.mark.parametrize(("corpus", "automation"), [("dev", 0.15), ("dev-mutants", None), ("matrix", 0.15)])
def test_nothing_is_done_wrongly_swallowed_or_answered_to_a_robot(shared, corpus, automation, tmp_path):
    """The must-be-0 numbers of every corpus. `automation` only rises, as the phrases come in."""
    numbers, status = score(shared, corpus, tmp_path)
    found = {key: numbers[key] for key in ("wrong_action", "swallowed", "robot_reply", "lost", "trap_hits")}
    assert found == dict.fromkeys(found, 0)
    assert status == 0
    if automation:
        assert numbers["automation"] >= automation


def test_the_new_text_survives_every_mail_program(shared):
    """Eight texts in 19 programs and up to seven languages: exactly eight different new texts are found."""
    quotes = Counter(reading.quote for _, reading in predictions(shared / "samples" / "reading" / "matrix"))
    assert sorted(quotes.values()) == [72] * 8
    assert all("\n" not in quote for quote in quotes)


def test_robots_get_no_letter_and_people_are_heard(shared):
    """137 mails from other projects: `answer` says who must be heard and who must not be answered."""
    folder = shared / "samples" / "mail"
    paths = json.loads((folder / "envelope.json").read_text(encoding="utf-8"))
    context = ReadingContext("events.example.org", "gan", "+", ("en", "sv"), ())
    wrong = []
    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(line)
        message = parse((folder / truth["file"]).read_bytes())
        path = paths[truth["file"]]
        envelope = Envelope(reverse_path(path), (parse_address("gan@events.example.org"),), "smtp")
        reading = read(message, envelope, context)
        silent = isinstance(reading.intent, Silent)
        if truth["answer"] is silent:
            wrong.append((truth["file"], reading.evidence))
        if silent and truth["kind"] == "bounce":
            assert reading.intent.kind == "bounce", truth["file"]
    assert not wrong
