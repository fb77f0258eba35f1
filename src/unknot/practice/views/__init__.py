"""Pages about the practice, by audience."""
