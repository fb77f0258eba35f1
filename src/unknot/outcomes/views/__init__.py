"""Pages of progress, by audience."""
