"""Floor 3. Sockets: mail in, mail out, DNS, health. No decisions."""
