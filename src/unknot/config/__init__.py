"""Wiring only: settings, addresses, commands. Imported by nobody."""
