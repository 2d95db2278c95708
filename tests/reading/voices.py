"""`voices.toml` as a corpus: mails in other people's voices, graded by somebody who has not seen the rules.

`write` makes the folder that `benchmarks/reading.py` reads and score_intents.py scores: one .eml a voice,
context.json and expected.json. All of them write to one event, from a proved address.
"""

import json
import tomllib
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any

VOICES = Path(__file__).with_name("voices.toml")
EVENT = "workshop@events.lu.example"
BORDER = "mx.events.lu.example"
TOKEN = "be9eeb173ec41b3251ad"
SERVICE = {
    "address": EVENT, "name": "GAN workshop", "default_language": "en", "organisers": ["petra.lind@cs.lu.example"],
    "event": {
        "title": "GAN workshop", "start": "20260312T080000Z", "aliases": ["GAN", "GAN-workshop", "generative adversarial networks"],
        "sessions": [{"id": "morning", "en": "morning session", "sv": "förmiddag"},
                     {"id": "afternoon", "en": "afternoon session", "sv": "eftermiddag"},
                     {"id": "dinner", "en": "dinner", "sv": "middag"}],
        "questions": [{"id": "tshirt", "en": "T-shirt size", "sv": "T-shirtstorlek", "type": "choice",
                       "options": ["S", "M", "L", "XL"]},
                      {"id": "laptop", "en": "Bringing own laptop", "sv": "Egen dator", "type": "bool"}],
    },
}  # fmt: skip


@dataclass(frozen=True)
class Voice:
    """One mail with its grade. `expected` is a message of expected.json, `letter` the entry of `sent` it answers."""

    name: str
    content: bytes
    standing: str
    letter: tuple[str, dict[str, Any]] | None
    expected: dict[str, Any]

    @property
    def file(self) -> str:
        return f"{self.name}.eml"


def voices(path: Path = VOICES) -> tuple[Voice, ...]:
    """All of them, in the order of the file. KeyError or TOMLDecodeError where one lacks something."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))["mail"]
    return tuple(_voice(number, mail) for number, mail in enumerate(found, 1))


def write(folder: Path, of: tuple[Voice, ...]) -> None:
    """The corpus of these voices in that folder, which is there."""
    for voice in of:
        (folder / voice.file).write_bytes(voice.content)
    context = {
        "authserv_id": BORDER,
        "now": "2026-03-08 07:05:11+01:00",
        "services": [SERVICE],
        "sent": dict(voice.letter for voice in of if voice.letter),
        "tokens": {},
        "sender_state": {voice.file: {"state": voice.standing} for voice in of},
    }
    expected = {"messages": [voice.expected for voice in of]}
    for name, value in (("context.json", context), ("expected.json", expected)):
        (folder / name).write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


def _voice(number: int, mail: dict[str, Any]) -> Voice:
    name, address = parseaddr(mail["from"])
    answered = mail["answered"]
    message_id = f"<{answered}.{number:08}.{'0' * 26}@events.lu.example>"
    letter = {"kind": answered, "to": address, "service": EVENT, "language": "en",
              "token": TOKEN if answered in {"please_confirm", "offered"} else None}  # fmt: skip
    fields = mail.get("fields", {})
    if "others" in fields:
        fields["others"] = [one if isinstance(one, dict) else {"email": one} for one in fields["others"]]
    expected = {
        "file": f"{mail['name']}.eml", "intent": mail["intent"], "also_ok": mail["also_ok"],
        "must_not": mail["must_not"], "language": mail["language"] or None, "secondary": mail.get("secondary", []),
        "fields": {"email": address, **fields}, "tags": [], "note": mail["name"],
    }  # fmt: skip
    lines = [
        f"Return-Path: <{address}>",
        f"Authentication-Results: {BORDER}; dmarc=pass header.from={address.rpartition('@')[2]}",
        f"From: {formataddr((name, address))}",
        f"To: {EVENT}",
        f"Subject: {Header(mail['subject'], 'utf-8', maxlinelen=200).encode()}",
        "Date: Tue, 3 Mar 2026 07:05:11 +0100",
        f"Message-ID: <voice-{number}@{address.rpartition('@')[2]}>",
        *([f"In-Reply-To: {message_id}", f"References: {message_id}"] if answered else []),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        *mail["text"].lstrip("\n").rstrip().split("\n"),
        "",
    ]
    content = "\r\n".join(lines).encode()
    return Voice(mail["name"], content, mail["standing"], (message_id, letter) if answered else None, expected)
