"""Pages of sign-in, by audience."""
