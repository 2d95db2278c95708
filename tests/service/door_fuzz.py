"""Random dialogues with the door of a real site: honest ones under hostile circumstances, and wild ones.

    python -m tests.service.door_fuzz --seconds 300 [--seed 7]

An honest dialogue knows what has to come of it, however it is cut, pipelined, encrypted or announced. A wild one is
commands, content, binary, false ends, huge lines, STARTTLS and PROXY headers in any order, broken in places; of it is
asked that every answer is a well-formed reply, that it ends within a second, and that nothing breaks inside. What was
answered 250 is in the database exactly once, in both. A batch is a function of its seed, but for the kernel's packets.
"""

import argparse
import asyncio
import contextlib
import io
import itertools
import logging
import random
import re
import ssl
import struct
import tempfile
import time
import traceback
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import trustme

from mailflow.journal import Journal
from mailflow.mail.headers import is_damaged
from mailflow.mail.reply import ACCEPTED
from mailflow.proof.signer import new_key
from mailflow.service.opening import build_house, open_site_store, sync_events
from mailflow.service.receive import Reception
from mailflow.service.scribe import Scribe
from mailflow.wire.door import DoorLimits
from mailflow.wire.smtp import listen, server_tls

from .conftest import Site

LOOPBACK = (ip_network("127.0.0.0/8"),)
SIZE = 64 * 1024
LIMITS = DoorLimits(
    max_size_octets=SIZE, max_connections=10_000, max_connections_per_address=10_000, new_per_minute=10**9, line_octets=8192,
    idle=timedelta(seconds=20), session=timedelta(seconds=30), proxy_header=timedelta(seconds=0.3), messages=12,
)  # fmt: skip
# A second, counted in steps of the loop: on a machine that does other things as well, nothing hangs that only waits its turn.
HANG_STEPS = 100
STEP_SECONDS = 0.01
EVENT, ROLE = "gan@events.test.example", "postmaster@events.test.example"
KINDS = ("direct", "relay", "lmtp", "proxy")
REPLY = re.compile(rb"(\d\d\d)([ -])([ -~]*)\r\n")
CODES = {b"214", b"220", b"221", b"250", b"252", b"354", b"421", b"451", b"452", b"500", b"501", b"502", b"503", b"550", b"552", b"553", b"554", b"555"}

COMMANDS = [
    b"EHLO x", b"HELO x", b"LHLO x", b"EHLO", b"MAIL FROM:<ada@example.org>", b"MAIL FROM:<>", b"MAIL FROM:<ada@example.org> SIZE=99 BODY=8BITMIME",
    b"MAIL FROM:<ada@example.org> SIZE=99999999", b"MAIL FROM:<\xc3\xa5@example.org> SMTPUTF8", b"RCPT TO:<gan@events.test.example>",
    b"RCPT TO:<postmaster>", b"RCPT TO:<nobody@events.test.example>", b"RCPT TO:<gan@elsewhere.example>", b"DATA", b"DATA x", b"RSET", b"NOOP", b"NOOP x",
    b"QUIT", b"VRFY x", b"EXPN x", b"HELP", b"AUTH PLAIN AAAA", b"BDAT 5 LAST", b"STARTTLS", b"XCLIENT ADDR=192.0.2.1", b"PROXY UNKNOWN", b"", b" ", b"\0",
    b"RCPT TO:<gan+cancel@events.test.example>", b"rcpt to:<GAN@Events.Test.Example>", b"STARTTLS x", b"ehlo \xff\xfe",
]  # fmt: skip
PIECES = [
    b"\r\n", b"\n", b"\r", b".", b"..", b"\0", b"\r\n.\r\n", b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n..\r\n", b"Subject: x", b"From: a@b.example",
    b"Received: x", b"word", b" ", b"\t", b":", b"--x", b"\xff", b"\xc3\xa5", b"=?utf-8?q?x?=", b"MAIL FROM:<evil@example.org>", b"QUIT", b"x" * 80, b"x" * 1000,
]  # fmt: skip
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


class FoundError(AssertionError):
    """The door did what it must not."""


