"""Unknot: care and booking for massage therapy."""

__version__ = "0.1.0"
