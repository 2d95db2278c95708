"""Automatic mail is recognised by facts, and people are not taken for it (trust.md §5)."""

import pytest

from mailflow.mail.address import Address
from mailflow.mail.message import Attachment
from mailflow.model.intent import ForPeople, Register, Silent
from mailflow.model.seal import Seal

ROBOTS = [
    ({"path": None}, "auto-reply", "a null reverse path"),
    ({"path": None, "subject": "Undeliverable: Hi"}, "bounce", "a null reverse path and the subject of a bounce"),
    ({"path": Address("MAILER-DAEMON", "example.org")}, "bounce", "the reverse path of a mail system"),
    ({"parts": ("multipart/report", "text/plain", "message/delivery-status")}, "bounce", "a delivery report"),
    ({"parts": ("multipart/mixed", "message/disposition-notification")}, "auto-reply", "a read receipt"),
    ({"headers": (("content-type", 'multipart/report; report-type="delivery-status"; boundary=x'),)}, "bounce", "by its type"),
    ({"headers": (("content-type", "Multipart/Report; report-type = disposition-notification"),)}, "auto-reply", "by its type"),
    ({"headers": (("auto-submitted", "auto-replied (vacation)"),)}, "auto-reply", "RFC 3834"),
    ({"headers": (("auto-submitted", "auto-generated; owner=x"),)}, "auto-reply", "with parameters"),
    ({"headers": (("precedence", "bulk"),)}, "auto-reply", "bulk"),
    ({"headers": (("precedence", "List"),)}, "spam", "list"),
    ({"headers": (("list-id", "<l.example.org>"),)}, "spam", "a list"),
    ({"headers": (("list-unsubscribe", "<mailto:x@example.org>"),)}, "spam", "a newsletter"),
    ({"headers": (("feedback-id", "1:2:3:mailer"),)}, "spam", "a bulk sender"),
    ({"headers": (("x-autoreply", "yes"),)}, "auto-reply", "a vacation program"),
    ({"headers": (("x-failed-recipients", "bo@example.org"),)}, "bounce", "Exim"),
    ({"headers": (("x-ms-exchange-inbox-rules-loop", "anna@example.org"),)}, "auto-reply", "Exchange"),
    ({"headers": (("x-ms-message-class", "IPM.Note.Rules.OofTemplate.Microsoft"),)}, "auto-reply", "Exchange"),
    ({"headers": (("x-apple-action", "VACATION"),)}, "auto-reply", "iCloud"),
    ({"sender": Address("postmaster", "example.org")}, "bounce", "a mail system's mailbox"),
    ({"sender": Address("no-reply", "example.org")}, "auto-reply", "nobody reads it"),
    ({"sender": Address("orders_noreply", "example.org")}, "auto-reply", "as a suffix"),
    ({"sender": Address("DoNotReply+17", "example.org")}, "auto-reply", "with a tag"),
    ({"sender": Address("gan-request", "example.org")}, "spam", "a list's mailbox"),
    ({"sender": Address("owner-gan", "example.org")}, "spam", "a list's mailbox"),
    ({"sender": Address("gan", "events.example.org")}, "own", "ourselves"),
    ({"sender": Address("gan+r.abc", "events.example.org")}, "own", "ourselves with a tag"),
    ({"headers": (("x-mailflow", "letter=status"),)}, "own", "a letter of ours"),
    ({"headers": (("received", "x"),) * 31}, "own", "a loop"),
    ({"subject": "Autosvar: Du har en plats", "in_reply_to": ("a@events.example.org",)}, "auto-reply", "subject, and our thread"),
    ({"subject": "Out of office", "headers": (("x-auto-response-suppress", "All"),)}, "auto-reply", "subject, and a header"),
    ({"subject": "自動応答: Re", "references": ("a@b.example", "a@events.example.org")}, "auto-reply", "in Japanese"),
    ({"subject": "Kim Ek is out of the office.", "in_reply_to": ("a@events.example.org",)}, "auto-reply", "Notes"),
    ({"subject": "Report Domain: example.org", "attachments": (Attachment("r", "application/gzip", 1),)}, "auto-reply", "DMARC"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "kind", "why"), ROBOTS)
def test_a_robot_gets_no_answer_whatever_it_says(read_mail, fields, kind, why):
    """The mail says REGISTER, and is filed in silence."""
    reading = read_mail(**{"text": "REGISTER", "thread": False} | fields)
    assert reading.intent == Silent(kind), why
    assert reading.evidence[0].startswith("automatic: ")


PEOPLE = [
    ({"headers": (("x-auto-response-suppress", "All"),)}, "people's Outlook carries it"),
    ({"headers": (("auto-submitted", "no"),)}, "RFC 3834: a person"),
    ({"headers": (("auto-submitted", "no (really)"),)}, "a comment changes nothing"),
    ({"headers": (("feedback-id", "12345678:user:proton"),)}, "Proton marks every person's mail"),
    ({"headers": (("precedence", "normal"),)}, "says nothing"),
    ({"headers": (("disposition-notification-to", "anna.berg@example.org"),)}, "wants a read receipt"),
    ({"headers": (("sender", "list@example.org"), ("resent-from", "bo@example.org"))}, "sent by a secretary"),
    ({"headers": (("x-spam-flag", "YES"),)}, "a spam mark"),
    ({"headers": (("received", "x"),) * 30}, "a long way"),
    ({"sender": Address("info", "example.org")}, "a role"),
    ({"sender": Address("rootberg", "example.org")}, "begins alike"),
    ({"sender": Address("noreplygaard", "example.org")}, "begins alike"),
    ({"sender": Address("gan", "example.org")}, "same local part, other domain"),
    ({"sender": Address("gan2", "events.example.org")}, "same domain, other local part"),
    ({"parts": ("multipart/mixed", "text/plain", "message/rfc822")}, "forwards a mail as a file"),
    ({"message_id": "registered.7M2KQ9XD.short@events.example.org"}, "not quite an id of ours"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "why"), PEOPLE)
def test_a_person_is_never_taken_for_a_robot(read_mail, fields, why):
    """What proves nothing silences nobody."""
    assert isinstance(read_mail("REGISTER", **fields).intent, Register), why


@pytest.mark.parametrize("subject", ["Frånvaro", "Vacation: see you", "Undeliverable", "Out of office"])
def test_a_telling_subject_alone_is_a_question_for_people(read_mail, subject):
    """Too little to be silent, enough not to act."""
    assert isinstance(read_mail("REGISTER", subject).intent, ForPeople)


@pytest.mark.parametrize("subject", ["Frånvaro vecka 12", "Re: Autosvar: x", "SV: Out of office"])
def test_a_subject_that_merely_contains_the_words_is_no_sign(read_mail, subject):
    """The phrase stands at the very start and is followed by a colon or the end."""
    reading = read_mail("REGISTER", subject, in_reply_to=("a@events.example.org",), thread=True)
    assert isinstance(reading.intent, Register)


def test_an_id_of_our_own_letters_is_known_by_its_shape(read_mail):
    """A letter of ours that comes back is not read."""
    seal = Seal(b"0" * 32)
    own = seal.message_id("registered", seal.reference(7), "events.example.org")
    assert read_mail("REGISTER", message_id=own).intent == Silent("own")
