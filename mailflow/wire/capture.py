"""The courier that carries nothing away: letters become files. It imports no network code (operations.md §4.2)."""

import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from mailflow.mail.address import Address
from mailflow.mail.reply import Reply

TAKEN = Reply(250, "2.0.0", "Written down")
# Practice addresses: what a relay may say, for people who want to see what happens then.
PRACTICE = {
    "550": Reply(550, "5.1.1", "Practice: no such user"),
    "451": Reply(451, "4.7.1", "Practice: try again later"),
}
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@.+-_")
_NAME_LIMIT = 80


class Capture:
    """A Courier that writes `NNNN-<to>.eml` into a folder, counting on from what is there.

    To `550@…` it refuses, to `451@…` it defers, to `slow@…` it waits `slow` by `sleep` before it takes the letter.
    """

    def __init__(
        self, folder: Path, *, sleep: Callable[[float], Awaitable[None]], slow: timedelta = timedelta(seconds=30)
    ) -> None:
        self._folder = folder
        self._sleep = sleep
        self._slow = slow
        self._number: int | None = None

    async def deliver(self, reverse_path: Address | None, to: Address, content: bytes) -> Reply:  # noqa: ARG002  every Courier is given it
        """See Courier. The file is there whole or not at all."""
        practice = PRACTICE.get(to.local)
        if practice is not None:
            return practice
        if to.local == "slow":
            await self._sleep(self._slow.total_seconds())
        try:
            self._write(to, content)
        except OSError as error:
            return Reply(451, "4.3.0", f"Cannot write the letter down: {error.strerror}")
        return TAKEN

    async def close(self) -> None:
        """Nothing is held."""

    def _write(self, to: Address, content: bytes) -> None:
        if self._number is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._number = max((_number(path.name) for path in self._folder.glob("*.eml")), default=0)
        self._number += 1
        # The local part is a stranger's word, and a slash is allowed in it.
        name = "".join(sign if sign in _SAFE else "_" for sign in str(to))[:_NAME_LIMIT]
        target = self._folder / f"{self._number:04}-{name}.eml"
        draft = target.with_suffix(".part")
        # Letters hold names, needs and the words that answer a challenge: nobody else on the machine reads them.
        with open(draft, "wb", opener=_private) as file:
            file.write(content)
        draft.replace(target)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _number(name: str) -> int:
    digits = name.partition("-")[0]
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 12 else 0
