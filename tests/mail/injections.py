"""26 header injections in every field of a letter: what compose makes of them on the Python that runs this.

    python tests/mail/injections.py

Needs only what compose itself imports, so that it runs on any interpreter, with `-O` too. Prints a JSON object:
version, optimized, tried, refused (ComposeError), and every case that got through as `found`.
"""

import email
import email.utils
import json
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from mailflow.mail.address import Address
from mailflow.mail.compose import ComposeError, compose
from mailflow.mail.outline import File, Outline

EVIL = "evil@x.example"
INJECTIONS = [
    f"\r\nBcc: {EVIL}", f"\nBcc: {EVIL}", f"\rBcc: {EVIL}", f"\r\n\r\nBcc: {EVIL}", f"\n\nBcc: {EVIL}", f"a\r\n Bcc: {EVIL}", f"a\r\n\tx\r\nBcc: {EVIL}",
    f"\x0bBcc: {EVIL}", f"\x0cBcc: {EVIL}", f"\x1cBcc: {EVIL}", f"\x1dBcc: {EVIL}", f"\x1eBcc: {EVIL}", f"\x85Bcc: {EVIL}", f"\u2028Bcc: {EVIL}",
    f"\u2029Bcc: {EVIL}", f"\x00\r\nBcc: {EVIL}", f'"\r\nBcc: {EVIL}\r\nX: "', f"> <{EVIL}>, <", f"=?utf-8?q?=0D=0ABcc:_{EVIL.replace('@', '=40')}?=",
    "=?utf-8?b?DQpCY2M6IGV2aWxAeC5leGFtcGxl?=", f"{'a' * 2000}\r\nBcc: {EVIL}", f"(\r\nBcc: {EVIL})", f"\udc0d\udc0aBcc: {EVIL}", f"\u560d\u560aBcc: {EVIL}",
    f"å\r\nBcc: {EVIL}\r\nContent-Type: text/html", f"\r\n.\r\nMAIL FROM:<{EVIL}>\r\nRCPT TO:<{EVIL}>\r\nDATA",
]  # fmt: skip
LETTER = Outline(
    sender_name="A workshop", sender=Address("gan", "events.example.org"), to_name="Maja Lind", to=Address("maja", "example.org"),
    subject="You're in", date=datetime(2019, 8, 12, 7, 15, tzinfo=UTC), message_id="registered.1@events.example.org", text="text\n",
    html="<p>html</p>\n", auto_submitted="auto-replied", in_reply_to="a@example.org", references=("a@example.org",), languages=("en",),
    reply_to=Address("gan+r.TOKEN", "events.example.org"), further=(("X-Mailflow", "letter=registered"),),
    files=(File("list.csv", "text/csv", b"a;b\r\n"),), calendar=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", method="REQUEST",
)  # fmt: skip
FIELDS = {
    "sender_name": lambda text: replace(LETTER, sender_name=text),
    "sender.local": lambda text: replace(LETTER, sender=Address(text, "events.example.org")),
    "sender.domain": lambda text: replace(LETTER, sender=Address("gan", text)),
    "to_name": lambda text: replace(LETTER, to_name=text),
    "to.local": lambda text: replace(LETTER, to=Address(text, "example.org")),
    "to.domain": lambda text: replace(LETTER, to=Address("maja", text)),
    "subject": lambda text: replace(LETTER, subject=text),
    "message_id": lambda text: replace(LETTER, message_id=f"a{text}@events.example.org"),
    "in_reply_to": lambda text: replace(LETTER, in_reply_to=f"a{text}@example.org"),
    "references": lambda text: replace(LETTER, references=("a@example.org", f"a{text}@example.org")),
    "reply_to.local": lambda text: replace(LETTER, reply_to=Address(text, "events.example.org")),
    "reply_to.domain": lambda text: replace(LETTER, reply_to=Address("gan", text)),
    "auto_submitted": lambda text: replace(LETTER, auto_submitted=f"auto-replied{text}"),
    "languages": lambda text: replace(LETTER, languages=(f"en{text}",)),
    "further name": lambda text: replace(LETTER, further=((f"X-Mailflow{text}", "x"),)),
    "further value": lambda text: replace(LETTER, further=(("X-Mailflow", f"x{text}"),)),
    "file name": lambda text: replace(LETTER, files=(File(f"a{text}.csv", "text/csv", b""),)),
    "file type": lambda text: replace(LETTER, files=(File("a.csv", f"text/csv{text}", b""),)),
    "file octets": lambda text: replace(LETTER, files=(File("a.csv", "text/csv", text.encode("utf-8", "replace")),)),
    "calendar": lambda text: replace(LETTER, calendar=text.encode("utf-8", "replace")),
    "text": lambda text: replace(LETTER, text=text),
    "html": lambda text: replace(LETTER, html=text),
}
# Every line of a header by the loosest of all readings: what any program could take for the end of a line.
LINE_ENDS = re.compile("\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")


def shape(octets):
    """What an injection would change: the names of the fields, who it is to, the parts and their fields."""
    mail = email.message_from_bytes(octets)
    parts = [(part.get_content_type(), sorted(part.keys()) if part is not mail else []) for part in mail.walk()]
    return [name for name in mail.keys() if name != "In-Reply-To"], email.utils.getaddresses(mail.get_all("To")), parts  # noqa: SIM118  fields, not keys


UNTOUCHED = shape(compose(LETTER))[::2]


def fault_of(octets, outline):
    """What is wrong with a composed letter; None when nothing is."""
    lines = octets.split(b"\r\n")
    if lines[-1] or any(b"\r" in line or b"\n" in line or b"\0" in line or len(line) > 998 for line in lines):
        return "a line that is none"
    names, to, parts = shape(octets)
    if (names, parts) != UNTOUCHED:
        return f"other fields or parts: {names} {parts}"
    if [address for _, address in to] != [str(outline.to)]:
        return f"another recipient: {to}"
    head = octets.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    if any(line.lower().startswith(("bcc", "mail from")) for line in LINE_ENDS.split(head)):
        return "a line that some program takes for a field"
    return None


def main():
    found, tried, refused = [], 0, 0
    for field, change in FIELDS.items():
        for number, text in enumerate(INJECTIONS):
            # In the middle of a field, at its start, and at its end.
            for placed in (text, f"Ada {text}", f"{text} Lovelace"):
                tried += 1
                outline = change(placed)
                try:
                    octets = compose(outline)
                except ComposeError:
                    refused += 1
                    continue
                if fault := fault_of(octets, outline):
                    found.append([field, number, placed[:80].encode("ascii", "backslashreplace").decode(), fault])
    print(json.dumps({"version": sys.version.split()[0], "optimized": sys.flags.optimize, "tried": tried, "refused": refused, "found": found}))


if __name__ == "__main__":
    main()
