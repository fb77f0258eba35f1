"""Pages of the marketplace, by audience."""
