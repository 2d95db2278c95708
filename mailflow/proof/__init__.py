"""Floor 2. Who sent it: evidence about the sender of a mail.

`questions` says what DNS has to be asked, `prove` judges the answers; `spf` runs SPF over answers of its own; `signer`
puts our own signature on letters.
"""

from mailflow.proof.prove import prove, questions

__all__ = ["prove", "questions"]
