"""Floor 3. Promises: inbox, registrations, outbox, jobs; one transaction at a time."""
