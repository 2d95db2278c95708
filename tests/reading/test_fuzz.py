"""The fuzzer on mail: a few hundred of its mails, always the same, and that it would say so if something broke."""

from itertools import islice

from benchmarks import fuzz


def test_some_broken_mails_hurt_nobody():
    """None raises, takes a second, or has a program answered."""
    faults = {number: fuzz.look_at(content)[1] for number, content in enumerate(islice(fuzz.mails(7), 300))}
    assert {number: fault for number, fault in faults.items() if fault} == {}


def test_the_same_seed_makes_the_same_mails():
    """So that what was found once is found again."""
    assert list(islice(fuzz.mails(3), 20)) == list(islice(fuzz.mails(3), 20))


def test_what_breaks_is_told(monkeypatch):
    """An exception is a fault, and so is an answer to a program."""
    content = next(fuzz.mails(7))
    with monkeypatch.context() as patch:
        patch.setattr(fuzz, "examine", lambda _task: 1 / 0)
        assert fuzz.look_at(content)[1].startswith("ZeroDivisionError")
    plain = b"From: ada@example.org\r\nTo: gan@events.example.org\r\nSubject: register\r\n\r\nregister\r\n"
    monkeypatch.setattr("mailflow.reading.read.find_robot", lambda *_: None)
    assert fuzz.look_at(fuzz.ROBOT + plain)[1] == "would answer a program"
