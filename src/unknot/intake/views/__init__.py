"""Pages of intake, by audience."""
