"""A real Postfix hands mail over and takes the answers, with the lines of deploy/postfix as they are."""

import shutil
import smtplib
import time

import pytest

from tests.whole.site import DOMAIN, EVENT, people, until

from .front import GAN, absent, free_port, lines_of, signed, write

pytestmark = [pytest.mark.needs_postfix, pytest.mark.whole, pytest.mark.skipif(bool(absent()), reason=absent())]


@pytest.mark.parametrize("names", [("subdomain.cf", "border.cf"), ("address.cf", "border.cf"), ("pipe.cf",)])
def test_postfix_knows_every_line_of_ours(front, names):
    """`postfix check` and `postconf` warn of nothing: no unknown parameter, no unknown service, no second value."""
    main, _, master = "\n".join(lines_of(name) for name in names).partition("# master.cf\n")
    front.write(main, master)
    said = front.run("postfix", "check") + front.run("postconf", "-n") + front.run("postconf", "-M")
    assert "warning" not in said
    ours = [line.partition("=")[0].strip() for line in main.splitlines() if line[:1].isalpha()]
    assert all(f"\n{name} = " in f"\n{said}" for name in ours), (ours, said)


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_a_registration_goes_through_postfix_and_back(stand, front, sink, protocol):
    """A row, and the confirmation by Postfix as relay: octet by octet what we rendered, under a signature that holds."""
    site = stand(protocol)
    one = site.serve()
    ada = people(1, "ada")[0]
    write(front, ada)
    assert sink.wait(lambda sink: sink.to(ada.address)), front.log + one.log
    (row,) = site.rows("SELECT * FROM inbox")
    assert (row["via"], row["state"], row["forward_path"]) == (protocol, "done", GAN)
    assert site.one("SELECT status FROM attendees") == "confirmed"
    (letter,) = sink.to(ada.address)
    assert "(Postfix)" in letter.message["Received"]
    assert signed(site, letter)
    assert letter.content.endswith(site.one("SELECT octets FROM bodies"))
    calendar = next(part for part in letter.message.walk() if part.get_content_type() == "text/calendar")
    assert calendar.get_param("method") == "REQUEST"
    assert site.idle()
    assert one.terminate() == 0
    assert front.complaints() == []


def test_an_unknown_event_is_refused_in_the_session(stand, front):
    """The sender's server hears 550 5.1.1 at RCPT; nothing is queued, so that nothing can bounce to a forged sender."""
    site = stand()
    one = site.serve()
    ada = people(1, "ada")[0]
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        write(front, ada, to=[f"nobody@{DOMAIN}"])
    ((code, text),) = refused.value.recipients.values()
    assert (code, text[:5]) == (550, b"5.1.1"), text
    assert b"127.0.0.1" not in text, "the inside is nobody's business"
    assert front.waiting() == 0
    assert site.one("SELECT count(*) FROM inbox") == 0
    assert one.terminate() == 0


def test_a_new_event_is_known_after_a_minute(stand, front, sink):
    """What Postfix has refused before it forgets soon, not after three hours (the minute of our lines is short in here)."""
    site = stand(minute=("negative_expire_time = 1m", "negative_expire_time = 1s"))
    one = site.serve()
    ada = people(1, "ada")[0]
    new = f"bread@{DOMAIN}"
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        write(front, ada, to=[new])
    shutil.copy(site.event_file, site.event_file.with_name("bread.toml"))
    one.hang_up()
    assert one.wait_log("service=reloaded")
    time.sleep(2.1)  # the cached refusal runs out, by whole seconds
    write(front, ada, to=[new])
    assert sink.wait(lambda sink: sink.to(ada.address))
    assert one.terminate() == 0


def test_what_stands_behind_the_plus_arrives(stand, front):
    """event+detail@ is the event's, whatever the detail; it is in the database as it came."""
    site = stand()
    one = site.serve()
    ada = people(1, "ada")[0]
    write(front, ada, to=[f"{EVENT}+cancel@{DOMAIN}"])
    assert until(lambda: site.one("SELECT count(*) FROM inbox") == 1), front.log
    assert site.one("SELECT forward_path FROM inbox") == f"{EVENT}+cancel@{DOMAIN}"
    assert site.idle()
    assert one.terminate() == 0


def test_two_events_in_one_mail_are_two_rows(stand, front, sink):
    """One transaction with two recipients, one reply for each, and each event answers."""
    site = stand()
    shutil.copy(site.event_file, site.event_file.with_name("bread.toml"))
    one = site.serve()
    ada = people(1, "ada")[0]
    write(front, ada, to=[GAN, f"bread@{DOMAIN}"])
    assert sink.wait(lambda sink: len(sink.to(ada.address)) == 2), front.log
    assert [tuple(row) for row in site.rows("SELECT event, state, via FROM inbox ORDER BY event")] == [
        ("bread", "done", "lmtp"),
        ("gan", "done", "lmtp"),
    ]
    ids = {line.partition("]: ")[2].partition(":")[0] for line in front.log.splitlines() if "(250 2.0.0 Accepted)" in line}
    assert len(ids) == 1, front.log
    assert front.waiting() == 0
    assert one.terminate() == 0


