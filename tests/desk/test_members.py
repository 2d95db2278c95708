"""Events for the people of certain domains (`registration.members_only`)."""

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.event import EventState
from mailflow.model.intent import Cancel, Empty, Fields, Other, Proposed, Register, RegisterOther
from mailflow.model.registration import Status

from .world import PROVED, UNPROVED, World, event

ADA, EVE = "ada@lu.se", "eve@example.org"


@pytest.fixture
def world():
    return World(capacity=5, members_only=("lu.se",))


@pytest.mark.parametrize(("domain", "in_it"), [
    ("lu.se", True), ("soclaw.lu.se", True), ("a.b.lu.se", True), ("evil-lu.se", False), ("lu.se.evil.example", False),
    ("u.se", False), ("se", False),
])  # fmt: skip
def test_domains_are_compared_label_by_label(domain, in_it):
    """A name that ends alike is somebody else's."""
    assert event(members_only=("LU.se",)).admits(parse_address(f"a@{domain}" if "." in domain else "a@x.se")) == in_it


def test_who_is_not_meant_is_told_for_whom_it_is(world):
    """By whatever way the wish comes; nothing is registered, and nobody is asked to confirm."""
    for intent in (Register(), Empty(), Register(line=True)):
        world.mail(EVE, intent)
        world.mail(EVE, intent, UNPROVED)
    assert {(x.kind, x.variant) for x in world.letters} == {("closed", "members")}
    assert world.status(EVE) is None
    assert world.mail(EVE, Proposed(Register())).handed_over


def test_members_sign_up_as_ever(world):
    """Proved at once, others by their YES."""
    world.mail(ADA, Register())
    world.mail("bo@sociology.lu.se", Register(), UNPROVED)
    assert (world.status(ADA), world.status("bo@sociology.lu.se")) == (Status.CONFIRMED, Status.PENDING)


def test_a_member_names_members_only(world):
    """Whoever may not come is not asked; the sender hears the same."""
    others = (Other("Bo", parse_address("bo@lu.se")), Other("Eve", parse_address(EVE)))
    world.mail(ADA, Register(Fields(others=others)), PROVED)
    world.mail(ADA, RegisterOther(others[1:]), PROVED)
    assert (world.kinds("bo@lu.se"), world.kinds(EVE)) == (["please_confirm"], [])


def test_who_is_registered_stays_and_may_cancel():
    """A list that is made narrower later takes nobody's seat."""
    world = World(capacity=5)
    world.mail(EVE, Register())
    world.event = event(capacity=5, members_only=("lu.se",))
    world.mail(EVE, Register())
    assert world.kinds(EVE) == ["registered", "status"]
    world.mail(EVE, Cancel())
    assert world.status(EVE) is Status.CANCELLED


def test_a_closed_registration_is_closed_for_all(world):
    """What is said first is what nobody can change."""
    world.book = type(world.book)(EventState(5, None, world.now))
    world.mail(EVE, Register())
    assert world.last(EVE).variant == ""
