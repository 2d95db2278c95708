"""`mailflow check`: what is wrong, before the mail finds out."""

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from mailflow.cli.common import Desk, Exit, common
from mailflow.cli.preview import SAMPLE_NOW
from mailflow.config.places import Relay
from mailflow.config.schema import Config
from mailflow.model.letter import LETTER_KINDS, VARIANTS
from mailflow.model.seal import Seal
from mailflow.render.sample import sample_event, sample_letter
from mailflow.service.house import House
from mailflow.service.opening import build_renderer
from mailflow.service.receive import disk_low
from mailflow.store.protocol import Store

# Pythons whose `email` package has known holes (trust.md §8).
_MENDED = {(3, 11): 15, (3, 12): 13, (3, 13): 12}
Finding = tuple[str, str, str]  # what, "ok" | "warning" | "problem", text


@click.command()
@click.option("--quick", is_flag=True, help="Configuration, keys and database only.")
@click.option("--nagios", is_flag=True, help="One line, and exit 0, 1, 2 or 3.")
@common
def check(desk: Desk, quick: bool, nagios: bool) -> None:  # noqa: FBT001  click's signature
    """Configuration, database, clock, disk, keys, every letter in every language, relay reachable."""
    config = desk.config()
    house, _ = desk.house(config)
    findings = [("configuration", "ok", f"{config.file}, {len(house.events)} event(s)")]
    findings += _standing(desk, config, house)
    if not quick:
        findings += [*_letters(config), *_relay(config)]
    worst = "problem" if any(f[1] == "problem" for f in findings) else ""
    worst = worst or ("warning" if any(f[1] == "warning" for f in findings) else "ok")
    if nagios:
        said = "; ".join(text for _, level, text in findings if level != "ok") or f"{len(findings)} checks"
        click.echo(f"MAILFLOW {({'ok': 'OK', 'warning': 'WARNING', 'problem': 'CRITICAL'})[worst]}: {said}")
        raise Exit({"ok": 0, "warning": 1, "problem": 2}[worst])
    desk.rows({"check": what, "result": level, "text": text} for what, level, text in findings)
    raise Exit(3 if worst == "problem" else 0)


def _standing(desk: Desk, config: Config, house: House) -> Iterator[Finding]:
    yield from _python()
    if datetime.now(UTC).year < 2024:  # a machine whose clock was never set
        yield "clock", "problem", "the machine's clock is years behind"
    if not config.dkim.sign:
        yield "keys", "ok", "the relay signs ([dkim] sign = false)"
    if not config.trust.authserv_ids and not config.trust.verify_dkim:
        yield "trust", "warning", "no authserv_ids and no DKIM: everybody is asked to confirm"
    folder = config.state if config.state.exists() else config.file.parent
    free = shutil.disk_usage(folder).free // 1_000_000
    yield "disk", "problem" if disk_low(folder) else "ok", f"{free} MB free"
    if not house.events:
        yield "events", "warning", f"there is no event in {config.site.events}"
    for event in house.events.values():
        if not event.organisers:
            yield "events", "warning", f"{event.id} has no [[organiser]]: questions only wait in the database"
    yield from _database(desk.rehearsal_store(config))


def _python() -> Iterator[Finding]:
    mended = _MENDED.get(sys.version_info[:2])
    version = ".".join(str(part) for part in sys.version_info[:3])
    if mended is not None and sys.version_info[2] < mended:
        wanted = f"{sys.version_info[0]}.{sys.version_info[1]}.{mended}"
        yield "python", "warning", f"{version}: its email package has known holes; {wanted} is mended"
    else:
        yield "python", "ok", version


def _database(store: Store) -> Iterator[Finding]:
    wrong = list(store.recount())
    for sentence in wrong:
        yield "database", "problem", sentence
    if not wrong:
        yield "database", "ok", f"counters agree with their rows; SQLite {sqlite3.sqlite_version}"
    with store.read() as reader:
        parked = reader.mails(state="failed", limit=1000)
        failed = reader.letters(state="failed", limit=1000)
    if parked:
        yield "queue", "warning", f"{len(parked)} mail(s) failed three times: mailflow queue list"
    if failed:
        yield "queue", "warning", f"{len(failed)} letter(s) could not be delivered: mailflow queue list --state failed"


def _letters(config: Config) -> Iterator[Finding]:
    """Render everything: a broken override is found here, not by an attendee."""
    seal = Seal(b"a key for previews, not a secret")
    renderer = build_renderer(config, seal)
    count = 0
    for language in config.site.languages:
        for kind in LETTER_KINDS:
            for variant in VARIANTS[kind]:
                name = f"{language}/{kind}{f' ({variant})' if variant else ''}"
                try:
                    letter = sample_letter(kind, variant, language)
                    renderer.render(letter, sample_event(), seal.reference(1), SAMPLE_NOW)
                except Exception as error:  # noqa: BLE001  whatever a template raises is the finding
                    yield "letters", "problem", f"{name}: {type(error).__name__}: {error}"
                else:
                    count += 1
    yield "letters", "ok", f"{count} letters render"


def _relay(config: Config) -> Iterator[Finding]:
    relay = config.outgoing.relay
    if not isinstance(relay, Relay):
        yield "relay", "ok", f"letters become files in {relay.folder}"
        return
    try:
        asyncio.run(_knock(relay.host, relay.port))
    except (OSError, TimeoutError) as error:
        yield "relay", "problem", f"{relay} does not answer: {error or 'no answer in 5 seconds'}"
    else:
        yield "relay", "ok", f"{relay} answers"


async def _knock(host: str, port: int) -> None:
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(host, port)
        await reader.readline()
        writer.close()


