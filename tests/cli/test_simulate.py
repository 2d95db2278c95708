"""`simulate`: the object of operations.md §1.2, for any mail, and nothing written."""

import json
import os

import pytest

from .conftest import MAIL

KEYS = ["file", "event", "intent", "mode", "secondary", "fields", "language", "proof", "evidence", "changes", "letters"]
MAJA = b"From: Maja Lind <maja.lind@example.org>\nTo: creative-machines@events.example.org\n"
SMUGGLER = b"From: a@example.org\r\nTo: gan@events.example.org\nSubject: \xff\xfe=?utf-8?b?8J+YgO2ggA==?= \x1b[2J\r\n\0\r\nregister"


@pytest.mark.parametrize(
    "content",
    [MAIL, b"", b"\n", b"\r\n" * 1000, os.urandom(4096), b"\0" * 4096, b"a\n" * 6_000_000, b"(" * 100_000,
     b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n" * 5000, SMUGGLER, b"From: " + b"<" * 50_000],
    ids=["mail", "empty", "a line", "lines", "random", "nul", "12 MB", "brackets", "boundaries", "smuggler", "from"],
)  # fmt: skip
def test_it_never_fails_on_a_mail_and_writes_nothing(site, tmp_path, content):
    """Exactly those keys in that order, and the database's rows stay as they were."""
    (tmp_path / "x.eml").write_bytes(content)
    before = site.rows()
    (found,) = site.objects("simulate", tmp_path / "x.eml", "--letters")
    assert list(found) == KEYS
    assert isinstance(found["fields"], dict)
    assert site.rows() == before
    assert "\x1b" not in site.call("simulate", tmp_path / "x.eml", "--letters").stdout


def test_a_sign_up_by_a_proved_sender(site, mail):
    """The whole object."""
    (found,) = site.objects("simulate", mail, "--assume-proof", "dkim")
    evidence = found.pop("evidence")
    assert evidence[0] == "proof assumed"
    assert evidence[-1] == "registered: confirmed"
    (change,) = found.pop("changes")
    assert (change["change"], change["before"], change["after"]) == ("registered", None, "confirmed")
    subject = found["letters"][0].pop("subject")
    assert subject.startswith("You're in: Bread baking for beginners")
    assert found == {
        "file": str(mail), "event": "gan", "intent": "register", "mode": "act", "secondary": None,
        "fields": {"email": "maja@example.org", "name": "Maja Lind", "diet": ["vegan"]}, "language": "en", "proof": "dkim",
        "letters": [{"letter": "registered", "to": "maja@example.org", "language": "en", "calendar": "request"}],
    }  # fmt: skip


def test_nobody_is_taken_at_their_word(site, mail):
    """Without proof it is proposed; that DNS was not asked is the first thing said where it would have been."""
    (found,) = site.objects("simulate", mail)
    assert (found["mode"], found["proof"], found["letters"][0]["letter"]) == ("propose", "none", "please_confirm")
    assert found["evidence"][0] == "DNS was not asked"
    assert [change["change"] for change in found["changes"]] == ["asked", "challenge_open"]
    assert found["changes"][1]["expires"].endswith("Z")


def test_a_trusted_servers_verdict_is_judged_without_dns(site, tmp_path):
    """Authentication-Results of a configured server, as the file carries it."""
    site.file.write_text(site.file.read_text() + '\n[trust]\nauthserv_ids = ["mx.example.org"]\n')
    head = (
        b"Authentication-Results: mx.example.org; dkim=pass header.d=example.org; dmarc=pass header.from=example.org\n"
    )
    (tmp_path / "a.eml").write_bytes(head + MAIL)
    (found,) = site.objects("simulate", tmp_path / "a.eml")
    assert (found["mode"], found["proof"]) == ("act", "relay")


def test_it_reads_stdin_and_needs_no_database(site):
    """Without a database there is none afterwards either."""
    site.database.unlink()
    (found,) = site.objects("simulate", "-", "--assume-proof", "dkim", "--letters", stdin=MAIL)
    assert (found["file"], found["intent"], found["mode"]) == ("-", "register", "act")
    assert found["letters"][0]["text"].startswith("You have a seat")
    assert not site.database.exists()


def test_a_mail_in_another_language_is_one_more_change(demo, tmp_path):
    """Maja is written to in English from then on; that is shown, and nothing is stored."""
    (tmp_path / "s.eml").write_bytes(MAJA + b"Content-Language: en\nSubject: status\n\nstatus\n")
    before = demo.rows()
    (found,) = demo.objects("simulate", tmp_path / "s.eml", "--assume-proof", "dkim")
    assert {**found["changes"][-1], "code": ""} == {"change": "language", "code": "", "before": "sv", "after": "en"}
    assert demo.rows() == before


def test_it_sees_what_the_database_knows_while_a_service_writes(demo, tmp_path):
    """Maja has a seat; a service that holds the write lock is not waited for."""
    (tmp_path / "c.eml").write_bytes(MAJA + b"Subject: cancel\n\ncancel\n")
    before = demo.rows()
    with demo.lock():
        (found,) = demo.objects("simulate", tmp_path / "c.eml", "--assume-proof", "dkim", "--at", "2019-08-20T10:00")
    assert (found["intent"], found["mode"], found["letters"][0]["calendar"]) == ("cancel", "act", "cancel")
    assert found["changes"][0]["before"] == "confirmed"
    assert demo.rows() == before


def test_at_is_the_time_of_the_decision(demo, tmp_path):
    """After the closing date the same mail is told that it is closed. Without an offset it is the site's wall time."""
    (tmp_path / "r.eml").write_bytes(MAJA.replace(b"maja.lind", b"bo") + b"Subject: register\n\nregister\n")
    words = ("simulate", tmp_path / "r.eml", "--assume-proof", "dkim", "--at")
    kinds = [demo.objects(*words, at)[0]["letters"][0]["letter"]
             for at in ("2019-08-23T11:59", "2019-08-23T12:01", "2019-08-23T09:59Z", "2019-08-23T10:01Z")]  # fmt: skip
    assert kinds == ["registered", "closed", "registered", "closed"]


@pytest.mark.parametrize(
    ("words", "event", "why"),
    [
        (("--to", "nobody@events.example.org"), None, "550 5.1.1"),
        (("--to", "gan@elsewhere.example.org"), None, "550 5.7.1"),
    ],
    ids=["unknown", "elsewhere"],
)
def test_what_the_door_refuses_is_an_object_too(site, words, event, why):
    """`refused`, with what the door would have said."""
    (found,) = site.objects("simulate", "-", *words, stdin=MAIL)
    assert (found["intent"], found["event"], found["changes"], found["letters"]) == ("refused", event, [], [])
    assert why in found["evidence"][0]


def test_where_there_are_several_events_the_recipient_decides(site, mail):
    """--event, else To; a mail for nobody here is refused, not an error."""
    (site.folder / "events" / "bread.toml").write_bytes((site.folder / "events" / "gan.toml").read_bytes())
    assert site.objects("simulate", mail)[0]["event"] == "gan"
    assert site.objects("simulate", mail, "--event", "bread")[0]["event"] == "bread"
    (found,) = site.objects("simulate", "-", stdin=MAIL.replace(b"gan@", b"somebody@"))
    assert (found["event"], found["intent"]) == (None, "refused")


def test_mail_to_postmaster_goes_to_a_person(site, mail):
    """And is not read for commands."""
    (found,) = site.objects("simulate", mail, "--to", "postmaster@events.example.org")
    assert (found["event"], found["intent"], found["changes"], found["letters"]) == ("postmaster", "question", [], [])


def test_a_robot_is_not_answered(site, mail):
    """The null path silences; the fields of a robot are nobody's."""
    (found,) = site.objects("simulate", mail, "--from", "<>")
    assert (found["intent"], found["letters"], found["fields"]) == ("auto-reply", [], {})


def test_several_files_are_several_objects_in_order(site, mail, tmp_path):
    """One a line, each with its name."""
    (tmp_path / "b.eml").write_bytes(b"")
    lines = site.call("simulate", mail, tmp_path / "b.eml", mail, "--json").stdout.splitlines()
    assert [json.loads(line)["file"] for line in lines] == [str(mail), str(tmp_path / "b.eml"), str(mail)]


def test_a_fault_of_ours_is_told_in_the_evidence(site, mail, monkeypatch):
    """The next file has its turn."""
    import mailflow.service.simulate as rehearsal

    def broken(_task):
        raise RecursionError("deep")

    monkeypatch.setattr(rehearsal, "examine", broken)
    found = site.objects("simulate", mail, mail)
    assert [one["intent"] for one in found] == ["refused", "refused"]
    assert "RecursionError" in found[0]["evidence"][0]


def test_all_shared_samples_are_objects(site, shared):
    """Other people's mail, broken and not, by the hundred."""
    files = sorted((shared / "samples" / "mail").rglob("*.eml"))[::12][:120]
    found = site.objects("simulate", *files)
    assert len(found) == len(files)
    assert all(list(one) == KEYS for one in found)


def test_people_see_the_same_as_lines(site, mail):
    """Found, because, changes and letters."""
    shown = site.call("simulate", mail, "--assume-proof", "dkim", "--letters").stdout
    assert shown.startswith(f"{mail}: register (act), proof dkim, event gan, language en\n")
    for part in (
        "  because  ",
        "  found    diet: vegan\n",
        "  changes  change: registered",
        "  letter   registered to ",
        "           | ",
    ):
        assert part in shown


def test_people_see_every_answer_and_person_on_a_line(site, mail, monkeypatch):
    """Answers by question, other people by name and address, a second wish, and that something is only proposed."""
    from mailflow.mail.address import Address
    from mailflow.model.intent import Fields, Other, Proposed, Reading, Register
    from mailflow.model.registration import Answer

    answers = (Answer("diet", ("vegan", "nuts"), "vegan, no nuts"), Answer("size", ("L",)), Answer("level", (), "new"))
    fields = Fields(name="Maja", answers=answers, guests=0, others=(Other("Bo Ek", Address("bo", "example.org")),))
    reading = Reading(Proposed(Register(fields)), "sv", ("sv.register.03: skriv upp mig",), "…", "question")
    monkeypatch.setattr("mailflow.service.study.read", lambda *_: reading)
    shown = site.call("simulate", mail, "--assume-proof", "dkim").stdout
    assert shown.startswith(f"{mail}: register (propose), also question, proof dkim, event gan, language sv\n")
    for line in (
        "  because  sv.register.03: skriv upp mig",
        "  found    diet: vegan, nuts",
        "  found    answers size: L",
        "  found    answers level: new",
        "  found    guests: 0",
        "  found    others: name: Bo Ek, email: bo@example.org",
    ):
        assert line in shown.splitlines()
    (found,) = site.objects("simulate", mail, "--assume-proof", "dkim")
    assert (found["mode"], found["secondary"]) == ("propose", "question")
    assert found["fields"]["others"] == [{"name": "Bo Ek", "email": "bo@example.org"}]


def test_who_is_taken_as_proved_may_command(site, mail, monkeypatch):
    """--assume-proof holds for the reader as well: an organiser is read as one; without proof nobody is."""
    from mailflow.model.intent import ForPeople, Reading

    mail.write_bytes(mail.read_bytes().replace(b"maja@", b"kim.ek@"))
    told = []

    def listen(_message, _envelope, context):
        told.append(context.organiser)
        return Reading(ForPeople())

    monkeypatch.setattr("mailflow.service.study.read", listen)
    for assumed in ("dkim", "none"):
        site.call("simulate", mail, "--assume-proof", assumed)
    site.call("simulate", mail)
    assert told == [True, False, False]