async def soon(work, what):
    """The result of `work`, which must not take a second. Raises FoundError."""
    task = asyncio.ensure_future(work)
    for _ in range(HANG_STEPS):
        done, _ = await asyncio.wait({task}, timeout=STEP_SECONDS)
        if done:
            return task.result()
    task.cancel()
    raise FoundError(what)


class Witness:
    """The real Reception, and what it was given and said."""

    def __init__(self, reception):
        self.reception, self.taken = reception, []

    def welcome(self, path):
        return self.reception.welcome(path)

    def ready(self):
        return self.reception.ready()

    async def receive(self, envelope, content):
        replies = await self.reception.receive(envelope, content)
        self.taken.append((envelope, content, replies))
        return replies


class House:
    """A site with its database and four doors: for strangers, for relays, for LMTP, and behind a proxy."""

    def __init__(self, folder, keys_pem):
        self.site = Site(folder, 2, keys_pem)
        self.authority = trustme.CA()
        issued = self.authority.issue_cert("mx.test.example")
        issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
        issued.private_key_pem.write_to_path(folder / "key.pem")
        self.folder, self.log, self.troubles, self.doors = folder, io.StringIO(), [], {}

    async def open(self):
        store = open_site_store(self.site.config)
        store.migrate()
        house = replace(build_house(self.site.config, self.site.keys, self.site.clock), journal=Journal(self.log, "text", "info", str))
        self.scribe = Scribe(store)
        await self.scribe.write(lambda writer: sync_events(house, writer))
        self.witness = Witness(Reception(lambda: house, self.scribe, lambda: None))
        tls = server_tls(str(self.folder / "cert.pem"), str(self.folder / "key.pem"))
        for kind in KINDS:
            self.doors[kind] = await listen(
                "127.0.0.1:0", self.witness, LIMITS, protocol="lmtp" if kind == "lmtp" else "smtp", hostname="mx.test.example", tls=tls,
                domain="events.test.example", allow=() if kind == "direct" else LOOPBACK, proxy_protocol=kind == "proxy",
            )  # fmt: skip
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self.troubles.append(str(context)))
        self.ear = Ear(self.troubles)
        logging.getLogger().addHandler(self.ear)

    async def close(self):
        logging.getLogger().removeHandler(self.ear)
        for door in self.doors.values():
            await door.close(timedelta(0))
        await self.scribe.close()

    async def line(self, kind):
        host, _, port = self.doors[kind].where.rpartition(":")
        return Line(*await asyncio.open_connection(host, int(port)), self.authority)

    async def rows(self):
        """(mails, mails that are none but a copy of another, different mails)."""

        def count(reader):
            mails = reader.mails(limit=10**9)
            return len(mails), sum(mail.state == "ignored" for mail in mails)

        return await self.scribe.read(count)

    @property
    def sessions(self):
        return sum(door.sessions for door in self.doors.values())


class Ear(logging.Handler):
    """Hears what must not be said: everything from WARNING on, but for what a peer did wrong."""

    def __init__(self, troubles):
        super().__init__(logging.WARNING)
        self.troubles = troubles

    def emit(self, record):
        if not record.getMessage().startswith(("starttls failed", "proxy header wrong")):
            self.troubles.append(record.getMessage())


