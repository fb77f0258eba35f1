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
from unknot.outcomes.queries.questionnaires import BroughtFacts, brought, in_use
from unknot.outcomes.queries.records import goal_list, goals, may_read, measures_of
from unknot.outcomes.queries.rounds import OpenForm, RoundFacts, round_for
from unknot.outcomes.queries.wishes import WishFacts

__all__ = [
    "BroughtFacts",
    "CurrentProposal",
    "GoalFacts",
    "MeasureFacts",
    "MeasureSeries",
    "OpenForm",
    "ProgressView",
    "RoundFacts",
    "SessionMark",
    "Signature",
    "WishFacts",
    "brought",
    "goal_list",
    "goals",
    "in_use",
    "may_read",
    "measure_facts",
    "measures_of",
    "progress",
    "round_for",
]
