"""What is wrong with a file, said so that it can be mended: all of it at once."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `file` is a path or the name of an environment variable, `key` the path of the key in it ("" for all).

    `expected` completes "expected …"; `example` is TOML that would be right, or what to type; `hint` is more to know
    ("did you mean", what was found). A secret's value is in none of them.
    """

    file: str
    key: str
    expected: str
    example: str = ""
    hint: str = ""

    def __str__(self) -> str:
        lines = [f"  {self.key or '(the file)'}: expected {self.expected}"]
        if self.hint:
            lines.append(f"    {self.hint}")
        if self.example:
            lines.append(f"    for example: {self.example}")
        return "\n".join(lines)


class ConfigError(Exception):
    """Nothing was loaded. `problems` are all that were found, in the order of the files. Exit status 78."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        lines = ["1 problem in the configuration:" if count == 1 else f"{count} problems in the configuration:"]
        for file in dict.fromkeys(problem.file for problem in self.problems):
            lines += ["", file, *(str(problem) for problem in self.problems if problem.file == file)]
        return "\n".join(lines)