@dataclass
class Line:
    """A connection, and all that was heard on it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    authority: trustme.CA
    heard: bytes = b""
    encrypted: bool = False

    async def send(self, octets, chance):
        """Cut anywhere; between the pieces the door may or may not come to read."""
        cuts = sorted({0, len(octets), *(chance.randrange(len(octets) + 1) for _ in range(chance.choice((0, 0, 1, 2, 7))))})
        for start, end in itertools.pairwise(cuts):
            if self.writer.transport.is_closing():
                return  # asyncio would complain of us
            self.writer.write(octets[start:end])
            for _ in range(chance.choice((0, 1, 4))):
                await asyncio.sleep(0)

    async def hear(self, seconds=5.0):
        """One more line, or b"" when none comes."""
        with contextlib.suppress(TimeoutError, ConnectionError, ValueError):
            line = await asyncio.wait_for(self.reader.readline(), seconds)
            self.heard += line
            return line
        return b""

    async def encrypt(self):
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        await soon(self.writer.start_tls(context, server_hostname="mx.test.example"), "the handshake does not end")
        self.encrypted = True

    async def rest(self):
        """All that still comes until the door closes. Raises FoundError when it does not."""
        with contextlib.suppress(ConnectionError):
            self.heard += await soon(self.reader.read(-1), "the door does not close")

    def cut(self):
        self.writer.transport.abort()


# Honest dialogues


def content_of(chance, tag, kind):
    """A message; for a stranger mostly without lone CR, LF and NUL. Sometimes over a limit."""
    body = b"".join(chance.choices(PIECES, k=chance.choice((0, 3, 10, 40))))
    if chance.random() < 0.05:
        body += b"y" * chance.choice((SIZE - 200, SIZE + 10, SIZE + 70_000, 9000))
    if kind in ("direct", "proxy") and chance.random() < 0.8:
        body = re.sub(rb"\r\n|\r|\n", b"\r\n", body).replace(b"\0", b"")
    if chance.random() < 0.05:
        body = b"\r\n".join(body[at : at + 900] for at in range(0, len(body), 900))
    return b"Subject: %s\r\n\r\n%s\r\n" % (tag, body)


def on_the_wire(content):
    """Dots doubled, line by line: another way than the door's own."""
    lines = content.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b".\r\n"


def fault(content, kind):
    """How the door's own rules answer this content; None where the house is asked."""
    if len(content) > SIZE:
        return "552"
    if max(map(len, content.split(b"\n"))) + 1 > LIMITS.line_octets:
        return "500"
    return "550" if kind in ("direct", "proxy") and is_damaged(content) else None


async def honest(house, chance, tag):
    """Some mails in one session; each is answered and kept as it must be."""
    kind = chance.choice(KINDS)
    line = await house.line(kind)
    # A proxy announces a stranger, now and then one of our own relays.
    judged = kind
    if kind == "proxy":
        header, known = chance.choice(HEADERS)
        judged = "relay" if known else "proxy"
        await line.send(header, chance)
    hello = b"LHLO x\r\n" if kind == "lmtp" else b"EHLO x\r\n"
    if chance.random() < 0.3:
        # In one packet: what comes before the answer is thrown away, what comes after it is taken for a handshake.
        line.writer.write(hello + b"STARTTLS\r\n" + b"NOOP\r\n" * chance.choice((0, 1, 200)))
        while not (heard := await line.hear()).startswith(b"220 Ready"):
            if not heard:
                raise FoundError(f"no answer to STARTTLS: {line.heard!r}")
        await line.encrypt()
        line.heard = b"220 again\r\n"
    mails, stream, wanted = [], hello, []
    for number in range(chance.choice((1, 1, 2, 5))):
        content = content_of(chance, b"%s-%d" % (tag, number), judged)
        recipients = chance.choice(((EVENT,), (EVENT,), (EVENT, ROLE), (ROLE, EVENT, EVENT)))
        mails.append((content, recipients))
        stream += b"MAIL FROM:<ada@example.org>\r\n" + b"".join(b"RCPT TO:<%s>\r\n" % one.encode() for one in recipients)
        stream += b"DATA\r\n" + on_the_wire(content)
        wanted.append(fault(content, judged))
    await line.send(stream + b"QUIT\r\n", chance)
    await line.rest()
    line.writer.close()
    answers = replies_of(line.heard)[2:]  # behind greeting and EHLO
    for (content, recipients), reply in zip(mails, wanted, strict=True):
        # MAIL, each RCPT, DATA, and the end: one over SMTP, one for each recipient over LMTP.
        ends = len(recipients) if kind == "lmtp" else 1
        mine, answers = answers[: len(recipients) + 2 + ends], answers[len(recipients) + 2 + ends :]
        if [answer[:3] for answer in mine[: len(recipients) + 2]] != ["250"] * (len(recipients) + 1) + ["354"]:
            raise FoundError(f"{kind}: {mine}")
        taken = [one for one in house.witness.taken if one[1] == content]
        said = [answer[:3] for answer in mine[-ends:]]
        if reply is not None:
            if taken or said != [reply] * ends:
                raise FoundError(f"{kind}: wanted {reply}, heard {said} for {content!r:.300}")
        elif len(taken) != 1 or set(said) != {str(taken[0][2][0].code)}:
            raise FoundError(f"{kind}: given {len(taken)} times, heard {said} for {content!r:.300}")
    if [answer[:3] for answer in answers] != ["221"]:
        raise FoundError(f"{kind}: {answers} at the end")


