"""The door for reading: feeds, and the questions that outside calendars raise."""

from unknot.interop.queries.feeds import FeedContent, FeedFacts, UnknownFeedError, own_feed, read_feed
from unknot.interop.queries.questions import QuestionFacts, questions

__all__ = [
    "FeedContent",
    "FeedFacts",
    "QuestionFacts",
    "UnknownFeedError",
    "own_feed",
    "questions",
    "read_feed",
]
