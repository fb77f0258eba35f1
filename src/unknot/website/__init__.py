"""Practice pages, articles, import, claim check."""