def test_while_mailflow_is_down_postfix_keeps_the_mail(stand, front, sink):
    """Mail for an address that was asked about waits in Postfix's queue; any other is 450, so their server tries again."""
    site = stand()
    one = site.serve()
    ada, bo, cy = people(3)
    write(front, ada)
    assert sink.wait(lambda sink: sink.to(ada.address)), front.log
    assert one.terminate() == 0
    write(front, bo)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        write(front, cy, to=[f"{EVENT}+status@{DOMAIN}"])
    ((code, text),) = refused.value.recipients.values()
    assert code == 450, text
    assert front.wait_log("status=deferred (connect to")
    assert front.waiting() == 1
    again = site.serve()
    front.run("postqueue", "-f")
    assert sink.wait(lambda sink: sink.to(bo.address)), front.log
    assert until(lambda: front.waiting() == 0)
    assert site.one("SELECT count(*) FROM attendees") == 2
    assert again.terminate() == 0


def test_a_letter_that_bounces_is_not_answered(stand, front, sink):
    """Postfix takes our letter and cannot deliver it: its report comes back to us, and flags ada; no letter follows."""
    site = stand()
    one = site.serve()
    ada = people(1, "ada")[0]
    sink.behave[ada.address] = ["550 5.1.1 nobody of that name"]
    write(front, ada)
    assert until(lambda: site.one("SELECT count(*) FROM inbox") == 2, 15), front.log
    assert site.idle()
    (report,) = site.rows("SELECT * FROM inbox WHERE id = 2")
    assert (report["reverse_path"], report["state"], report["intent"]) == (None, "done", "bounce")
    assert site.one("SELECT count(*) FROM outbox") == 1
    assert front.waiting() == 0
    assert one.terminate() == 0


def test_a_unix_socket_is_found_from_inside_the_chroot(stand, front, sink):
    """Debian's lmtp runs in a chroot: a path in Postfix's own folder, said relative to it, works with and without."""
    site = stand("lmtp", "unix:private/mailflow", "unix:{folder}/q/private/mailflow")
    one = site.launch()
    assert one.wait_log("service=started", 20), one.log
    # What the socket unit does with SocketUser and SocketMode (deploy/systemd/lmtp.conf).
    place = front.folder / "q" / "private" / "mailflow"
    shutil.chown(place, "postfix", "postfix")
    place.chmod(0o600)
    ada = people(1, "ada")[0]
    write(front, ada)
    assert sink.wait(lambda sink: sink.to(ada.address)), front.log
    assert sink.to(ada.address)[0].kind == "registered"
    assert tuple(site.rows("SELECT via, peer, relay FROM inbox")[0]) == ("lmtp", "", 1)
    assert one.terminate() == 0
    assert not place.exists()


def test_one_address_in_a_domain_with_mailboxes(make_site, front, sink):
    """The event's address and its plus-addresses come to us; the mailboxes beside it do not, unknown ones are 550."""
    sink.open()
    site, port = make_site(), free_port()
    text = site.config.read_text(encoding="utf-8").replace('"127.0.0.1:0"]', f'"127.0.0.1:{port}"]')
    site.config.write_text(text.replace(f"smtp://127.0.0.1:{sink.port}", f"smtp://127.0.0.1:{front.port}"), encoding="utf-8")
    table = lines_of("mailflow.regexp", address=("/^creative-machines(", f"/^{EVENT}("),
                     domain=(r"@example\.org", "@" + DOMAIN.replace(".", r"\.")), port=(":2525", f":{port}"))  # fmt: skip
    (front.folder / "mailflow.regexp").write_text(table, encoding="utf-8")
    mailboxes = f"""
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_maps = inline:{{ {{{GAN}=x}} {{kim@{DOMAIN}=x}} }}
virtual_transport = discard:
"""
    where = ("/etc/postfix/mailflow.regexp", f"{front.folder}/mailflow.regexp")
    front.start(lines_of("address.cf", file=where) + mailboxes)
    one = site.serve()
    ada = people(1, "ada")[0]
    write(front, ada, to=[GAN])
    write(front, ada, "status", to=[f"{EVENT}+status@{DOMAIN}"])
    write(front, ada, to=[f"kim@{DOMAIN}"])
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        write(front, ada, to=[f"nobody@{DOMAIN}"])
    assert sink.wait(lambda sink: len(sink.to(ada.address)) == 2), front.log
    assert front.wait_log(f"to=<kim@{DOMAIN}>, relay=none"), front.log
    assert sorted(row["forward_path"] for row in site.rows("SELECT forward_path FROM inbox")) == [
        f"{EVENT}+status@{DOMAIN}",
        GAN,
    ]
    assert one.terminate() == 0
