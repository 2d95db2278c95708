"""Registrations a second, from MAIL to the signed letter at the relay, beside an aiosmtpd that only says 250.

    python benchmarks/throughput.py [--count 1500] [--connections 16] [--proof relay|dkim] [--attendees 0] [--json]

Starts `mailflow serve` as an operator would, on a temporary folder. Numbers are printed and never judged.
"""

# ruff: noqa: PLC0415  # each process imports what it measures, and no more

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from load import Process, bare, relay, senders

DOMAIN = "events.example.org"
EVENT = f"load@{DOMAIN}"
BORDER = "mx.example.org"
PER_CONNECTION = 50  # a door's default; the next mail comes on a new connection
_TICK = os.sysconf("SC_CLK_TCK")
_SELECTOR = "bench"

_EVENT = """title = {{ en = "A workshop under load" }}
languages = ["en", "sv"]
timezone = "Europe/Stockholm"
starts = {starts}
ends = {ends}
host = "The benchmark"

[venue]
name = "Room 1"
street = "Paradisgatan 1"
city = "Lund"

[registration]

[[question]]
id = "diet"
kind = "choices"
label = {{ en = "Diet", sv = "Specialkost" }}
options = [
  {{ id = "vegan", en = "vegan", sv = "veganskt" }},
  {{ id = "gluten", en = "gluten-free", sv = "glutenfritt" }},
]

[[programme.items]]
at = 13:00:00
title = {{ en = "Talk" }}
speaker = "Somebody"
"""


# The site


class Site:
    """A folder made by `mailflow init`, and the service on it."""

    def __init__(self, folder, relay_port, proof):
        self.folder, self.proof = folder, proof
        self.port = _free_port()
        self.environment = {
            **os.environ,
            "MAILFLOW_INTAKE__LISTEN": f'["127.0.0.1:{self.port}"]',
            "MAILFLOW_TRUST__AUTHSERV_IDS": f'["{BORDER}"]',
            "MAILFLOW_HEALTH__LISTEN": "",
        }
        relay_url = f"smtp://127.0.0.1:{relay_port}"
        self._verb("init", EVENT, "--relay", relay_url, "--timezone", "Europe/Stockholm", "--dir", str(folder), "--yes")
        starts = datetime.combine((datetime.now(UTC) + timedelta(days=60)).date(), datetime.min.time().replace(hour=13))
        event = _EVENT.format(starts=starts.isoformat(), ends=(starts + timedelta(hours=3)).isoformat())
        (folder / "events" / "load.toml").write_text(event, encoding="utf-8")
        self.process = None

    def fill(self, attendees):
        """So many confirmed registrations, through the store's own interface."""
        from mailflow.config.find import Whereabouts
        from mailflow.config.load import load
        from mailflow.mail.address import Address
        from mailflow.model.decision import Saved
        from mailflow.model.registration import Registration, Status
        from mailflow.service.clock import RealClock
        from mailflow.service.opening import build_house, load_keys, open_site_store, sync_events

        config = load(Whereabouts(self.folder / "mailflow.toml", self.folder, "benchmark"), {})
        house = build_house(config, load_keys(config), RealClock())
        store, now, first = open_site_store(config), datetime.now(UTC), 0
        with store.write() as writer:
            sync_events(house, writer)
            state = writer.event_state("load")
            first = state.next_number
        for start in range(0, attendees, 1000):
            with store.write() as writer:
                for number in range(first + start, first + min(start + 1000, attendees)):
                    person = Registration(
                        event="load", number=number, code=house.seal.booking_code("load", number),
                        address=Address(f"early{number}", "old.example"), name=f"Early {number}",
                        status=Status.CONFIRMED, language="en", since=now, registered_at=now,
                    )  # fmt: skip
                    writer.apply(Saved("registered", None, person), "load", now)
        store.close()

    def serve(self):
        log = (self.folder / "serve.log").open("wb")
        verb = [sys.executable, "-m", "mailflow", "serve"]
        if self.proof == "dkim":
            verb = [sys.executable, __file__, "--serve-with-records"]
        self.process = subprocess.Popen([*verb, "--config", str(self.folder / "mailflow.toml")],
                                        env=self.environment, stdout=log, stderr=log)  # fmt: skip
        until = time.monotonic() + 20
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)) as line:
                if line.recv(100).startswith(b"220"):
                    return
            time.sleep(0.05)
        raise SystemExit((self.folder / "serve.log").read_text())

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(40)
            self.process.kill()

    def _verb(self, *words):
        command = [sys.executable, "-m", "mailflow", *words]
        subprocess.run(command, env=self.environment, check=True, capture_output=True)


def serve_with_records(config_file):
    """`serve`, but that DNS answers come from a file: the system's resolver cannot know our senders' keys."""
    import asyncio

    from mailflow.config.find import Whereabouts
    from mailflow.config.load import load
    from mailflow.service.clock import RealClock
    from mailflow.service.opening import build_house, load_keys, open_site_store
    from mailflow.service.serve import Means, Service
    from mailflow.wire.dns import TableResolver

    folder = config_file.parent
    config = load(Whereabouts(config_file, folder, "benchmark"), os.environ)
    keys, store = load_keys(config), open_site_store(config)
    store.migrate()
    records = json.loads((folder / "records.json").read_text())
    resolver = TableResolver({name: text.encode() for name, text in records.items()})
    asyncio.run(Service(build_house(config, keys, RealClock()), Means(store, keys, resolver)).run())


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# The mails


