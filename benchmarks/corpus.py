"""A folder of mail as the service would meet it: who it is from, what is known beside it, and what reading makes of it.

`context.json` says what the service knows: `services` (address, event, sessions, questions, organisers), `sent` (our
letters by Message-ID), `tokens`, `sender_state`, and `authserv_id`, whose Authentication-Results are believed. Without
it there is one event, its address is the mail's recipient, and nobody is known.
"""

import dataclasses
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.rows import doubtful, fields, outcome
from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.envelope import Envelope, Peer
from mailflow.mail.message import Message
from mailflow.mail.parse import parse
from mailflow.model.event import Localized, Option, Question
from mailflow.model.intent import Reading, Silent
from mailflow.proof.dns import Trusted
from mailflow.reading.context import ReadingContext
from mailflow.service.receive import lined
from mailflow.service.study import Case, Task, judge

SIZE_LIMIT = 10 * 1024 * 1024  # intake.max_size as it is when nobody says otherwise
DIET = (
    "vegetarian", "vegan", "pescetarian", "gluten", "lactose", "dairy", "nuts", "peanuts", "egg", "fish", "shellfish",
    "soy", "halal", "kosher", "pork",
)  # fmt: skip
# The corpora's words for our letters. Of ours, the one that invites people without being asked is the announcement.
LETTERS = {
    "confirmation": "registered", "confirm-request": "please_confirm", "offer": "offered", "waitlist": "waitlisted",
    "invitation": "announcement",
}  # fmt: skip
ASKING = frozenset({"please_confirm", "offered"})
STANDINGS = {"waitlisted": "waiting"}
KINDS = {"choice": "choice", "choices": "choices", "bool": "yes_no", "text": "text"}
TAGS = {"cancel": "cancel", "confirm": "confirm", "unsubscribe": "remind-off"}
ELSEWHERE = parse_address("unreadable@example.org")


@dataclass(frozen=True)
class Prepared:
    """One mail with everything that the reader is given."""

    message: Message
    task: Task
    context: ReadingContext
    token: str
    now: datetime


class Refused(Exception):
    """What the door says instead of taking the mail."""


def both(text: str, swedish: str = "") -> Localized:
    return Localized((("en", text), ("sv", swedish or text)))


def neutral_questions() -> tuple[Question, ...]:
    options = tuple(Option(code, both(code)) for code in DIET)
    return (
        Question("diet", "choices", both("Diet", "Specialkost"), other=True, sensitive=True, options=options),
        Question("affiliation", "text", both("Affiliation", "Arbetsplats")),
    )


def questions(event: dict[str, Any]) -> tuple[Question, ...]:
    """Diet and affiliation, which all events ask for, and the event's own."""
    own = [
        Question(q["id"], KINDS.get(q["type"], "text"), both(q["en"], q.get("sv", "")),  # type: ignore[arg-type]
                 options=tuple(Option(option, both(option)) for option in q.get("options", ())))
        for q in event.get("questions", ())
    ]  # fmt: skip
    sessions = tuple(
        Option(s["id"], both(s["en"], s.get("sv", "")), also=(s["id"],)) for s in event.get("sessions", ())
    )
    if sessions:
        own.append(Question("sessions", "sessions", both("Sessions", "Pass"), options=sessions))
    return (*neutral_questions(), *own)


def maybe(text: str) -> Address | None:
    try:
        return parse_address(text.strip().removeprefix("<").removesuffix(">").strip())
    except AddressError:
        return None


def reverse_path(message: Message, paths: dict[str, str] | None, name: str) -> Address | None:
    """From envelope.json, else Return-Path, else From. A path that the door could not read is no null path."""
    if paths is not None:
        said = paths[name]
    elif (noted := message.header("return-path")) is not None:
        said = noted.strip().strip("<>").strip().encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    else:
        return message.sender or ELSEWHERE
    return (maybe(said) or ELSEWHERE) if said else None


def recipients(message: Message) -> list[Address]:
    """Whom the mail says it is for, the word of the last server first."""
    words: list[str] = []
    for name, value in message.headers[:200]:
        if name in {"delivered-to", "x-original-to", "envelope-to"}:
            words.append(value[:1000])
        elif name == "received":
            words += value[:2000].rpartition(";")[0].replace("\t", " ").rpartition(" for ")[2].split()[:1]
    found = [address for word in words if (address := maybe(word))]
    return [*found, *message.to]


