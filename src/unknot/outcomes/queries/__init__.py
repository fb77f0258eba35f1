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
from unknot.outcomes.queries.records import goal_list, goals, may_read, measures_of
from unknot.outcomes.queries.rounds import RoundFacts, round_for

__all__ = [
    "CurrentProposal",
    "GoalFacts",
    "MeasureFacts",
    "MeasureSeries",
    "ProgressView",
    "RoundFacts",
    "SessionMark",
    "Signature",
    "goal_list",
    "goals",
    "may_read",
    "measure_facts",
    "measures_of",
    "progress",
    "round_for",
]