# Wild dialogues


def second(source, *, first=0x21, family=0x11, more=b""):
    block = source + source + struct.pack("!HH", 4000, 25) + more
    return SIGNATURE + struct.pack("!BBH", first, family, len(block)) + block


# A header, and whether a relay of ours is announced by it.
HEADERS = [
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\r\n", False),
    (b"PROXY TCP6 2001:db8::7 2001:db8::1 40000 25\r\n", False),
    (b"PROXY UNKNOWN\r\n", False),
    (b"PROXY TCP4 127.0.0.9 198.51.100.1 40000 25\r\n", True),
    (second(b"\xc0\x00\x02\x07"), False),
    (second(b"\x7f\0\0\x09", more=b"\x04\x00\x05hello"), True),
    (second(b"\x20\x01\x0d\xb8" + b"\0" * 11 + b"\x07", family=0x21), False),
    (second(b"\xc0\x00\x02\x07", first=0x20), False),
]


def noise(chance):
    """Something to say: a command, a broken one, content, binary, or a lot of it."""
    what = chance.random()
    if what < 0.55:
        words = chance.choice(COMMANDS)
        if chance.random() < 0.15:
            words = broken(words, chance)
        return words + (b"\r\n" if chance.random() < 0.93 else chance.choice((b"\n", b"\r", b"", b"\0\r\n", b" \r\n", b"\r\r\n")))
    if what < 0.75:
        return b"".join(chance.choices(PIECES, k=chance.randrange(30))) + chance.choice((b"\r\n.\r\n", b"\r\n.\r\n", b"\n.\n", b""))
    if what < 0.85:
        return chance.choice((b"RCPT TO:<gan@events.test.example>\r\n" * 60, b"NOOP\r\n" * 300, b"MAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\nx\r\n.\r\n" * 3))
    if what < 0.92:
        return chance.randbytes(chance.choice((1, 10, 300)))
    if what < 0.95:
        return chance.choice((b"x", b"\r\n", b".\r\n", b"\0")) * chance.choice((3000, 70_000, 200_000))
    return chance.choice(HEADERS)[0]


def broken(octets, chance):
    at = chance.randrange(len(octets) + 1)
    return chance.choice((octets[:at], octets[:at] + chance.randbytes(1) + octets[at:], octets[:at] + octets[at + 1 :], octets[at:] + octets[:at], octets.lower()))


async def wild(house, chance, _):
    """Anything; then one of several endings."""
    kind = chance.choice(KINDS)
    line = await house.line(kind)
    if kind == "proxy" and chance.random() < 0.8:
        header = chance.choice(HEADERS)[0]
        await line.send(broken(header, chance) if chance.random() < 0.3 else header, chance)
    if chance.random() < 0.7:
        await line.send(b"LHLO x\r\n" if kind == "lmtp" else b"EHLO x\r\n", chance)
    for _ in range(chance.randrange(1, 14)):
        said = noise(chance)
        await line.send(said, chance)
        if said == b"STARTTLS\r\n" and not line.encrypted and chance.random() < 0.7:
            while (heard := await line.hear(0.05)) and not heard.startswith(b"220 Ready"):
                pass
            if heard and chance.random() < 0.8:
                with contextlib.suppress(ConnectionError, ssl.SSLError):
                    await line.encrypt()
                    continue
            if heard:
                return line.cut()
    await end(line, chance)
    return None


