"""Floor 0. Formats: bytes to frozen values and back. Never decides, never touches clock, disk or network."""
