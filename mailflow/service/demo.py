"""A whole site on one machine that cannot reach the outside: real doors, database and letters, a clock of its own.

The courier writes files and holds no network code, DNS answers come from a table, and the only socket listens on
127.0.0.1; all three are asserted before the first mail.
"""

import asyncio
import email
import signal
import sys
from collections.abc import Callable, Sequence
from email.header import Header
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mailflow.config.places import Capture as CapturePlace
from mailflow.config.places import Tcp
from mailflow.config.schema import Config
from mailflow.mail.address import parse_address
from mailflow.mail.parse import parse
from mailflow.model.seal import find_challenge_codes
from mailflow.resources import called
from mailflow.service.demo_folder import EVENT, START, Demo
from mailflow.service.opening import build_house, load_keys, open_site_store
from mailflow.service.serve import Means, Service
from mailflow.wire.capture import Capture
from mailflow.wire.dns import TableResolver
from mailflow.wire.relay import Relay, RelayAddress

_MAJA, _NOOR = "maja.lind@example.org", "noor.berg@example.net"

Say = Callable[[str], None]


async def run(demo: Demo, say: Say, *, once: bool) -> bool:
    """Serve, show a registration and a question, then go on until stopped. False when the exchange did not end well."""
    config = demo.config
    keys = load_keys(config)
    house = build_house(config, keys, demo.clock)
    store = open_site_store(config)
    store.migrate()
    place = config.outgoing.relay
    if not isinstance(place, CapturePlace):
        raise TypeError("a demo only writes files")
    courier = Capture(place.folder, sleep=asyncio.sleep)
    _assert_harmless(config)
    service = Service(house, Means(store, keys, TableResolver(demo.records), courier))
    await service.start()
    try:
        watch = _Watch(demo, place.folder, say, answerable=not once)
        watch.where = service.where[0]
        ended_well = await _show(demo, service, watch, say)
        if once:
            return ended_well
        _invite(demo, service.where[0], say)
        await _serve_on(watch)
    finally:
        await service.close()
    return True


async def _show(demo: Demo, service: Service, watch: "_Watch", say: Say) -> bool:
    """Maja, whose server signs, and Noor, whose server does not."""
    to = f"{EVENT}@{demo.config.site.domain}"
    say(
        f"The desk is open: {to}, at {demo.clock.now().astimezone(ZoneInfo(demo.config.site.timezone)):%d %B %Y %H:%M}.\n"  # noqa: E501  a sentence for the screen
    )
    say("1. Maja Lind signs up. Her university's server signs the mail, so it is done at once.\n")
    lines = ("Subject: Anmälan", "", "Anmäl mig", "Specialkost: vegetariskt", "", "Hälsningar", "Maja Lind")
    mail = _mail(demo, "Maja Lind", _MAJA, to, lines)
    await _send(service.where[0], _MAJA, to, demo.attendee.sign(mail, demo.clock.now()))
    await service.idle()
    maja = watch.look()
    say("2. Noor Berg signs up. Nobody vouches for this sender, so the desk asks the address before it believes it.\n")
    mail = _mail(demo, "Noor Berg", _NOOR, to, ("Subject: register", "", "register", ""))
    await _send(service.where[0], _NOOR, to, mail)
    await service.idle()
    noor = watch.look()
    return "registered" in maja and "please_confirm" in noor


