"""Pure words that every room uses. Standard library only, and `tzdata` for the zones."""
