"""What `mailflow check` looks at. Each finding is one line; nothing here changes anything."""

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from mailflow.cli.desk import Desk
from mailflow.cli.finding import Finding
from mailflow.cli.leaving import Failure
from mailflow.cli.loop import there_and_back
from mailflow.cli.specimen import SEAL, specimen
from mailflow.config.places import Relay
from mailflow.config.schema import Config
from mailflow.model.event import After, Event
from mailflow.model.letter import LETTER_KINDS, VARIANTS
from mailflow.proof.dns import Found, TxtAnswer, Unreachable
from mailflow.proof.signer import public_record
from mailflow.render.placeholders import PLACEHOLDERS, unknown
from mailflow.service.changed import to_be_told
from mailflow.service.house import House
from mailflow.service.opening import build_renderer
from mailflow.service.receive import disk_low
from mailflow.store.protocol import Store
from mailflow.store.session import StoreError
from mailflow.wire.dns import SystemResolver, ask, name_servers

# Pythons whose `email` package has known holes (trust.md §8).
_MENDED = {(3, 11): 15, (3, 12): 13, (3, 13): 12}
_PATIENCE_SECONDS = 5
# At 5000 a day Gmail and Yahoo call somebody a bulk sender (trust.md §5).
_LETTERS_TO_ONE = 4000


def survey(desk: Desk, *, quick: bool, dns: bool, loop: bool) -> Iterator[Finding]:
    """Everything, in the order in which it is worth reading. ConfigError where there is no site to look at."""
    house = desk.house()
    config = house.config
    yield Finding("configuration", "ok", f"{config.file}, {len(house.events)} event(s)")
    yield from _machine(config)
    yield from _trust(config)
    yield from _events(house)
    yield from _database(desk, house)
    if not quick:
        yield from _letters(house)
        yield from _relay(config)
    if dns:
        yield from _dns(config)
    if loop:
        yield from there_and_back(desk, house)


def _machine(config: Config) -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    mended = _MENDED.get(sys.version_info[:2])
    if mended is not None and sys.version_info[2] < mended:
        wanted = f"{sys.version_info[0]}.{sys.version_info[1]}.{mended}"
        yield Finding("python", "warning", f"{version}: its email package has known holes; {wanted} is mended")
    else:
        yield Finding("python", "ok", version)
    if datetime.now(UTC).year < 2024:  # a machine whose clock was never set
        yield Finding("clock", "problem", "the machine's clock is years behind")
    folder = next(one for one in (config.state, *config.state.parents) if one.exists())
    free = shutil.disk_usage(folder).free // 1_000_000
    yield Finding("disk", "problem" if disk_low(folder) else "ok", f"{free} MB free")


def _trust(config: Config) -> Iterator[Finding]:
    if config.dkim.sign:
        yield Finding("keys", "ok", f"we sign as {config.dkim.selector}._domainkey.{config.site.domain}")
    else:
        yield Finding("keys", "ok", "the relay signs ([dkim] sign = false)")
    ours = config.trust.verify_dkim or config.trust.spf
    if not config.trust.authserv_ids and not ours:
        yield Finding("trust", "warning", "no authserv_ids and no DKIM: everybody is asked to confirm")
    elif ours and not name_servers():
        yield _without_dns(config, "this machine has no name server (/etc/resolv.conf)")


def _without_dns(config: Config, why: str) -> Finding:
    """No key and no policy can be fetched (trust.md §1.5). Where a border server judges, most mail is still proved."""
    if config.trust.authserv_ids:
        return Finding(
            "trust", "warning", f"{why}: only what {' or '.join(config.trust.authserv_ids)} says is believed"
        )
    return Finding("trust", "problem", f"{why}: NOBODY CAN BE PROVED, everybody is asked to confirm, 21 minutes late")


def _events(house: House) -> Iterator[Finding]:
    if not house.events:
        yield Finding("events", "warning", f"there is no event in {house.config.site.events}")
    if house.config.site.event_makers and not os.access(house.config.site.events, os.W_OK):
        yield Finding("events", "problem", f"events made by mail cannot be written to {house.config.site.events}")
    for event in house.events.values():
        if not event.organisers:
            yield Finding("events", "warning", f"{event.id} has no [[organiser]]: questions only wait in the database")
        # These do no harm by being there, unlike what the loader refuses; but nobody should count on them.
        later = {
            "after.door_list_hours_before": event.after.door_list_hours_before != After().door_list_hours_before,
        }
        for key in (key for key, wanted in later.items() if wanted):
            yield Finding("events", "warning", f"{event.id} asks for {key}, which this version does not do yet")


def _database(desk: Desk, house: House) -> Iterator[Finding]:
    try:
        yield from _counted(desk.reading(house.config), house)
    except Failure as failure:
        yield Finding("database", "problem", failure.text)
    except (StoreError, sqlite3.DatabaseError) as error:
        yield Finding("database", "problem", str(error))