class Mailer:
    """Mails as a mail program writes them: 3 KB, text and HTML, what a border adds on top."""

    def __init__(self, proof, folder):
        self.chance = random.Random(7)
        self.signers = {}
        if proof == "dkim":
            from mailflow.proof.signer import Signer, new_key, public_record

            key = new_key()
            names = [f"uni{number}.example" for number in range(20)]
            self.signers = {name: Signer.load(key, name, _SELECTOR) for name in names}
            record = public_record(key)
            records = {f"{_SELECTOR}._domainkey.{name}": record for name in names}
            (folder / "records.json").write_text(json.dumps(records))

    def mails(self, group, count):
        return [self.mail(group, number) for number in range(count)]

    def mail(self, group, number):
        domain = f"uni{number % 20}.example"
        sender, now = f"{group}.person{number}@{domain}", datetime.now(UTC)
        stamp, edge = f"{self.chance.getrandbits(64):x}", f"=_{self.chance.getrandbits(64):x}"
        words = "Diet: vegan" if number % 4 == 0 else "Looking forward to it."
        lines = (
            f"From: Person {number} <{sender}>", f"To: {EVENT}", "Subject: register", f"Date: {format_datetime(now)}",
            f"Message-ID: <{stamp}@{domain}>", "MIME-Version: 1.0", "User-Agent: A mail program 12.3",
            f'Content-Type: multipart/alternative; boundary="{edge}"', "", "This is a message in several parts.",
            f"--{edge}", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "",
            "register", words, "", "--", f"Person {number}", "Department of Sociology, Paradisgatan 5, Lund", "",
            f"--{edge}", "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: 8bit", "",
            "<html><head><style>", *["p.MsoNormal { margin: 0; color: #123456 }"] * 40, "</style></head><body>",
            f"<p>register</p><p>{words}</p>", f"<p>-- <br>Person {number}</p></body></html>", f"--{edge}--", "",
        )  # fmt: skip
        content = "\r\n".join(lines).encode()
        trace = (
            f"Received: from mail.{domain} (mail.{domain} [192.0.2.1])\r\n\tby {BORDER} (Postfix) with ESMTPS id"
            f" {stamp}\r\n\tfor <{EVENT}>; {format_datetime(now)}\r\n"
        )
        if self.signers:
            content = self.signers[domain].sign(content, now)
        else:
            verdict = f"dkim=pass header.d={domain}; dmarc=pass header.from={domain}"
            trace = f"Authentication-Results: {BORDER}; {verdict}\r\n{trace}"
        return sender, trace.encode() + content


# What the service costs


