"""Pages of reviews, by audience."""
