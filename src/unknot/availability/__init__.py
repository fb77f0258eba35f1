"""Opening rules, exceptions, free time, slots."""
