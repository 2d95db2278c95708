"""Mail to postmaster@ and abuse@ (RFC 5321 §4.5.1, RFC 2142): passed on unread to `site.contact`."""

from datetime import datetime
from email.utils import format_datetime
from typing import Literal

from mailflow.service.bounces import complained_of
from mailflow.service.budget import LOOK_AGAIN, PATIENCE, book_role, role_limit
from mailflow.service.desk_clerk import Outcome, carry_out
from mailflow.service.house import House
from mailflow.service.view import Studied
from mailflow.store.protocol import Writer
from mailflow.store.rows import Outgoing, Verdict

# The kind of what is somebody else's mail: it is never signed.
PASSED_ON = "postmaster"


def forward_role_mail(house: House, writer: Writer, one: Studied, now: datetime) -> Outcome:
    """Post the mail as it came, with a trace field on top and a null reverse-path: a failure must not come back.

    A mail that has been through here before is kept and goes no further. A complaint about a letter of ours is heard
    besides. What is too much for an hour waits, or a flood would take the letters of an hour from everybody else.
    """
    if (complaint := complained_of(house, writer, one, now)) is not None:
        event, decision = complaint
        carry_out(house, writer, decision, event, now, one.inbound.id)
    mail = one.inbound.mail
    state: Literal["done", "silent", "failed"] = "done"
    reason = "passed on to the site's contact"
    if one.message is not None and any(name == "x-mailflow" for name, _ in one.message.headers):
        state, reason = "silent", "our own mail came back"
    elif limit := role_limit(house, writer, mail, now):
        if now - one.inbound.received < PATIENCE:
            writer.defer_mail(one.inbound.id, now + LOOK_AGAIN, limit)
            return Outcome(one, "waiting", limit, intent="question")
        state, reason = "failed", limit
    else:
        book_role(house, writer, mail, now)
        number = writer.next_letter()
        reference = house.seal.reference(number)
        trace = (
            f"Received: by {house.domain} (mailflow) id {one.inbound.id};\r\n {format_datetime(now)}\r\n"
            f"X-Mailflow: letter={PASSED_ON}\r\n"
        )
        writer.post(
            Outgoing(
                id=number,
                reference=reference,
                kind=PASSED_ON,
                event=mail.event,
                number=None,
                to=house.config.site.contact,
                reverse_path=None,
                message_id=house.seal.message_id(PASSED_ON, reference, house.domain),
                subject=f"Mail for {mail.forward_path}",
                language=house.config.site.languages[0],
                octets=trace.encode() + crlf(mail.octets),
                created=now,
                mail=one.inbound.id,
            )
        )
    writer.close_mail(
        one.inbound.id,
        Verdict(
            state=state,
            reason=reason,
            intent="question",
            proof=one.proof.how,
            letter=PASSED_ON if state == "done" else "",
            event=mail.event,
            sender=str(one.message.sender or "") if one.message else "",
            subject=one.message.subject if one.message else "",
        ),
        now,
    )
    return Outcome(one, state, reason, (PASSED_ON,) if state == "done" else (), "question")


def crlf(octets: bytes) -> bytes:
    """The same text with CRLF line ends and no NUL: what we send is never somebody's smuggling (trust.md §7)."""
    text = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\0", b"")
    return text.replace(b"\n", b"\r\n")
