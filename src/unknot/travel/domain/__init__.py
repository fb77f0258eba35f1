"""Pure values and decisions of this room."""
