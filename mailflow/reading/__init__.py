"""Floor 2. What a mail says: text, language, command words and forms become an intent with its evidence."""
