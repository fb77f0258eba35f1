"""The therapist's pages: opened visit, session, note, check-ins."""
