"""An answer to a machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply: code (RFC 5321 §4.2), enhanced status (RFC 3463), one line of constant text.

    What came back from a relay is put into the same shape; a line that went dead is `Reply(421, "4.4.2", …)`.
    """

    code: int
    status: str
    text: str

    @property
    def ok(self) -> bool:
        """The other side has taken it."""
        return 200 <= self.code < 300

    @property
    def temporary(self) -> bool:
        """Worth trying again. The only place where permanence is decided; both doors ask here."""
        return not self.ok and not 500 <= self.code < 600

    def __str__(self) -> str:
        return f"{self.code} {self.status} {self.text}" if self.status else f"{self.code} {self.text}"


ACCEPTED = Reply(250, "2.0.0", "Accepted")
TRY_LATER = Reply(451, "4.3.0", "Try again later")
