"""Floor 2. What it says: the text of a mail becomes an intent with its evidence."""
