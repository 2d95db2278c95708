"""Five hundred and seventy people write: nothing is done wrongly, nobody is silenced.

Their authors had not seen the rules: voices.toml has mail in all manners, everyday.toml the plain way in which most
people write, traps.toml mail that looks like a wish and is none.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.corpus import Corpus

from .scoring import score
from .voices import voices, write

# Done at once, and done or rightly proposed: what is reached so far. These only rise; a rule that is mended may not
# cost what another one won.
REACHED = {"voices": (0.22, 0.57), "everyday": (0.68, 0.83), "traps": (0.4, 0.75)}
FOLDER = Path(__file__).parent


@pytest.fixture(scope="module", params=sorted(REACHED))
def read_ones(request, tmp_path_factory):
    """The corpus of one file: its name, its folder, the people who wrote, and what was made of each mail."""
    folder = tmp_path_factory.mktemp(request.param)
    people = voices(FOLDER / f"{request.param}.toml")
    write(folder, people)
    corpus = Corpus(folder)
    return request.param, folder, people, [corpus.row(name, corpus.octets(name))[0] for name in corpus.files()]


@pytest.fixture
def numbers(read_ones):
    name, _, people, rows = read_ones
    return name, score((voice.expected for voice in people), rows)


def test_nothing_is_done_wrongly_and_nobody_is_silenced(numbers):
    """Wrong actions, swallowed people, lost mails: none."""
    _, found = numbers
    assert (found.wrong, found.swallowed, found.answered_robots, found.lost) == ([], [], [], [])


def test_what_people_ask_for_is_done(numbers):
    """The share that is done at once or rightly proposed; all the other numbers are printed."""
    name, found = numbers
    print(found)
    done, done_or_proposed = REACHED[name]
    assert found.automation >= done
    assert found.with_proposals >= done_or_proposed


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


def test_the_script_that_decides_agrees(shared, read_ones):
    """score_intents.py reads each file as a corpus of its own, and finds nothing that must be 0 either."""
    _, folder, _, rows = read_ones
    predictions = folder / "predictions.jsonl"
    predictions.write_text("\n".join(json.dumps(row) for row in rows))
    script = shared / "samples" / "reading" / "score_intents.py"
    run = subprocess.run([sys.executable, script, folder, predictions, "--gate"], capture_output=True, text=True,
                         check=False)  # fmt: skip
    assert run.returncode == 0, run.stdout
