"""Floor 2. What to do: pure decisions over a bounded view."""
