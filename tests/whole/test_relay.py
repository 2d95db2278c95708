"""A relay that is down, slow, refuses, or hangs up: letters wait and go out later, or end with a reason."""

import pytest

from .site import people, send, until

pytestmark = pytest.mark.whole


def outbox(site):
    """What the operator sees of each letter, by recipient's name."""
    rows = site.rows("SELECT recipient, state, attempts, last_code, last_status, reason FROM outbox ORDER BY id")
    return {row["recipient"].partition("@")[0]: row for row in rows}


def test_letters_wait_for_a_relay_that_is_down(make_site, sink):
    """The mail is taken all the same; once the relay listens, the letter that waited is sent, once."""
    site = make_site()
    one = site.serve()
    ada = people(1, "ada")[0]
    send(one.port, (ada.address, ada.mail()))
    assert until(lambda: site.one("SELECT max(last_code) FROM outbox"))
    waiting = outbox(site)["ada000"]
    assert (waiting["state"], waiting["last_code"], waiting["last_status"]) == ("due", 421, "4.4.1")
    assert "421" in site.cli("queue", "list").stdout
    sink.open()
    assert site.idle()
    assert [letter.kind for letter in sink.letters] == ["registered"]
    assert outbox(site)["ada000"]["attempts"] >= 2
    assert one.terminate() == 0


def test_each_letter_ends_as_its_relay_answers(make_site, sink):
    """4xx, a cut line and slowness end well; 5xx ends as failed, and the digest names person and reason."""
    site = make_site()
    sink.behave = {
        person.address: words
        for person, words in zip(
            people(7),
            (["451 4.3.0 later", "450 4.2.1 later still"], ["cut", "cut"], ["slow"], ["550 5.1.1 nobody"],
             ["552 5.2.2 full"], ["554 5.7.1 we dislike it"], []),
            strict=True,
        )
    }  # fmt: skip
    sink.open()
    one = site.serve()
    send(one.port, *((person.address, person.mail()) for person in people(7)))
    assert site.idle()
    ends = {name: (row["state"], row["attempts"], row["reason"]) for name, row in outbox(site).items()}
    # A 421 on a kept line is tried once more on a fresh one within the same attempt: two or three, by which line it was.
    assert ends["p000"][0] == "sent"
    assert ends.pop("p000")[1] in (2, 3)
    assert ends == {
        "p001": ("sent", 3, ""),
        "p002": ("sent", 1, ""),
        "p003": ("failed", 1, "the address does not exist"),
        "p004": ("failed", 1, "the mailbox is full"),
        "p005": ("failed", 1, "the other side refuses our mail"),
        "p006": ("sent", 1, ""),
    }
    assert sorted(letter.to for letter in sink.letters) == [people(7)[n].address for n in (0, 1, 2, 6)]
    digest = " ".join(site.cli("send-digest", "--dry-run").stdout.split())  # its lines are wrapped
    for name, reason in (("p003", "does not exist"), ("p004", "mailbox is full"), ("p005", "refuses our mail")):
        assert f"{name}@people.test.example" in digest
        assert reason in digest
    assert "we dislike it" not in digest, "a server's own words are not shown"
    assert "we dislike it" in site.cli("queue", "list", "--state", "failed").stdout, "but the operator sees them"
    assert site.one("SELECT count(*) FROM attendees WHERE status = 'confirmed'") == 7
    assert one.terminate() == 0
    assert "trouble=" not in one.log


def test_a_relay_that_never_relents_ends_the_letter_with_a_reason(make_site, sink):
    """After `give_up` a letter that was always put off is failed, and the digest says that nobody was reached."""
    site = make_site(give_up="2 s")
    ada = people(1, "ada")[0]
    sink.behave[ada.address] = ["451 4.3.0 later"] * 50
    sink.open()
    one = site.serve()
    send(one.port, (ada.address, ada.mail()))
    assert site.idle()
    failed = outbox(site)["ada000"]
    assert (failed["state"], failed["reason"]) == ("failed", "the other side could not be reached in time")
    assert failed["attempts"] >= 2
    assert sink.letters == []
    assert "could not be reached in time" in " ".join(site.cli("send-digest", "--dry-run").stdout.split())
    site.cli("queue", "retry", "--all")
    sink.behave.clear()
    assert sink.wait(lambda sink: len(sink.letters) == 1), "the operator may try again"
    assert one.terminate() == 0
