"""What the service mails, put into the stores of real calendar programs: Evolution's, and khal's.

Where a program is not installed, its test is skipped and says so.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .calendars import calendars, cancelled_life

CHECK = Path(__file__).parent.parent / "calendar_tools" / "evolution_check.py"
KHAL = """
[calendars]
[[mine]]
path = {folder}/mine
[sqlite]
path = {folder}/khal.db
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = UTC
default_timezone = UTC
"""


@pytest.fixture
def private(tmp_path):
    """An environment that knows nothing of the user's own calendars, nor of any bus but a new one."""
    names = {"HOME": "home", "XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache",
             "XDG_RUNTIME_DIR": "run"}  # fmt: skip
    for folder in names.values():
        (tmp_path / folder).mkdir(mode=0o700)
    paths = {name: str(tmp_path / folder) for name, folder in names.items()}
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC", "GSETTINGS_BACKEND": "memory", **paths}


@pytest.fixture
async def life(make_site, tmp_path):
    """The four calendars of one seat, as files: the invitation, another room, another time, the end."""
    found = calendars((await cancelled_life(make_site)).raw("ada@example.org"))
    paths = [tmp_path / f"{n}.ics" for n in range(len(found))]
    for path, (_, octets) in zip(paths, found, strict=True):
        path.write_bytes(octets)
    assert [method for method, _ in found] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    return paths


@pytest.mark.needs_evolution
def test_evolution_ends_with_the_right_calendar(life, private):
    """One entry, then in its new room, then at its new time, then none: by what Evolution calls when one accepts."""
    if not shutil.which("dbus-run-session") or not Path("/usr/bin/python3").exists():
        pytest.skip("no session bus (Debian: dbus)")
    command = ["dbus-run-session", "--", "/usr/bin/python3", str(CHECK), *map(str, life)]
    run = subprocess.run(command, check=False, capture_output=True, env=private, timeout=60)
    if not run.stdout and b"no Evolution data server" in run.stderr:
        pytest.skip(run.stderr.decode(errors="replace").strip()[-200:])
    steps = [json.loads(row) for row in run.stdout.decode().rstrip("\n").split("\n")]
    assert [step["error"] for step in steps] == [""] * 4, run.stderr
    assert steps[3]["events"] == []
    seen = [event for step in steps for event in step["events"]]
    assert [len(step["events"]) for step in steps] == [1, 1, 1, 0]
    assert len({event["uid"] for event in seen}) == 1
    assert {(event["summary"], event["status"]) for event in seen} == {("The rise of creative machines", "CONFIRMED")}
    assert [event["attendees"] for event in seen] == [[["mailto:ada@example.org", "NEEDSACTION"]]] * 3
    assert [(event["sequence"], event["location"], event["start"], event["end"]) for event in seen] == [
        (0, "Eden 236, Paradisgatan 5H, Lund", "2019-08-27T10:30:00Z", "2019-08-27T14:00:00Z"),
        (1, "Eden 116, Paradisgatan 5H, Lund", "2019-08-27T10:30:00Z", "2019-08-27T14:00:00Z"),
        (2, "Eden 116, Paradisgatan 5H, Lund", "2019-08-27T11:15:00Z", "2019-08-27T14:00:00Z"),
    ]


@pytest.mark.needs_khal
def test_khal_takes_the_invitation_and_its_changes(life, private, tmp_path):
    """One entry throughout, under its UID. What CANCEL means it does not know, so that is not asked of it."""
    khal = shutil.which("khal", path="/usr/bin")
    if not khal:
        pytest.skip("no khal (Debian: khal)")
    (tmp_path / "mine").mkdir()
    (tmp_path / "khal.conf").write_text(KHAL.format(folder=tmp_path))

    def call(*words):
        command = [khal, "-c", str(tmp_path / "khal.conf"), *words]
        return subprocess.run(command, check=True, capture_output=True, env=private, timeout=60).stdout.decode()

    seen = []
    for path in life[:3]:
        call("import", "--batch", str(path))
        shown = call("list", "2019-08-01", "40d", "-f", "{start-long} to {end}: {title} @ {location}")
        seen.append([row for row in shown.splitlines() if " to " in row])
    assert seen == [
        ["2019-08-27 10:30 to 2019-08-27 14:00: The rise of creative machines @ Eden 236, Paradisgatan 5H, Lund"],
        ["2019-08-27 10:30 to 2019-08-27 14:00: The rise of creative machines @ Eden 116, Paradisgatan 5H, Lund"],
        ["2019-08-27 11:15 to 2019-08-27 14:00: The rise of creative machines @ Eden 116, Paradisgatan 5H, Lund"],
    ]
    assert len(list((tmp_path / "mine").iterdir())) == 1
