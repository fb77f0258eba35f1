"""Programs and formats of others, a folder each."""
