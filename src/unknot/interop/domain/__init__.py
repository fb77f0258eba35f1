"""Formats for other programs: values in, bytes out."""

from unknot.interop.domain.feed import FeedEvent, feed_file, initials

__all__ = ["FeedEvent", "feed_file", "initials"]
