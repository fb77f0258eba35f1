"""The door for writing: feeds, and the questions that outside calendars raise."""

from unknot.interop.actions.feeds import UnknownShowError, change_feed, make_feed, note_reading, revoke_feed
from unknot.interop.actions.questions import compare, keep_visit

__all__ = [
    "UnknownShowError",
    "change_feed",
    "compare",
    "keep_visit",
    "make_feed",
    "note_reading",
    "revoke_feed",
]
