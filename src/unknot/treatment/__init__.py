"""Session plan, live comfort, note, aftercare, check-ins."""
