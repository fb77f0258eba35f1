"""Hold, confirm, move, cancel, and the visit's life."""
