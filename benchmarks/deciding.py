"""What a mail costs from its claim to its commit, in an empty event and in full ones, side by side.

    python benchmarks/deciding.py [--rounds 60] [--most 10000] [--json]

In this process, with the real reader, desk, renderer and store, each site in a database of its own. Each kind of mail
goes to every site in turn, so that all of them meet the same noise. Numbers are printed and never judged.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from mailflow.config.find import Whereabouts
from mailflow.config.load import load
from mailflow.desk.budget import AskLimits
from mailflow.mail.address import Address
from mailflow.model.decision import Saved
from mailflow.model.registration import Answer, Registration, Status
from mailflow.model.seal import new_key
from mailflow.service.handle import Handler
from mailflow.service.opening import build_house, load_keys, open_site_store, sync_events
from mailflow.service.scribe import Scribe
from mailflow.service.study import examine, judge
from mailflow.service.tick import tick
from mailflow.store.rows import Incoming
from mailflow.wire.dns import TableResolver

SIZES = (0, 100, 10_000, 1_000_000)
EVENT = Address("load", "events.example.org")
HOME = "uni.example"
WARM = 5
PASSED = f"Authentication-Results: mx.example.org; dmarc=pass header.from={HOME}"
# kind: (who writes, the mail's text, whether the border vouches for it, the letter that must follow)
KINDS = {
    "register": ("new", "register\nDiet: vegan", PASSED, "waitlisted"),
    "register, not proved": ("stranger", "register\nDiet: vegan", "X-Border: silent", "please_confirm"),
    "status, in the line": ("middle", "status", PASSED, "status"),
    "change": ("changing", "Diet: vegan", PASSED, "updated"),
    "cancel, next moves up": ("leaving", "cancel", PASSED, "cancelled"),
}
CONFIG = """
[site]
domain = "events.example.org"
name = "A benchmark"
contact = "desk@example.org"
timezone = "Europe/Stockholm"
[trust]
authserv_ids = ["mx.example.org"]
[dkim]
sign = false
[outgoing]
relay = "capture:sent"
[log]
level = "error"
"""
TOML = """
title = {{ en = "A workshop under load", sv = "En workshop under last" }}
languages = ["en", "sv"]
timezone = "Europe/Stockholm"
starts = 2030-05-14T13:00:00
ends = 2030-05-14T16:00:00
[venue]
name = "Room 1"
street = "Paradisgatan 1"
city = "Lund"
[registration]
capacity = {capacity}
[[question]]
id = "diet"
kind = "choices"
label = {{ en = "Diet", sv = "Specialkost" }}
options = [
  {{ id = "vegan", en = "vegan", sv = "veganskt", places = 100000 }},
  {{ id = "gluten", en = "gluten-free", sv = "glutenfritt" }},
]
"""


class Inline:
    """Studies mail in this process: the hop to the worker is the same for every size."""

    async def examine(self, tasks):
        return [examine(task) for task in tasks]

    async def judge(self, cases):
        return [judge(case) for case in cases]


class Clock:
    """A day long before the event, at noon, a second further on for each mail."""

    speed = 1.0

    def __init__(self):
        self.moment = datetime(2030, 3, 5, 11, tzinfo=UTC)

    def now(self):
        return self.moment


class Site:
    """An event with `size` people, half of them seated and half in line, beside those who are going to write."""

    def __init__(self, folder, size, rounds):
        self.size, self.count, self.clock = size, 0, Clock()
        self.groups = [
            ("early", size // 2, Status.CONFIRMED),
            ("changing", rounds, Status.CONFIRMED),
            ("leaving", rounds, Status.CONFIRMED),
            ("head", rounds, Status.WAITING),
            ("first", size // 4, Status.WAITING),
            ("middle", rounds, Status.WAITING),
            ("last", size - size // 2 - size // 4, Status.WAITING),
        ]
        seats = sum(many for _, many, status in self.groups if status is Status.CONFIRMED)
        (folder / "events").mkdir(parents=True)
        (folder / "mailflow.toml").write_text(CONFIG)
        (folder / "events" / "load.toml").write_text(TOML.format(capacity=seats))
        (folder / "secret.key").write_text(new_key(os.urandom(32)))
        (folder / "secret.key").chmod(0o600)
        config = load(Whereabouts(folder / "mailflow.toml", folder, "benchmark"), {})
        # Sixty strangers of one domain within minutes are more than a site asks; here each has to be asked.
        endless = AskLimits(*[sys.maxsize] * len(fields(AskLimits)))
        self.house = replace(build_house(config, load_keys(config), self.clock), ask_limits=endless)
        self.store = open_site_store(config)
        self.store.migrate()
        self.fill()
        self.scribe = Scribe(self.store)
        self.handler = Handler(lambda: self.house, self.scribe, Inline(), TableResolver({}), lambda: None)

    def fill(self):
        """Through the store's own interface, so that every counter is what it would be."""
        with self.store.write() as writer:
            sync_events(self.house, writer)
        people, now = list(self.people()), self.clock.now()
        for start in range(0, len(people), 5000):
            with self.store.write() as writer:
                for person in people[start : start + 5000]:
                    writer.apply(Saved("registered", None, person(now)), "load", now)

    def people(self):
        number, place = 0, 0
        for group, many, status in self.groups:
            for index in range(many):
                number += 1
                place += status is Status.WAITING
                yield lambda now, number=number, place=place, group=group, index=index, status=status: Registration(
                    event="load", number=number, code=self.house.seal.booking_code("load", number),
                    address=Address(f"{group}{index}", HOME), name=f"{group.title()} {index}", status=status,
                    language="en", since=now, registered_at=now, answers=(Answer("diet", ("gluten",)),),
                    place=place if status is Status.WAITING else 0,
                )  # fmt: skip

    async def mail(self, kind, index):
        """(wall seconds, CPU seconds) from the claim of one mail to its commit."""
        group, text, border, letter = KINDS[kind]
        self.count += 1
        self.clock.moment += timedelta(seconds=1)
        sender = Address(f"{group}{index}", HOME)
        head = (
            border, f"From: {group.title()} {index} <{sender}>", f"To: {EVENT}", "Subject: The workshop",
            f"Date: {format_datetime(self.clock.now())}", f"Message-ID: <{self.count}@{HOME}>",
        )  # fmt: skip
        octets = "\r\n".join((*head, "", *text.split("\n"), "")).encode()
        one = Incoming(sender, EVENT, "load", "smtp", "192.0.2.1", relay=True, smtputf8=False, octets=octets,
                       fingerprint=str(self.count))  # fmt: skip
        (kept,) = await self.scribe.write(lambda writer: writer.keep((one,), self.clock.now()))
        cpu, begun = time.process_time(), time.perf_counter()
        await self.handler.handle()
        took = time.perf_counter() - begun, time.process_time() - cpu
        entry = await self.scribe.read(lambda reader: reader.mail_entry(kept.id))
        if (entry.state, entry.verdict.letter) != ("done", letter):
            raise SystemExit(f"{self.size}: {kind} ended as {entry.state}: {entry.verdict}")
        return took

    async def tick(self):
        """A tick with nothing to do."""
        self.clock.moment += timedelta(seconds=1)
        cpu, begun = time.process_time(), time.perf_counter()
        await self.scribe.write(lambda writer: tick(self.house, writer, self.clock.now()))
        return time.perf_counter() - begun, time.process_time() - cpu


