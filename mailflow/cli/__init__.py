"""Floor 5. The command line: one module per group of verbs, imported when its verb is used (--help stays quick)."""

from mailflow.cli.root import main

__all__ = ["main"]
