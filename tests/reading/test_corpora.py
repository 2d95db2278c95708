"""Reads the shared corpora as the benchmark does, which does what the service does."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from benchmarks.corpus import Corpus
from mailflow.model.intent import Silent


def predictions(folder):
    corpus = Corpus(folder)
    for name in corpus.files():
        yield corpus.row(name, corpus.octets(name))


def score(shared, corpus, tmp_path):
    """The numbers of score_intents.py for one corpus, and its exit status with --gate."""
    folder = shared / "samples" / "reading" / corpus
    lines = [json.dumps(row, ensure_ascii=False) for row, _ in predictions(folder)]
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
    """137 mails from other projects, with nothing known beside them: `answer` says who must be heard and who not."""
    folder = shared / "samples" / "mail"
    rows = {row["file"]: (row, reading) for row, reading in predictions(folder)}
    wrong = []
    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(line)
        row, reading = rows.pop(truth["file"])
        silent = isinstance(reading.intent, Silent)
        assert "crashed" not in row
        if truth["kind"] == "bounce" and truth["failed"] is not None:
            found = {address.casefold() for address in row["failed"]}
            assert len(found) == len(truth["failed"]), truth["file"]
            assert found <= {*truth["failed"], *(truth.get("also") or ())}, truth["file"]
        if truth["answer"] is silent or (silent and truth["kind"] == "bounce" and row["intent"] != "bounce"):
            wrong.append((truth["file"], row["intent"], row["evidence"]))
    assert not wrong
    assert not rows
