"""The door of a running service under siege: what it holds, what it costs, and whether others are served meanwhile.

    python benchmarks/siege.py [--seconds 10] [--clients 500] [--json]

Starts `mailflow serve` on a temporary folder, as an operator would, once for strangers (`intake.allow = []`) and once
for relays, and besieges it on 127.0.0.1. Each row says what was tried and what came of it. Numbers are printed and
never judged; rows about mail that must not get in or out end the run with an error when it does.
"""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # a checkout is enough

from throughput import EVENT, Site

from tests.wire.test_addresses import BAD, GOOD
from tests.wire.test_data import FALSE

MIB = 1024 * 1024
_TICK = os.sysconf("SC_CLK_TCK")
TAKEN, NO_RELAY = b"250 2.0.0 Accepted\r\n", 9
EVIL = b"MAIL FROM:<evil@example.org>\r\nRCPT TO:<%s>\r\nDATA\r\nsmuggled\r\n" % EVENT.encode()
OPENING = b"MAIL FROM:<ada@example.org>\r\nRCPT TO:<%s>\r\nDATA\r\n" % EVENT.encode()


class Fort(Site):
    """The service. What is measured is its own process: the door and the database, without the worker that reads."""

    def __init__(self, folder, **limits):
        super().__init__(folder, NO_RELAY, "relay")
        self.environment |= {f"MAILFLOW_INTAKE__{key.upper()}": value for key, value in limits.items()}

    def serve(self):
        super().serve()
        self.pid = self.process.pid

    def cpu(self):
        return sum(map(int, Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13])) / _TICK

    def peak(self):
        """Octets of memory at most since `forget`."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    def forget(self):
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def mails(self):
        """(how many are kept, how many of them were smuggled)."""
        with closing(sqlite3.connect(self.folder / "mailflow.db")) as database:
            return database.execute(
                "SELECT count(*), count(*) FILTER (WHERE reverse_path LIKE 'evil%') FROM inbox"
            ).fetchone()

    async def line(self, source="127.0.0.1", hello=b"EHLO x\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0))
        line = Line(reader, writer)
        await line.reply()
        if hello:
            await line.say(hello)
        return line


class Line:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def reply(self):
        while True:
            line = await asyncio.wait_for(self.reader.readline(), 90)
            if line[3:4] != b"-":
                return line

    async def say(self, octets):
        self.writer.write(octets)
        return await self.reply()

    async def begin(self):
        self.writer.write(OPENING)
        return [await self.reply() for _ in range(3)][-1]

    async def letter(self, content):
        await self.begin()
        return await self.say(content + b"\r\n.\r\n")

    def close(self):
        self.writer.transport.abort()


def must(true, what):
    if not true:
        raise SystemExit(f"siege: {what}")


# What is tried


async def smuggling(fort):
    """Each false end, with a transaction behind it, and then the real end."""
    before, replies, line = fort.mails()[0], {}, await fort.line()
    for number, false in enumerate(FALSE):
        if number % 40 == 39:
            line.close()
            line = await fort.line()
        reply = await line.letter(b"Subject: %d\r\n\r\nbefore" % number + false + EVIL)
        replies[reply[:3].decode()] = replies.get(reply[:3].decode(), 0) + 1
    line.close()
    kept, smuggled = fort.mails()
    must(smuggled == 0 and kept - before == replies.get("250", 0), "a mail was smuggled or lost")
    return {"tried": len(FALSE), "smuggled": smuggled, "kept": kept - before, "replies": replies}


async def addresses(fort):
    """At MAIL, each on a session of its own, for ten wrong commands end one."""
    accepted = {"bad": 0, "good": 0}
    for kind, paths in (("bad", BAD), ("good", GOOD)):
        for path in (path for path in paths if "\r\n" not in path):
            line = await fort.line()
            reply = await line.say(b"MAIL FROM:" + path.encode("utf-8", "surrogateescape") + b"\r\n")
            accepted[kind] += reply[:1] == b"2"
            line.close()
    must(accepted == {"bad": 0, "good": len(GOOD)}, f"accepted: {accepted}")
    return {"tried": len(BAD) + len(GOOD), **{f"accepted {kind}": count for kind, count in accepted.items()}}


async def endless_lines(fort, mib=300):
    """Octets without a line end, a tenth of them as a command, on connection after connection."""
    line = await fort.line()
    await line.letter(b"Subject: warm\r\n\r\n" + b"x" * 1000)
    line.close()
    fort.forget()
    before, used, begun = fort.peak(), fort.cpu(), time.perf_counter()
    connections = await endless(fort, mib // 10 * MIB, as_command)
    connections += await endless(fort, (mib - mib // 10) * MIB, as_message)
    return {
        "MiB sent": mib,
        "connections": connections,
        "MiB more at most": round((fort.peak() - before) / MIB, 1),
        "seconds": round(time.perf_counter() - begun, 1),
        "CPU seconds": round(fort.cpu() - used, 2),
    }


async def as_command(fort):
    return await fort.line(hello=b"")


async def as_message(fort):
    line = await fort.line()
    await line.begin()
    return line


async def endless(fort, octets, begun):
    """How many connections it took until so many octets were sent."""
    sent, connections = 0, 0
    while sent < octets:
        line = await begun(fort)
        connections += 1
        with contextlib.suppress(ConnectionError):
            while sent < octets:
                line.writer.write(b"x" * 65_536)
                sent += 65_536
                await line.writer.drain()
        line.close()
    return connections


async def full_sessions(fort, sessions=20, octets=9_900_000):
    """Large messages all at once, held in the middle until each has come so far, and then ended at one moment."""
    fort.forget()
    before, content = fort.peak(), b"Subject: x\r\n\r\n" + (b"x" * 70 + b"\r\n") * (octets // 72)
    lines = [await fort.line() for _ in range(sessions)]
    started = [(await line.begin())[:3] for line in lines]
    began = [line for line, reply in zip(lines, started, strict=True) if reply == b"354"]
    for line in began:
        line.writer.write(content)
    await asyncio.gather(*(line.writer.drain() for line in began))
    replies = [reply[:3].decode() for reply in await asyncio.gather(*(line.say(b".\r\n") for line in began))]
    for line in lines:
        line.close()
    return {
        "sessions": sessions, "MiB each": round(len(content) / MIB, 1), "taken": replies.count("250"),
        "asked to come later": replies.count("452") + started.count(b"452"),
        "MiB more at most": round((fort.peak() - before) / MIB, 1),
    }  # fmt: skip


async def empty_lines(fort, rounds=5):
    """A message of ten megabytes of empty lines, and the other kinds of lines that are nearly none."""
    found = {}
    for name, unit in (("empty", b"\r\n"), ("dots", b"..\r\n"), ("letters", b"a\r\n")):
        used, begun = fort.cpu(), time.perf_counter()
        for _ in range(rounds):
            line = await fort.line()
            reply = await line.letter(b"Subject: x\r\n\r\n" + unit * (10_000_000 // len(unit)))
            must(reply == TAKEN, f"{name}: {reply}")
            line.close()
        found[f"{name}: CPU seconds each"] = round((fort.cpu() - used) / rounds, 3)
        found[f"{name}: seconds each"] = round((time.perf_counter() - begun) / rounds, 3)
    return found


async def slow_clients(fort, options, source):
    """So many clients that send an octet a second, half of them inside a message; others deliver meanwhile."""

    async def open_one(number):
        line = await fort.line(hello=b"")
        if number % 2:
            line.writer.write(b"EHLO x\r\n" + OPENING)
        return line

    async def drip(line):
        for _ in range(options.seconds):
            if line.writer.transport.is_closing():
                return
            line.writer.write(b"x")
            await asyncio.sleep(1)

    opened = await asyncio.gather(*(open_one(number) for number in range(options.clients)), return_exceptions=True)
    slow = [line for line in opened if isinstance(line, Line)]
    await asyncio.sleep(0.5)
    dripping = [asyncio.create_task(drip(line)) for line in slow]
    waits, until, used = [], time.perf_counter() + options.seconds, fort.cpu()
    while time.perf_counter() < until:
        begun = time.perf_counter()
        line = await fort.line(source=source)
        must(await line.letter(b"Subject: %d\r\n\r\nregister" % len(waits)) == TAKEN, "an honest mail was refused")
        waits.append(time.perf_counter() - begun)
        line.close()
        await asyncio.sleep(max(0.0, 1.2 - waits[-1]))  # sixty new connections a minute
    held = sum(not line.writer.transport.is_closing() for line in slow)
    for task in dripping:
        task.cancel()
    for line in slow:
        line.close()
    return {
        "clients": options.clients, "let in": held, "deliveries meanwhile": len(waits),
        "slowest delivery, seconds": round(max(waits), 3),
        "CPU, share of a core": round((fort.cpu() - used) / options.seconds, 3),
    }  # fmt: skip


async def refusals(fort, options):
    """All places are taken; how fast the next ones hear 421, and that a place that gets free is given away."""
    taken = [await fort.line(hello=b"") for _ in range(100)]
    begun, heard = time.perf_counter(), []
    for _ in range(options.clients):
        reader, writer = await asyncio.open_connection("127.0.0.1", fort.port)
        heard.append((await reader.read(-1))[:9])
        writer.close()
    spent = time.perf_counter() - begun
    taken.pop().close()
    await asyncio.sleep(0.2)
    line = await fort.line()
    reply = await line.letter(b"Subject: at last\r\n\r\nregister")
    for one in (*taken, line):
        one.close()
    must(set(heard) == {b"421 4.7.0"} and reply == TAKEN, f"{set(heard)} {reply}")
    return {"tried": len(heard), "heard": "421 4.7.0", "ms each": round(1000 * spent / len(heard), 2), "then": "250"}


async def besiege(options, tell):
    with tempfile.TemporaryDirectory() as name:
        relays = Fort(
            Path(name) / "relays", max_connections=str(options.clients + 100), max_connections_per_address="10"
        )
        relays.serve()
        try:
            await tell("40 false ends of data, from a relay", smuggling(relays))
            await tell("300 MiB without a line end", endless_lines(relays))
            await tell("large messages at once", full_sessions(relays))
            await tell("10 MB of nearly empty lines", empty_lines(relays))
            await tell("slow clients, all of them let in", slow_clients(relays, options, "127.0.0.1"))
            await tell("bad and good addresses", addresses(relays))
        finally:
            relays.stop()
        strangers = Fort(Path(name) / "strangers", allow="[]")
        strangers.serve()
        try:
            await tell("40 false ends of data, from a stranger", smuggling(strangers))
            await tell("slow clients, from one address", slow_clients(strangers, options, "127.0.0.2"))
        finally:
            strangers.stop()
        full = Fort(Path(name) / "full")
        full.serve()
        try:
            await tell("every place taken", refusals(full, options))
        finally:
            full.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=10, help="how long the slow clients drip")
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--json", action="store_true", help="an object a row")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4096), hard), hard))

    async def tell(what, trial):
        found = await trial
        if options.json:
            print(json.dumps({"what": what, **found}), flush=True)
        else:
            print(what, *(f"    {name}: {value}" for name, value in found.items()), sep="\n", flush=True)

    asyncio.run(besiege(options, tell))


if __name__ == "__main__":
    main()
