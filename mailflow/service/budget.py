"""The budgets of trust.md §4 on the path of a mail: what a decision would send is counted before, and booked after."""

from collections import Counter
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from mailflow.desk.budget import limit_reached, role_limit_reached
from mailflow.mail.address import Address
from mailflow.model.decision import ChallengeClosed, Decision
from mailflow.model.intent import Yes
from mailflow.model.letter import Letter
from mailflow.service.house import House
from mailflow.service.view import Studied
from mailflow.store.protocol import Reader, Writer
from mailflow.store.rows import Incoming

# A mail that a limit holds up is looked at again after the one, and set aside for the operator after the other.
LOOK_AGAIN = timedelta(hours=1)
PATIENCE = timedelta(hours=4)


def within_limits(house: House, reader: Reader, one: Studied, decision: Decision, now: datetime) -> Decision:
    """`decision`, or none of it when its letters would break a limit: then the mail waits, or ends as failed.

    A mail is done as a whole or not at all: who was asked in its first half would be asked again in its second look.
    """
    mail = one.inbound.mail
    domains = Counter(address.canonical.rpartition("@")[2] for address in _strangers(one, decision))
    network = _network(house, mail)
    for domain, count in domains.items():
        seen = reader.asked(mail.event, _domain(house, domain), network, now)
        if limit := limit_reached(seen, domain, count, domains.total(), house.ask_limits):
            return Decision("waiting" if now - one.inbound.received < PATIENCE else "failed", limit)
    return decision


def role_limit(house: House, reader: Reader, mail: Incoming, now: datetime) -> str:
    """Which limit the mail would break if it were passed on from a role address, as a reason; "" for none."""
    asked = reader.asked(mail.event, "", _network(house, mail), now)
    return role_limit_reached(mail.event, asked, house.ask_limits)


def book_role(house: House, writer: Writer, mail: Incoming, now: datetime) -> None:
    """Count a mail that was passed on."""
    writer.count_asked(mail.event, "", _network(house, mail), now)


def book(house: House, writer: Writer, one: Studied, decision: Decision, now: datetime) -> None:
    """Count what was sent. A confirmed challenge makes its owner known."""
    network = _network(house, one.inbound.mail)
    for address in _strangers(one, decision):
        domain = _domain(house, address.canonical.rpartition("@")[2])
        writer.count_asked(one.inbound.mail.event, domain, network, now)
    for change in decision.changes:
        if isinstance(change, ChallengeClosed) and change.state == "used":
            writer.count_confirmed(house.budget_key(change.challenge.address), now)
    for letter in _answers(one, decision):
        writer.count_answer(house.budget_key(letter.to), now, proved=letter.proved and one.proof.aligned)


def _answers(one: Studied, decision: Decision) -> tuple[Letter, ...]:
    """The letters that count. That after a confirmed challenge is free: its owner has read the question."""
    redeemed = any(isinstance(change, ChallengeClosed) for change in decision.changes)
    if one.reading and isinstance(one.reading.intent, Yes) and redeemed:
        return ()
    # A transcript goes to an organiser's own address, once a mail that is proved: it answers, and is not counted (§4).
    return tuple(letter for letter in decision.letters if not letter.notice and letter.kind != "transcript")


def _strangers(one: Studied, decision: Decision) -> list[Address]:
    """Whom the mail would have us write to without their having proved that they wrote it, asked or answered."""
    sender = one.message.sender if one.message else None
    proved = sender.key if sender and one.proof.aligned else ""
    return [letter.to for letter in _answers(one, decision) if letter.to.key != proved]


def _domain(house: House, domain: str) -> str:
    return house.seal.mac("domain", domain).hex()[:32]


def _network(house: House, mail: Incoming) -> str:
    """The keyed hash of the /24 or /64 that a mail came from; "" when a server of ours handed it over."""
    if mail.relay:
        return ""
    try:
        peer = ip_address(mail.peer)
    except ValueError:
        return ""
    if isinstance(peer, IPv6Address):
        peer = peer.ipv4_mapped or peer
    network = ip_network(f"{peer}/{24 if peer.version == 4 else 64}", strict=False)
    return house.seal.mac("network", str(network)).hex()[:32]