class Corpus:
    """A folder of mail. `known` is its context.json, None without one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[str, Any] | None = _json(folder / "context.json")
        self.paths: dict[str, str] | None = _json(folder / "envelope.json")
        authserv = (self.known or {}).get("authserv_id")
        self.trusted = Trusted((authserv,) if authserv else (), verify_dkim=False)
        self.now = datetime.fromisoformat(self.known["now"]) if self.known and self.known.get("now") else None

    def files(self) -> list[str]:
        """Exactly those of envelope.json, else every .eml; relative to the folder."""
        if self.paths is not None:
            return sorted(self.paths)
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.eml"))

    def octets(self, name: str) -> bytes:
        """The mail with the line ends of a socket. Raises Refused for one that is too big."""
        with (self.folder / name).open("rb") as file:
            content = lined(file.read(SIZE_LIMIT + 1))
        if len(content) > SIZE_LIMIT:
            raise Refused(f"over {SIZE_LIMIT} octets")
        return content

    def prepare(self, name: str, content: bytes) -> Prepared:
        """Parse, and find what is known about this mail. Raises Refused."""
        message = parse(content)
        if message.refused:
            raise Refused(f"over a limit: {message.refused}")
        to, service = self._recipient(message)
        context, token = self._known(name, message, to, service) if service else (neutral(to), "")
        if service and message.answer and message.answer.uid == service.get("event", {}).get("uid", "?"):
            # The corpora have one UID for an event, ours has one for each person.
            uid = f"{context.event}-7-0123456789abcdef@{context.domain}"
            message = dataclasses.replace(message, answer=dataclasses.replace(message.answer, uid=uid))
        envelope = Envelope(reverse_path(message, self.paths, name), (to,), "smtp", Peer("192.0.2.1", relay=True))
        now = self.now or message.date or datetime.now(UTC)
        return Prepared(message, Task(0, envelope, content, self.trusted), context, token, now)

    def row(self, name: str, content: bytes) -> tuple[dict[str, Any], Reading]:
        """What the service would make of a mail: parse, prove, read. Raises Refused, and whatever the reader raises."""
        one = self.prepare(name, content)
        verdict = judge(Case(one.task, one.message, {}, one.context, one.now))
        doubted = bool(self.trusted.authserv_ids) and doubtful(verdict.proof)
        intent, mode = outcome(verdict.reading.intent, one.context, known=self.known is not None, doubted=doubted)
        secondary = [verdict.reading.secondary] if verdict.reading.secondary else []
        message, said = one.message, verdict.reading.intent
        row: dict[str, Any] = {
            "file": name, "intent": intent, "mode": mode,
            "fields": fields(said, message, one.token),
            "secondary": secondary, "language": verdict.reading.language,
            "evidence": [*verdict.proof.details, *verdict.reading.evidence],
        }  # fmt: skip
        if isinstance(said, Silent) and intent == "bounce":
            row["failed"] = [str(address) for address in said.failed]
        if "unreadable" in message.defects:
            row["crashed"] = True  # parse() caught what broke it; for this record that is a crash all the same
        return row, verdict.reading

    def _recipient(self, message: Message) -> tuple[Address, dict[str, Any] | None]:
        candidates = recipients(message)
        services = {service["address"].lower(): service for service in (self.known or {}).get("services", ())}
        # A trace field may name the mailbox without the tag that the mail was sent to.
        for address in sorted(candidates, key=lambda address: "+" not in address.local):
            base = f"{address.local.partition('+')[0].lower()}@{address.domain}"
            if base in services:
                return address, services[base]
        if services:
            return parse_address(next(iter(services))), next(iter(services.values()))
        mine = message.sender.key if message.sender else ""
        others = (address for address in (*message.to, *candidates) if address.key != mine)
        return next(others, parse_address("event@events.example.org")), None

    def _known(self, name: str, message: Message, to: Address, service: dict[str, Any]) -> tuple[ReadingContext, str]:
        known: dict[str, Any] = self.known or {}
        event = service.get("event", {})
        base, _, detail = to.local.partition("+")
        sender = message.sender.key if message.sender else ""
        ids = (f"<{id_}>" for id_ in (*message.in_reply_to, *reversed(message.references)))
        letter = next((known["sent"][i] for i in ids if i in known.get("sent", {})), None) or {}
        tag, token = tag_of(detail, known.get("tokens", {}), service["address"], sender)
        answered = LETTERS.get(letter.get("kind", ""), letter.get("kind", ""))
        state = known.get("sender_state", {}).get(name, {}).get("state", "none")
        organisers = {address.lower() for address in service.get("organisers", ())}
        titles = (event.get("title"), *event.get("aliases", ()), service.get("name"), base.lower())
        context = ReadingContext(
            to.domain, base.lower(), "+", ("en", "sv"), questions(event),
            thread=bool(letter),
            asked=answered in ASKING or tag == "confirm",
            default_language=service.get("default_language", "en"),
            standing=STANDINGS.get(state, state),
            organiser=sender in organisers,  # the judge takes it back without proof
            titles=tuple(filter(None, titles)),
            month=int(str(event.get("start", "000000"))[4:6]),
            answered=answered,
            tag=tag,  # type: ignore[arg-type]  # one of TAGS
        )  # fmt: skip
        return context, token or (letter.get("token") or "" if context.asked else "")


def neutral(to: Address) -> ReadingContext:
    """One event, at the mail's own recipient."""
    local = to.local.partition("+")[0].casefold()
    return ReadingContext(to.domain, local, "+", ("en", "sv"), neutral_questions(), titles=(local,))


def tag_of(detail: str, tokens: dict[str, Any], address: str, sender: str) -> tuple[str, str]:
    """(tag, token) of a recipient's detail, where the token is ours, for this, and the sender's (trust.md §2.2).

    Reading the mailbox is what a confirmation proves, so its answer may come from another address.
    """
    verb, _, token = detail.partition("=")
    grant = tokens.get(token)
    if verb not in TAGS or not grant or (grant["purpose"], grant["service"]) != (TAGS[verb], address):
        return "", ""
    if verb != "confirm" and grant["email"].lower() != sender:
        return "", ""
    return verb, token


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
