"""Calendars that are meant to hurt, on the way in: bounded work, an end state for each mail, and nobody's seat is lost.

The mails are those of benchmarks/hostile.py, which prints how long each takes; here limits and counts are asserted.
"""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from mailflow.model.registration import Status
from tests.service.calendars import invitations

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "hostile.py"
ADA = "ada@example.org"


@pytest.fixture(scope="module")
def hostile():
    spec = importlib.util.spec_from_file_location("hostile", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_is_read_within_the_limits_of_the_worker_and_a_few_megabytes():
    """No process dies of 384 MiB and 5 s; beyond the mail itself no more than 8 MiB are asked for at any time."""
    run = subprocess.run([sys.executable, BENCHMARK, "--json"], capture_output=True, check=True, timeout=300)
    found = {row["name"]: row for row in map(json.loads, run.stdout.decode().splitlines())}
    assert len(found) >= 35
    assert not [name for name, row in found.items() if row["died"] or row["unreadable"]]
    assert max(row["mib"] for row in found.values()) < 8
    # Ninety calendars of 60 KiB in one mail are small ones: the first counts, the others are not read.
    large = [row for name, row in found.items() if row["octets"] > 4_000_000 and name != "90 calendars"]
    assert len(large) >= 18
    # Above 64 KiB a calendar is an ordinary file, whatever is in it; winmail.dat too has its marks in the first octets.
    assert all(row["intent"] != "CalendarReply" for row in large)
    small = [row for name, row in found.items() if name.endswith("64 KiB")]
    assert sum(row["intent"] == "CalendarReply" for row in small) >= 12
    assert found["45 layers of MIME"]["refused"] == "parts nested deeper than 10"


async def test_each_ends_in_a_named_state_and_costs_nobody_a_seat(site, hostile):
    """Over the door to the rows: Ada's own program seems to send them, with her UID and ACCEPTED in each."""
    await site.mail(ADA, "register")
    uid = str(invitations(site.raw(ADA))[0]["UID"])
    mails = hostile.mails()
    large = [name for name, octets in mails.items() if len(octets) > 1_000_000]
    ends = {}
    for n, (name, content) in enumerate(mails.items()):
        if name in large[4:-4]:
            continue
        ours = content.replace(b"gan-1-aaaaaaaaaaaaaaaa@events.example.org", uid.encode())
        ours = ours.replace(b"DECLINED", b"ACCEPTED").replace(b"<1@example.org>", b"<hostile-%d@example.org>" % n)
        site.clock.forward(minutes=30)
        reply = await site.mail(ADA, content=ours)
        if reply.ok:
            mail = await site.last_mail()
            ends[name] = mail.state
        else:
            assert not reply.temporary, (name, reply)
            ends[name] = "refused at the door"
    assert set(ends.values()) <= {"done", "silent", "ignored", "refused", "refused at the door"}, ends
    assert (await site.person(ADA)).status is Status.CONFIRMED
    assert "cancelled" not in site.kinds(ADA)
    assert len(site.kinds(ADA)) <= len(ends)
    assert "silent" in ends.values()
