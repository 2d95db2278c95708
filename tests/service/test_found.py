"""What a reading found, as plain values."""

import pytest

from mailflow.mail.address import Address
from mailflow.mail.message import CalendarAnswer
from mailflow.model.command import Command, OrderLine, Orders
from mailflow.model.intent import (
    AskStatus,
    CalendarReply,
    Cancel,
    Fields,
    ForPeople,
    Other,
    Proposed,
    Register,
    RegisterOther,
    Silent,
    Update,
)
from mailflow.model.registration import Answer
from mailflow.service.found import found_fields

ADA, BO = Address("Ada", "example.org"), Address("bo", "example.org")
EVERYTHING = Fields(
    name="Ada Berg",
    answers=(Answer("diet", ("vegan",), "vegan"), Answer("affiliation", (), "LTH"), Answer("sessions", ("am", "pm")),
             Answer("size", ("L",)), Answer("level", (), "beginner")),
    guests=0,
    others=(Other("Bo", BO), Other("", ADA)),
)  # fmt: skip


@pytest.mark.parametrize("wrap", [lambda wish: wish, Proposed], ids=["act", "propose"])
@pytest.mark.parametrize("wish", [Register, Update])
def test_everything_that_is_said_is_shown(wrap, wish):
    """Done or only proposed; guests that are none are said, too; the name of the text beats the display name."""
    assert found_fields(wrap(wish(EVERYTHING)), ADA, "Berg, A.", "t1") == {
        "email": "ada@example.org", "name": "Ada Berg", "token": "t1", "diet": ["vegan"], "affiliation": "LTH",
        "sessions": ["am", "pm"], "guests": 0,
        "others": [{"name": "Bo", "email": "bo@example.org"}, {"name": "", "email": "Ada@example.org"}],
        "answers": {"size": ["L"], "level": "beginner"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("intent", "found"),
    [
        (Cancel(), {}),
        (AskStatus(), {}),
        (RegisterOther((Other("Bo", BO),)), {"others": [{"name": "Bo", "email": "bo@example.org"}]}),
        (CalendarReply(CalendarAnswer("REPLY", "u", partstat="DECLINED")), {"partstat": "DECLINED"}),
        (Orders((OrderLine("", Command("capacity", capacity=0)),)), {"capacity": 0}),
        (Orders((OrderLine("", Command("remove", target=BO)),)), {"target": "bo@example.org"}),
        (Orders((OrderLine("", Command("announce", message="Room 5")),)), {"message": "Room 5"}),
        (ForPeople("Where is it?"), {"message": "Where is it?"}),
    ],
)
def test_each_wish_has_its_own_fields(intent, found):
    """And only what was found: no empty values."""
    assert found_fields(intent, ADA, "BERG, Ada (LU)") == {"email": "ada@example.org", "name": "Ada Berg"} | found
    assert found_fields(intent, None) == found


def test_of_a_robots_mail_only_the_failed_addresses_count():
    """Its sender is nobody."""
    assert found_fields(Silent("bounce", (BO,)), ADA, "Mailer") == {"failed": ["bo@example.org"]}
    assert found_fields(Silent("auto-reply"), ADA) == {}


def test_a_need_without_a_word_is_one_all_the_same():
    """Free text for the diet without a code is "other"; an answer that says none is []."""
    assert found_fields(Update(Fields(answers=(Answer("diet", (), "no onions"),))), None) == {"diet": ["other"]}
    assert found_fields(Update(Fields(answers=(Answer("diet"),))), None) == {"diet": []}
