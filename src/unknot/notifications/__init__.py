"""Messages out: what is due, by which channel, and what became of it."""
