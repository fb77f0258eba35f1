"""Calendar files of others, read in a process of its own."""

from unknot.availability.gateways.ics.client import read

__all__ = ["read"]
