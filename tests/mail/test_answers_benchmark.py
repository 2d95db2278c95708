import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SAMPLES = ROOT / "tests" / "samples" / "calendar"


def test_the_benchmark_prints_what_each_sample_says(tmp_path):
    """One object a file, below folders too; null where there is nothing to use; the truth of all samples."""
    for path in SAMPLES.glob("*.eml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "too-large.ICS").write_bytes(b"BEGIN:VCALENDAR\r\n" + b"X" * 70_000)
    (tmp_path / "below" / "no.tnef").write_bytes(b"\x78\x9f\x3e\x22")
    run = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "answers.py", tmp_path], capture_output=True, check=True, timeout=120
    )
    rows = {row["file"]: row for row in map(json.loads, run.stdout.decode().splitlines())}
    for entry in json.loads((SAMPLES / "expected.json").read_text("utf-8"))["expect"]:
        names = ("file", "method", "uid", "attendee", "partstat")
        assert rows.pop(entry["file"]) == {name: entry[name] for name in names}
    nothing = {"method": None, "uid": None, "attendee": None, "partstat": None}
    assert rows == {name: {"file": name} | nothing for name in ("below/too-large.ICS", "below/no.tnef")}