def _mail(demo: Demo, name: str, address: str, to: str, lines: Sequence[str]) -> bytes:
    now = demo.clock.now()
    subject, *body = lines
    _, _, words = subject.partition(": ")
    head = [
        f"From: {name} <{address}>",
        f"To: {to}",
        f"Subject: {words if words.isascii() else Header(words, 'utf-8').encode()}",
        f"Date: {format_datetime(now)}",
        f"Message-ID: <{int(now.timestamp() * 1000)}.{address.split('@', maxsplit=1)[0]}@{address.split('@')[1]}>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    return "\r\n".join([*head, *body]).encode() + b"\r\n"


async def _send(where: str, sender: str, to: str, content: bytes) -> None:
    """Over real SMTP, to our own door."""
    host, _, port = where.rpartition(":")
    client = Relay(RelayAddress(host, int(port)))
    reply = await client.deliver(parse_address(sender), parse_address(to), content)
    await client.close()
    if not reply.ok:
        raise RuntimeError(f"the demo's own door said {reply}")


class _Watch:
    """Shows each new letter once."""

    def __init__(self, demo: Demo, folder: Path, say: Say, *, answerable: bool) -> None:
        self._answerable = answerable
        self._demo = demo
        self._folder = folder
        self._say = say
        self._seen: set[str] = set()
        self.where = ""

    def look(self) -> tuple[str, ...]:
        """Print the letters that have come since the last look; their kinds."""
        kinds = []
        for path in sorted(self._folder.glob("*.eml")):
            if path.name in self._seen:
                continue
            self._seen.add(path.name)
            kinds.append(self._show(path))
        return tuple(kinds)

    def _show(self, path: Path) -> str:
        content = path.read_bytes()
        letter = parse(content)
        kind = (letter.header("x-mailflow") or "").partition("letter=")[2].partition(";")[0].strip()
        to = str(letter.to[0]) if letter.to else ""
        frame = "─" * 74
        self._say(f"{frame}\n  {path.name}: {kind}\n  From: {letter.sender}\n  To: {to}\n  Subject: {letter.subject}\n")
        self._say("\n".join(f"  {line}" for line in letter.text.rstrip().splitlines()))
        self._say(frame + "\n")
        if kind == "please_confirm" and self._answerable:
            self._how_to_answer(content, letter.sender, to)
        return kind

    def _how_to_answer(self, content: bytes, sender: object, to: str) -> None:
        codes = _codes(content)
        if codes:
            self._say(
                f"  To answer YES as {to}:\n\n    {one_liner(self.where, to, str(sender), f'YES {codes[0]}', 'YES')}\n"
            )


def _codes(content: bytes) -> tuple[str, ...]:
    """The challenge code that the letter's button carries: in its HTML part, where a mailto link has it."""
    # Our own letter, read once: the standard reader will do.
    message = email.message_from_bytes(content)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                text = payload.decode("utf-8", "replace")
                start = text.find("mailto:")
                return find_challenge_codes(text[start : start + 2000].replace("%20", " "))
    return ()


def one_liner(where: str, sender: str, to: str, subject: str, body: str) -> str:
    """A command that sends one mail to the demo, with nothing but Python."""
    host, _, port = where.rpartition(":")
    mail = f"From: {sender}\\nTo: {to}\\nSubject: {subject}\\n\\n{body}\\n"
    return f"python3 -c \"import smtplib; smtplib.SMTP('{host}', {port}).sendmail('{sender}', '{to}', '{mail}')\""


def _invite(demo: Demo, where: str, say: Say) -> None:
    to = f"{EVENT}@{demo.config.site.domain}"
    host, _, port = where.rpartition(":")
    say(f"The demo listens on {where} until Ctrl-C. Letters appear here and in {demo.folder / 'sent'}.")
    say("Your own mail is not signed (and is dated today; this clock says 2019): it is asked to confirm, as Noor was.")
    say("Other verbs go by today's clock, for which this event is over.")
    say("Things to try, in a second terminal:\n")
    say(f"  {one_liner(where, 'you@example.com', to, 'register', '')}\n")
    swaks = f"swaks --server {host} --port {port}"
    say(f"  {swaks} --from you@example.com --to {to} --h-Subject register --body register\n")
    said = f"printf 'From: kai@example.com\\nSubject: register\\n\\n' | {called()} simulate"
    say(f"  {said} --config {demo.folder / 'mailflow.toml'} --at {START} --letters -\n")
    tool = Path(sys.executable).parent / "sqlite-utils"
    say(f"  {tool} rows {demo.folder / 'mailflow.db'} attendees --table\n")


async def _serve_on(watch: _Watch) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    while not stop.is_set():
        watch.look()
        try:
            async with asyncio.timeout(0.3):
                await stop.wait()
        except TimeoutError:
            continue


def _assert_harmless(config: Config) -> None:
    """Nothing in a demo can reach another machine."""
    places = [*config.intake.listen, *([config.health.listen] if config.health.listen else [])]
    if any(not isinstance(place, Tcp) or place.host != "127.0.0.1" for place in places):
        raise RuntimeError("a demo listens on 127.0.0.1 only")
    if not isinstance(config.outgoing.relay, CapturePlace):
        raise RuntimeError("a demo writes letters to files only")  # noqa: TRY004  what is wrong is the state, no type
