"""A hundred and seventy people write: nothing is done wrongly, nobody is silenced."""

import pytest

from benchmarks.corpus import Corpus
from benchmarks.reading import read_one

from .scoring import score
from .voices import voices, write

# What is reached so far. These only rise; a rule that is mended may not cost what another one won.
DONE = 0.04
DONE_OR_PROPOSED = 0.04


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("voices")
    write(folder, voices())
    corpus = Corpus(folder)
    return [read_one(corpus, name) for name in corpus.files()]


@pytest.fixture(scope="module")
def numbers(rows):
    return score((voice.expected for voice in voices()), rows)


def test_no_mail_breaks_the_reader(rows):
    """Each is read to its end."""
    assert [(row["file"], row["evidence"]) for row in rows if "crashed" in row] == []


def test_nothing_is_done_wrongly_and_nobody_is_silenced(numbers):
    """Wrong actions, swallowed people, lost mails: none."""
    assert (numbers.wrong, numbers.swallowed, numbers.answered_robots, numbers.lost) == ([], [], [], [])


def test_what_people_ask_for_is_done(numbers):
    """The share that is done at once or rightly proposed; all the other numbers are printed."""
    print(numbers)
    assert numbers.automation >= DONE
    assert numbers.with_proposals >= DONE_OR_PROPOSED


def test_every_voice_is_a_mail_of_its_own():
    """Names are unique, and each mail is read as the person and the text that stand in the file."""
    all_of_them = voices()
    assert len({voice.name for voice in all_of_them}) == len(all_of_them)
    from mailflow.mail.parse import parse

    for voice in all_of_them:
        message = parse(voice.content)
        assert not message.defects, voice.name
        assert str(message.sender) == voice.expected["fields"]["email"], voice.name
        assert bool(message.in_reply_to) == (voice.letter is not None)


def test_scoring_counts_as_the_corpora_do():
    """A wrong action, a proposal, a swallowed person, an answered robot, a lost mail: each in its own place."""

    def graded(file, intent, **more):
        return {"file": file, "intent": intent, "also_ok": [], "fields": {}} | more

    def read(file, intent, mode="act", **fields):
        return {"file": file, "intent": intent, "mode": mode, "fields": fields}

    found = score(
        [graded("1", "register"), graded("2", "cancel"), graded("3", "ask"), graded("4", "question"),
         graded("5", "auto-reply"), graded("6", "help"), graded("7", "register"), graded("8", "ask", also_ok=["cancel"]),
         graded("9", "register-other", fields={"others": [{"email": "A@x.example"}]})],
        [read("1", "register"), read("2", "cancel", "propose"), read("3", "cancel", "propose"), read("4", "ack"),
         read("5", "ask"), read("7", "cancel"), read("8", "cancel"),
         read("9", "register-other", others=[{"email": "a@x.example"}, {"email": "b@x.example"}])],
    )  # fmt: skip
    assert (found.mails, found.asked, found.done, found.assisted, found.right) == (9, 4, 1, 1, 4)
    assert found.wrong == [
        "7: read as cancel, is register",
        "9: read as register-other, is register-other ['b@x.example']",
    ]
    assert found.wrong_proposals == ["3: read as cancel (proposed), is ask"]
    assert found.swallowed == ["4: read as ack, is question"]
    assert found.answered_robots == ["5: read as ask, is auto-reply"]
    assert found.lost == ["6"]


def test_the_script_that_decides_agrees(shared, rows, tmp_path):
    """score_intents.py reads the voices as a corpus of its own, and finds nothing that must be 0 either."""
    import json
    import subprocess
    import sys

    write(tmp_path, voices())
    predictions = tmp_path / "predictions.jsonl"
    predictions.write_text("\n".join(json.dumps(row) for row in rows))
    script = shared / "samples" / "reading" / "score_intents.py"
    run = subprocess.run([sys.executable, script, tmp_path, predictions, "--gate"], capture_output=True, text=True,
                         check=False)  # fmt: skip
    assert run.returncode == 0, run.stdout
