"""Pages about money, by audience."""
