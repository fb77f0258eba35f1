"""Three fictional practices with people and half a year of history, the same from the same seed, relative to today."""

from unknot.config.demo_data.whole import ensure_demo

__all__ = ["ensure_demo"]
