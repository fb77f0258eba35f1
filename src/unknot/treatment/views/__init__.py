"""Pages of the room, by audience."""