async def measure(folder, sizes, rounds):
    """{kind: {size: [(wall, cpu), …]}}; the first few of each warm up and are left out."""
    sites = []
    for size in sizes:
        begun = time.perf_counter()
        sites.append(Site(folder / str(size), size, rounds + WARM))
        print(f"{size:>9} people filled in {time.perf_counter() - begun:.1f} s", flush=True)
    took = {kind: {site.size: [] for site in sites} for kind in (*KINDS, "tick, nothing due")}
    for index in range(rounds + WARM):
        for kind, by_size in took.items():
            # Another one goes first each time: what the one before leaves in the caches is shared out, too.
            for site in sites[index % len(sites) :] + sites[: index % len(sites)]:
                one = await (site.mail(kind, index) if kind in KINDS else site.tick())
                if index >= WARM:
                    by_size[site.size].append(one)
    for site in sites:
        await site.scribe.close()
        store = open_site_store(site.house.config)
        wrong = list(store.recount())
        store.close()
        if wrong:
            raise SystemExit(f"{site.size}: {wrong}")
    return took


def table(took, sizes):
    """Milliseconds a mail: the median, and how it stands to that of the empty event."""
    yield f"{'median ms, claim to commit':28}" + "".join(f"{size or 'empty':>17}" for size in sizes)
    for which, title in ((0, ""), (1, " (CPU)")):
        for kind, by_size in took.items():
            middle = {size: 1000 * statistics.median(one[which] for one in by_size[size]) for size in sizes}
            cells = "".join(f"{middle[size]:9.2f} ({middle[size] / middle[sizes[0]]:4.2f}×)" for size in sizes)
            yield f"{kind + title:28}{cells}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60, help="mails of each kind to each site")
    parser.add_argument("--most", type=int, default=10_000, help="leave out larger events; 1000000 runs all of them")
    parser.add_argument("--json", action="store_true", help="every single time as well, in seconds, on the last line")
    asked = parser.parse_args()
    sizes = [size for size in SIZES if size <= asked.most]
    with tempfile.TemporaryDirectory(prefix="mailflow-deciding-") as folder:
        took = asyncio.run(measure(Path(folder), sizes, asked.rounds))
    print("\n".join(table(took, sizes)))
    if asked.json:
        print(json.dumps(took))


if __name__ == "__main__":
    main()
