"""Pure words that every room uses. Standard library only."""
