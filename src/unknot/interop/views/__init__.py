"""Pages and files, by audience."""
