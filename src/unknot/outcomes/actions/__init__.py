"""The door of the room for writing: goals, ratings, the longer questions, the decision on the next visit."""

from unknot.outcomes.actions.proposals import (
    BadIntervalError,
    ReasonMissingError,
    StaleProposalError,
    decide_proposal,
    hold_proposal,
)
from unknot.outcomes.actions.ratings import (
    BadContextError,
    BadWindowError,
    TooManyGoalsError,
    ValueMissingError,
    close_goal,
    record_measure,
    set_goal,
)
from unknot.outcomes.actions.rounds import NothingAskedError, answer_round, ask, plan_rounds

__all__ = [
    "BadContextError",
    "BadIntervalError",
    "BadWindowError",
    "NothingAskedError",
    "ReasonMissingError",
    "StaleProposalError",
    "TooManyGoalsError",
    "ValueMissingError",
    "answer_round",
    "ask",
    "close_goal",
    "decide_proposal",
    "hold_proposal",
    "plan_rounds",
    "record_measure",
    "set_goal",
]
