"""Floor 4. The hall: the only place that knows everybody."""
