"""Commands of the website room."""
