"""Names and phone numbers as people give them."""