def _counted(store: Store, house: House) -> Iterator[Finding]:
    wrong = list(store.recount())
    for sentence in wrong:
        yield Finding("database", "problem", sentence)
    if not wrong:
        yield Finding("database", "ok", f"counters agree with their rows; SQLite {sqlite3.sqlite_version}")
    with store.read() as reader:
        parked = len(reader.mails(state="failed", limit=1000))
        failed = len(reader.letters(state="failed", limit=1000))
        most = reader.most_letters_to(datetime.now(UTC) - timedelta(days=1))
        changed = [(event.id, to_be_told(house, reader, event)) for event in house.events.values()]
    for event, people in changed:
        if people:
            yield Finding("events", "ok", f"{event} has changed; who will be told: up to {people}")
    if most is not None and most[1] > _LETTERS_TO_ONE:
        yield Finding("letters", "warning", f"{most[1]} letters to {most[0]} in a day: above {_LETTERS_TO_ONE} large"
                      " providers want List-Unsubscribe-Post, which needs a web address")  # fmt: skip
    if parked:
        yield Finding("queue", "warning", f"{parked} mail(s) failed three times: mailflow queue list")
    if failed:
        yield Finding("queue", "warning", f"{failed} letter(s) could not be delivered: mailflow queue list")


def _letters(house: House) -> Iterator[Finding]:
    """Render everything: a broken override, or a placeholder in an event's words, is found here and not by people."""
    renderer = build_renderer(house.config, SEAL)
    now = house.now()
    events: list[Event | None] = [None, *(event for event in house.events.values() if event.ends > now)]
    count = 0
    for event in events:
        for language in house.config.site.languages:
            for kind in LETTER_KINDS:
                for variant in VARIANTS[kind]:
                    try:
                        specimen(renderer, kind, variant, language, event)
                    except Exception as error:  # noqa: BLE001  whatever a template raises is the finding
                        name = " ".join(filter(None, (f"{language}/{kind}", variant, event.id if event else "")))
                        yield Finding("letters", "problem", f"{name}: {type(error).__name__}: {error}")
                    else:
                        count += 1
    yield from (Finding("letters", "warning", said) for event in events if event for said in _unfilled(event))
    yield Finding("letters", "ok", f"{count} letters render")


def _unfilled(event: Event) -> Iterator[str]:
    """What stands in braces in the event's own words, and would be read so by people."""
    for key, text in (("intro", event.intro), ("bring", event.bring), ("material", event.material)):
        words = dict.fromkeys(word for said in text.texts for word in unknown(said))
        if words:
            named = ", ".join(f"{{{word}}}" for word in words)
            known = ", ".join(f"{{{word}}}" for word in PLACEHOLDERS)
            yield f"{event.id}: text.{key}: {named} stays as it is typed; what is filled in: {known}"


def _relay(config: Config) -> Iterator[Finding]:
    relay = config.outgoing.relay
    if not isinstance(relay, Relay):
        yield Finding("relay", "ok", f"letters become files in {relay.folder}")
        return
    try:
        said = asyncio.run(_knock(relay.host, relay.port))
    except (OSError, TimeoutError) as error:
        why = error or f"nothing in {_PATIENCE_SECONDS} s"
        hint = 'outgoing.relay names the server that takes our letters; "capture:sent" writes them to files'
        yield Finding("relay", "problem", f"{relay} does not answer: {why}. {hint}")
        return
    # With TLS from the first octet there is no greeting to hear: that somebody is there has to do.
    if relay.scheme != "smtps" and not said.startswith(b"220"):
        yield Finding("relay", "problem", f"{relay} says {said[:80].decode('ascii', 'replace').strip() or 'nothing'}")
    else:
        yield Finding("relay", "ok", f"{relay} answers")


async def _knock(host: str, port: int) -> bytes:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection(host, port)
    said = b""
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            said = await reader.readline()
    writer.close()
    return said


def _dns(config: Config) -> Iterator[Finding]:
    """Our records as the world sees them (operations.md §9)."""
    domain = config.site.domain
    key, policy = f"{config.dkim.selector}._domainkey.{domain}", f"_dmarc.{domain}"
    answers = asyncio.run(ask(SystemResolver(), (key, domain, policy)))
    if all(isinstance(answer, Unreachable) for answer in answers.values()):
        yield _without_dns(config, "no name server answers")
    if config.dkim.sign:
        ours = public_record(config.dkim.key_file.read_bytes())
        yield _published(key, answers[key], _key_of(ours), ours)
    yield _published(domain, answers[domain], "v=spf1", "v=spf1 …")
    yield _published(policy, answers[policy], "v=DMARC1", "v=DMARC1; …")


def _published(name: str, answer: TxtAnswer, wanted: str, example: str) -> Finding:
    if isinstance(answer, Unreachable):
        return Finding("dns", "warning", f"{name}: no answer from DNS")
    records = [record.decode("utf-8", "replace") for record in answer.records] if isinstance(answer, Found) else []
    if any(wanted in record.replace(" ", "") for record in records):
        return Finding("dns", "ok", f"{name} is published")
    there = f"there is {records[0][:60]!r}" if records else "there is no TXT record"
    return Finding("dns", "problem", f"{name}: {there}; expected {example[:60]!r} (mailflow dns)")


def _key_of(record: str) -> str:
    return record.replace(" ", "").partition("p=")[2]
