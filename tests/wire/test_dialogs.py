"""Dialogues: `C:` and `S:` scripts over a real socket. Each file begins with why it is there.

`C: text`   said with CRLF; lines that stand together go out in one write
`C| text`   said as it is, with Python escapes and without CRLF
`S: text`   heard, exactly; a `*` at the end stands for the rest; `S: (closed)` for the end
`= FROM > TO[, TO]: 'octets'`   what the door was given, in order, after the dialogue
`@ lmtp`, `@ direct`, `@ unix`, `@ key=number`   how the door stands; a limit of DoorLimits
"""

import ast
from pathlib import Path

import pytest

from mailflow.wire.door import DoorLimits

from .desk import Client, Desk, opened

DIALOGS = sorted((Path(__file__).parent / "dialogs").glob("*.txt"))


def setting(lines):
    words = [line[2:].strip() for line in lines if line.startswith("@ ")]
    numbers = {key: int(value) for key, equals, value in (word.partition("=") for word in words) if equals}
    return words, DoorLimits(**numbers)


def octets(line):
    return ast.literal_eval(f"b'''{line[3:]}'''") if line[1] == "|" else line[3:].encode() + b"\r\n"


async def speak(client, lines):
    waiting = b""
    for number, line in enumerate(lines, 1):
        if line[:2] in {"C:", "C|"}:
            waiting += octets(line)
        elif line[:2] == "S:":
            if waiting:
                client.send(waiting)
                waiting = b""
            raw = await client.reader.readline()
            heard = raw.decode().removesuffix("\r\n") if raw else "(closed)"
            wanted = line[3:]
            same = heard.startswith(wanted[:-1]) if wanted.endswith("*") else heard == wanted
            assert same, f"line {number}: wanted {wanted!r}, heard {heard!r}"
    if waiting:
        client.send(waiting)


def shown(envelope, content):
    to = ", ".join(map(str, envelope.forward_paths))
    return f"= {envelope.reverse_path or '<>'} > {to}: {str(content)[1:]}"


@pytest.mark.parametrize("path", DIALOGS, ids=lambda path: path.stem)
async def test_the_dialogue_goes_as_written(path, tmp_path):
    """What is said is answered word for word, and the door is given what the script says."""
    lines = path.read_text(encoding="utf-8").splitlines()
    words, limits = setting(lines)
    desk = Desk()
    where = f"unix:{tmp_path}/s" if "unix" in words else "127.0.0.1:0"
    protocol = "lmtp" if "lmtp" in words else "smtp"
    async with opened(desk, direct="direct" in words, protocol=protocol, where=where, limits=limits) as listening:
        client = await Client.to(listening.where)
        await speak(client, lines)
        await client.close()
    assert [shown(*taken) for taken in desk.taken] == [line for line in lines if line.startswith("= ")]
