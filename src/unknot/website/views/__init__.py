"""Pages of the website, by audience."""
