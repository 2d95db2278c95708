"""How well rows of `benchmarks/reading.py` agree with a corpus' expected.json: the numbers that decide.

As samples/reading/score_intents.py counts them, without the fields; where that script is at hand, it says more:

    python tests/reading/scoring.py [score_intents.py [its options]]
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SILENT = frozenset({"ack", "auto-reply", "bounce", "spam"})
HANDED = frozenset({"ask", "question"})
ROBOTS = frozenset({"auto-reply", "bounce"})
QUIET = SILENT | HANDED | {"status", "help", "refused"}


@dataclass
class Numbers:
    """What became of the mails; each entry names one, with what was read and what it says."""

    mails: int = 0
    asked: int = 0
    right: int = 0
    done: int = 0
    assisted: int = 0
    wrong: list[str] = field(default_factory=list)
    swallowed: list[str] = field(default_factory=list)
    answered_robots: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    wrong_proposals: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def automation(self) -> float:
        """Done at once and rightly, of the mails that ask for an action."""
        return self.done / self.asked if self.asked else 0.0

    @property
    def with_proposals(self) -> float:
        """Done, or rightly proposed."""
        return (self.done + self.assisted) / self.asked if self.asked else 0.0

    def __str__(self) -> str:
        lines = [
            f"{self.mails} mails, right {self.right / max(1, self.mails):.1%}; {self.asked} ask for an action",
            f"done {self.automation:.1%}, done or rightly proposed {self.with_proposals:.1%}",
        ]
        kinds = {"wrong action": self.wrong, "swallowed": self.swallowed, "answered robot": self.answered_robots,
                 "lost": self.lost, "wrong proposal": self.wrong_proposals, "other miss": self.others}  # fmt: skip
        for kind, entries in kinds.items():
            lines += [f"{kind}: {len(entries)}", *(f"  {entry}" for entry in entries)]
        return "\n".join(lines)


def score(expected: Iterable[dict[str, Any]], rows: Iterable[dict[str, Any]]) -> Numbers:
    """Every mail of `expected` beside its row; one without a row is lost."""
    numbers = Numbers()
    by_file = {row["file"]: row for row in rows}
    for mail in expected:
        numbers.mails += 1
        asked = mail["intent"] not in QUIET
        numbers.asked += asked
        row = by_file.get(mail["file"])
        if row is None:
            numbers.lost.append(mail["file"])
        else:
            _count(numbers, mail, row)
    return numbers


def _count(numbers: Numbers, mail: dict[str, Any], row: dict[str, Any]) -> None:
    want, got = mail["intent"], row["intent"]
    ok = got == want or got in mail["also_ok"] or {got, want} <= HANDED
    acts, proposed = got not in QUIET, row["mode"] == "propose"
    entry = f"{mail['file']}: read as {got}{' (proposed)' * (proposed and acts)}, is {want}"
    strangers = _addresses(row["fields"]) - _addresses(mail["fields"])
    numbers.right += ok
    if acts and not proposed and (not ok or (got == want and strangers)):
        numbers.wrong.append(f"{entry} {sorted(strangers) if strangers else ''}".rstrip())
    elif want not in SILENT and got in SILENT and not ok:
        numbers.swallowed.append(entry)
    elif want in ROBOTS and got not in SILENT and not ok:
        numbers.answered_robots.append(entry)
    elif acts and proposed and not ok:
        numbers.wrong_proposals.append(entry)
    elif not ok:
        numbers.others.append(entry)
    elif want not in QUIET:
        numbers.assisted += proposed and acts
        numbers.done += not (proposed and acts)


def _addresses(fields: dict[str, Any]) -> set[str]:
    return {other["email"].casefold() for other in fields.get("others", ())}


def main() -> None:
    root = Path(__file__).resolve().parent.parent.parent
    sys.path.insert(0, str(root))
    from tests.reading.voices import voices, write

    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), voices())
        script = root / "benchmarks" / "reading.py"
        run = subprocess.run([sys.executable, script, folder], stdout=subprocess.PIPE, check=True)
        rows = [json.loads(line) for line in run.stdout.splitlines()]
        print(score((voice.expected for voice in voices()), rows))
        if len(sys.argv) > 1:
            (predictions := Path(folder, "predictions.jsonl")).write_bytes(run.stdout)
            subprocess.run([sys.executable, sys.argv[1], folder, predictions, *sys.argv[2:]], check=False)


if __name__ == "__main__":
    main()
