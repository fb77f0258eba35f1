"""Outside programs of the room."""
