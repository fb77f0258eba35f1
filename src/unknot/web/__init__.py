"""Page shell, design system, access to pages and calls, error translation."""
