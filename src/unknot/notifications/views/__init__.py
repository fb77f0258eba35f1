"""Pages of messages, by audience."""
