"""One key of an event file, set by its lines: everything else stays as somebody wrote it."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.config.edit import EditError, literal, set_key

FILE = """\
# The kitchen course.
title = { en = "Bread", sv = "Bröd" }   # both
starts = 2019-08-27T12:30:00            # before lunch
languages = [
  "en",
  "sv",
]

[venue]   # upstairs
name = "Eden 236"   # "Eden" is a garden
street = 'Paradisgatan = 5H'

[registration]
capacity = 40
# the end

[[organiser]]
name = "Kim"
address = "kim@example.org"
[organiser.digest]
when = "daily"

[[organiser]]
name = "Robin"
address = "robin@example.org"

[text]
intro = \"\"\"
Hello # no comment
you.\"\"\"
"""
SEED = Path(__file__).parents[2] / "deploy" / "demo" / "creative-machines.toml"


def lines_of(key, value):
    """The lines that went, and those that came."""
    before, after = FILE.splitlines(), set_key(FILE, key, value).splitlines()
    return [one for one in before if one not in after], [one for one in after if one not in before]


@pytest.mark.parametrize(("key", "value", "gone", "come"), [
    ("venue.name", "Eden 116", 'name = "Eden 236"   # "Eden" is a garden', 'name = "Eden 116"   # "Eden" is a garden'),
    ("venue.street", '"Gatan 1"', "street = 'Paradisgatan = 5H'", 'street = "Gatan 1"'),
    ("starts", "2019-08-28T13:00", "starts = 2019-08-27T12:30:00            # before lunch",
     "starts = 2019-08-28T13:00:00            # before lunch"),
    ("registration.capacity", "45", "capacity = 40", "capacity = 45"),
    ("title.sv", "Surdeg", 'title = { en = "Bread", sv = "Bröd" }   # both', 'title = { en = "Bread", sv = "Surdeg" }   # both'),
    ("organiser.1.name", "Bo", 'name = "Robin"', 'name = "Bo"'),
    ("organiser.0.digest.when", "weekly", 'when = "daily"', 'when = "weekly"'),
])  # fmt: skip
def test_a_value_is_replaced_in_its_line(key, value, gone, come):
    """The comment behind it stays, and so does every other line."""
    assert lines_of(key, value) == ([gone], [come])


def test_a_value_over_several_lines_becomes_one():
    """A list and a text."""
    assert 'languages = ["sv"]\n\n[venue]' in set_key(FILE, "languages", '["sv"]')
    assert set_key(FILE, "text.intro", "Bye.").endswith('[text]\nintro = "Bye."\n')


def test_a_new_key_comes_behind_the_last_of_its_table():
    """At the top before the first table; a table that is not there, at the end."""
    assert ']\nhost = "AIML@LU"\n\n[venue]' in set_key(FILE, "host", "AIML@LU")
    assert 'street = \'Paradisgatan = 5H\'\ncity = "Lund"\n\n' in set_key(FILE, "venue.city", "Lund")
    assert 'address = "robin@example.org"\nlanguage = "sv"\n' in set_key(FILE, "organiser.1.language", "sv")
    assert set_key(FILE, "after.people", "30 days").endswith('\n[after]\npeople = "30 days"\n')
    assert set_key("a = 1", "b", "2") == "a = 1\nb = 2\n"


@pytest.mark.parametrize(("key", "value"), [
    ("organiser.2.name", "Nobody"), ("organiser.name", "x"), ("venue", "Eden"), ("venue.name.en", "Eden"), ("a b", "x"),
    ("languages.0", "sv"), ("", "x"), ("..", "x"), ("organiser.0.digest.when.x", "1"),
])  # fmt: skip
def test_what_cannot_be_done_safely_is_refused(key, value):
    """With a reason, and the file as it was."""
    with pytest.raises(EditError):
        set_key(FILE, key, value)


def test_a_comment_inside_a_value_is_not_lost():
    """Whoever wrote it is asked to edit by hand."""
    with pytest.raises(EditError, match="comments"):
        set_key("a = [\n  1,  # one\n]\n", "a", "[2]")


def test_a_value_is_one_value():
    """Nothing gets in beside it."""
    assert tomllib.loads(set_key("a = 1\n", "a", "2\nb = 3")) == {"a": "2\nb = 3"}
    assert tomllib.loads(set_key("a = 1\n", "a", "2 # c")) == {"a": 2}


def test_every_value_of_the_seed_event_can_be_set_to_itself():
    """No value changes, and nothing but that value's own line does; inside lists of inline tables it is refused."""
    text = SEED.read_text()
    whole = tomllib.loads(text)
    for key, value in whole.items():
        if not isinstance(value, dict) and not (isinstance(value, list) and value and isinstance(value[0], dict)):
            assert tomllib.loads(set_key(text, key, literal(value))) == whole


@given(st.text(max_size=60))
def test_any_text_is_written_and_read_back(text):
    """Whatever is typed: the proof holds, or it is refused."""
    try:
        changed = set_key(FILE, "venue.name", text)
    except EditError:
        return
    assert set(tomllib.loads(changed)) == set(tomllib.loads(FILE))
