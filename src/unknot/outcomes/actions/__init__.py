"""The door of the room for writing: goals, ratings, the longer questions, the decision on the next visit."""

from unknot.outcomes.actions.proposals import (
    BadIntervalError,
    ReasonMissingError,
    StaleProposalError,
    decide_proposal,
    hold_proposal,
)
from unknot.outcomes.actions.questionnaires import (
    ProofMissingError,
    TooFewAnswersError,
    TooManyFilesError,
    accept_licence,
    answer_questionnaire,
    bring_questionnaire,
    switch_off,
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
from unknot.outcomes.actions.wishes import BadTargetError, set_wish

__all__ = [
    "BadContextError",
    "BadIntervalError",
    "BadTargetError",
    "BadWindowError",
    "NothingAskedError",
    "ProofMissingError",
    "ReasonMissingError",
    "StaleProposalError",
    "TooFewAnswersError",
    "TooManyFilesError",
    "TooManyGoalsError",
    "ValueMissingError",
    "accept_licence",
    "answer_questionnaire",
    "answer_round",
    "ask",
    "bring_questionnaire",
    "close_goal",
    "decide_proposal",
    "hold_proposal",
    "plan_rounds",
    "record_measure",
    "set_goal",
    "set_wish",
    "switch_off",
]
