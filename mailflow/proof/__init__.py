"""Floor 2. Who sent it: evidence about the sender of a mail."""