class Watch:
    """CPU and memory of a process and all its descendants, those that have ended included in the CPU."""

    def __init__(self, pid):
        self.pid = pid
        self.peak_kb, self.peak_of_service_kb = 0, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def cpu(self):
        """Seconds so far. A child that has ended is counted by its parent."""
        return sum(sum(map(int, _stat(pid)[11:15])) for pid in self._family()) / _TICK

    def end(self):
        self._over.set()
        self._thread.join()

    def _look(self):
        while not self._over.wait(0.2):
            kilobytes = {pid: _peak_kb(pid) for pid in self._family()}
            self.peak_kb = max(self.peak_kb, sum(kilobytes.values()))
            self.peak_of_service_kb = max(self.peak_of_service_kb, kilobytes.get(self.pid, 0))

    def _family(self):
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (stat := _stat(int(entry.name))):
                parents[int(entry.name)] = int(stat[1])
        found = [self.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return [pid for pid in found if pid in parents]


def _stat(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _peak_kb(pid):
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.partition("VmHWM:")[2].split()[0]) if "VmHWM:" in status else 0


# The measurement


def measure_bare(crowd, mails, options):
    yardstick = Process(bare)
    crowd.ask(yardstick.port, EVENT, mails[:200], options.connections, PER_CONNECTION, 0.0)
    used = yardstick.ask("cpu")
    sent = crowd.ask(yardstick.port, EVENT, mails, options.connections, PER_CONNECTION, 0.0)
    used = yardstick.ask("cpu") - used
    yardstick.end()
    _all_taken(sent)
    return {"per_second": len(sent) / _span(sent), "cpu_ms": 1000 * used / len(sent)}


def measure_mailflow(crowd, sink, mailer, options, folder):
    site = Site(folder, sink.port, options.proof)
    site.fill(options.attendees)
    watch = None
    try:
        site.serve()
        watch = Watch(site.process.pid)

        def run(mails, connections, pause):
            before = sink.ask("count")
            sent = crowd.ask(site.port, EVENT, mails, connections, PER_CONNECTION, pause)
            _all_taken(sent)
            _await(lambda: sink.ask("count") - before >= len(mails), site)
            return sent, {letter.to: letter for letter in sink.ask("letters")}

        run(mailer.mails("warm", 30), 3, 0.0)
        calm_sent, letters = run(mailer.mails("calm", 60), 1, 0.05)
        calm = _latencies(calm_sent, letters)
        mails = mailer.mails("load", options.count)
        cpu = watch.cpu()
        sent, letters = run(mails, options.connections, 0.0)
        cpu = watch.cpu() - cpu
        kinds = {f"{letters[one.sender].kind}, signed {letters[one.sender].signed}" for one in sent}
        if kinds != {"registered, signed True"}:
            raise SystemExit(f"not what was to be measured: {kinds}; see {folder / 'serve.log'}")
        loaded = _latencies(sent, letters)
        first = min(one.began for one in sent)
        return {
            "accepted_per_second": len(sent) / _span(sent),
            "end_to_end_per_second": len(sent) / (max(letters[one.sender].at for one in sent) - first),
            "cpu_ms_per_registration": 1000 * cpu / len(sent),
            "peak_memory_mb": watch.peak_kb / 1024,
            "peak_memory_of_service_mb": watch.peak_of_service_kb / 1024,
            "latency_ms": {"calm": calm, "loaded": loaded},
        }
    finally:
        if watch:
            watch.end()
        site.stop()


def _latencies(sent, letters):
    """To the 250 and to the letter, in ms."""
    accept = [1000 * (one.answered - one.began) for one in sent]
    letter = [1000 * (letters[one.sender].at - one.began) for one in sent]
    return {
        name: {"p50": statistics.median(values), "p99": statistics.quantiles(values, n=100)[98]}
        for name, values in (("accepted", accept), ("letter", letter))
    }


def _span(sent):
    return max(one.answered for one in sent) - min(one.began for one in sent)


def _all_taken(sent):
    refused = [one.reply for one in sent if not one.reply.startswith("250")]
    if refused:
        raise SystemExit(f"{len(refused)} of {len(sent)} mails were not taken: {refused[0]}")


def _await(reached, site):
    until = time.monotonic() + 300
    while not reached():
        if time.monotonic() > until or site.process.poll() is not None:
            raise SystemExit((site.folder / "serve.log").read_text()[-3000:])
        time.sleep(0.05)


def report(result):
    ours, yardstick = result["mailflow"], result["bare"]
    of = result["options"]
    load = (
        f"{of['count']} registrations ({of['proof']}), {of['connections']} connections, {PER_CONNECTION} mails on each"
    )
    cost = f"{ours['cpu_ms_per_registration']:6.2f} ms CPU a registration"
    alone = f"the service alone {ours['peak_memory_of_service_mb']:.0f} MB"
    lines = [
        f"{load}; {of['attendees']} attendees before",
        f"bare aiosmtpd   {yardstick['per_second']:7.0f} /s   {yardstick['cpu_ms']:6.2f} ms CPU a mail",
        f"accepted        {ours['accepted_per_second']:7.0f} /s",
        f"end to end      {ours['end_to_end_per_second']:7.0f} /s   {cost}   ratio {result['ratio']:.3f}",
        f"peak memory     {ours['peak_memory_mb']:7.0f} MB   ({alone})",
    ]
    for name, latency in ours["latency_ms"].items():
        parts = (f"{what} p50 {one['p50']:.0f} p99 {one['p99']:.0f} ms" for what, one in latency.items())
        lines.append(f"latency, {name:6} {'   '.join(parts)}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=1500, help="registrations, each of another sender")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--proof", choices=("relay", "dkim"), default="relay")
    parser.add_argument("--attendees", type=int, default=0, help="registrations that are there before")
    parser.add_argument("--json", action="store_true", help="only JSON")
    parser.add_argument("--keep", action="store_true", help="leave the folder (its log, its database)")
    parser.add_argument("--serve-with-records", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--config", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve_with_records:
        serve_with_records(options.config)
        return
    # The other processes begin before this one has threads.
    crowd, sink = Process(senders), Process(relay)
    folder = Path(tempfile.mkdtemp(prefix="mailflow-throughput-"))
    try:
        mailer = Mailer(options.proof, folder)
        mails = mailer.mails("bare", options.count)
        # Before and after: on a machine that does other things as well, the two tell how much to believe.
        before = measure_bare(crowd, mails, options)
        ours = measure_mailflow(crowd, sink, mailer, options, folder)
        after = measure_bare(crowd, mails, options)
    finally:
        crowd.end()
        sink.end()
        if options.keep:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder)
    yardstick = {key: (before[key] + after[key]) / 2 for key in before}
    yardstick["runs_per_second"] = [before["per_second"], after["per_second"]]
    result = {
        "options": {"count": options.count, "connections": options.connections, "proof": options.proof,
                    "attendees": options.attendees, "mails_per_connection": PER_CONNECTION},
        "python": sys.version.split()[0],
        "cores": os.cpu_count(),
        "mailflow": ours,
        "bare": yardstick,
        "ratio": ours["end_to_end_per_second"] / yardstick["per_second"],
    }  # fmt: skip
    if not options.json:
        print(report(result) + "\n")
    print(json.dumps(result, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
