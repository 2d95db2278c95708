"""What carries a letter away."""

from typing import Protocol

from mailflow.mail.address import Address
from mailflow.mail.reply import Reply


class Courier(Protocol):
    """A way out. Several letters may be under way at once."""

    async def deliver(self, reverse_path: Address | None, to: Address, content: bytes) -> Reply:
        """Hand over one letter (CRLF lines) to exactly one recipient.

        A dead line is Reply(421, "4.4.2", …). Never raises.
        """

    async def close(self) -> None:
        """Say QUIT and let go."""
