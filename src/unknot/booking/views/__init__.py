"""Pages of the diary, by audience."""