async def end(line, chance):
    how = chance.random()
    if how < 0.15:
        return line.cut()
    if line.encrypted:
        # It cannot be half closed: whatever state it is in, there is an answer to one of these, or it is closed.
        await line.send(b"\r\n.\r\nRSET\r\nQUIT\r\n", chance)
    else:
        with contextlib.suppress(OSError):
            line.writer.write_eof()
    await line.rest()
    line.writer.close()
    replies_of(line.heard)
    return None


def replies_of(octets):
    """The replies, each one text. Raises FoundError for what is none, or half of one, or a refusal without its status."""
    replies, at, code = [], 0, None
    while at < len(octets):
        match = REPLY.match(octets, at)
        if match is None or match[1] not in CODES or (code is not None and match[1] != code):
            raise FoundError(f"no reply: {octets[at : at + 200]!r}")
        status = match[3].split(b" ")[0]
        if match[1][:1] in b"45" and not re.fullmatch(rb"%c\.\d\.\d{1,2}" % match[1][0], status):
            raise FoundError(f"no status: {match[0]!r}")
        at, code = match.end(), match[1] if match[2] == b"-" else None
        if code is None:
            replies.append((match[1] + b" " + match[3]).decode())
    if code is not None:
        raise FoundError("half a reply")
    return replies


# Batches


async def batch(house, seed, size=8):
    """`size` dialogues at once, and then what must be true of house and database. Raises FoundError with the seed."""
    before, _ = await house.rows()
    house.witness.taken.clear()
    ticks = asyncio.create_task(longest_step())
    talks = []
    for number in range(size):
        chance = random.Random(f"{seed}-{number}")
        talk = honest if chance.random() < 0.4 else wild
        talks.append(talk(house, chance, b"%d-%d" % (seed, number)))
    try:
        found = await asyncio.gather(*talks, return_exceptions=True)
        troubles = ["".join(traceback.format_exception(one)) for one in found if isinstance(one, BaseException)]
        for _ in range(HANG_STEPS):
            if not house.sessions:
                break
            await asyncio.sleep(STEP_SECONDS)
        if house.sessions:
            troubles.append(f"{house.sessions} sessions are left")
        kept = sum(reply == ACCEPTED for _, _, replies in house.witness.taken for reply in replies)
        after, _ = await house.rows()
        if after - before != kept:
            troubles.append(f"{kept} answered 250, {after - before} kept")
        troubles += house.troubles
        if "trouble" in house.log.getvalue():
            troubles.append(house.log.getvalue())
    finally:
        ticks.cancel()
        lag = (await asyncio.gather(ticks, return_exceptions=True))[0]
    if isinstance(lag, float) and lag > HANG_STEPS * STEP_SECONDS:
        troubles.append(f"one step of the loop took {lag:.2f} s of CPU")
    if troubles:
        raise FoundError(f"seed {seed}: " + "; ".join(troubles))
    return len(house.witness.taken)


async def longest_step():
    """Seconds of CPU that went by at most between two visits of the loop here; the result comes with the cancellation."""
    longest, last = 0.0, time.process_time()
    try:
        while True:
            await asyncio.sleep(STEP_SECONDS)
            longest, last = max(longest, time.process_time() - last), time.process_time()
    except asyncio.CancelledError:
        return longest


async def run(seconds, seed, folder):
    house = House(folder, (new_key(), new_key()))
    await house.open()
    begun, batches, mails, found = time.monotonic(), 0, 0, 0
    while time.monotonic() < begun + seconds:
        try:
            mails += await batch(house, seed + batches)
        except FoundError as error:
            found += 1
            print(error, flush=True)
            house.troubles.clear()
            house.log.truncate(0)
        batches += 1
    await house.close()
    print(f"seeds {seed} to {seed + batches - 1}: {8 * batches} dialogues, {mails} mails given to the house, {found} batches found something", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    chosen = parser.parse_args()
    first = random.SystemRandom().randrange(10**6) * 1000 if chosen.seed is None else chosen.seed
    print(f"first seed {first}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(run(chosen.seconds, first, Path(name)))
