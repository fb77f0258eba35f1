"""Every read of the room."""

from unknot.outcomes.queries.facts import (
    CurrentProposal,
    GoalFacts,
    MeasureFacts,
    MeasureSeries,
    ProgressView,
    SessionMark,
    Signature,
    measure_facts,
)
from unknot.outcomes.queries.progress import progress
from unknot.outcomes.queries.records import goals, may_read

__all__ = [
    "CurrentProposal",
    "GoalFacts",
    "MeasureFacts",
    "MeasureSeries",
    "ProgressView",
    "SessionMark",
    "Signature",
    "goals",
    "may_read",
    "measure_facts",
    "progress",
]
