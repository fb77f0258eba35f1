"""Every write of the room: answers, relaxations, consents."""

from unknot.intake.actions.answers import (
    AnswersMovedOnError,
    NobodyToKeepForError,
    NothingToRelaxError,
    claim,
    record_guide,
    record_places,
    record_screening,
    relax,
)
from unknot.intake.actions.choices import ChoiceError, record_choice
from unknot.intake.actions.consents import UnknownConsentError, give_consent, withdraw_consent, withdraw_in_the_room
from unknot.intake.actions.rules import RulesMovedOnError, adjust_rule
from unknot.intake.actions.touch import keep_touch_wishes

__all__ = [
    "AnswersMovedOnError",
    "ChoiceError",
    "NobodyToKeepForError",
    "NothingToRelaxError",
    "RulesMovedOnError",
    "UnknownConsentError",
    "adjust_rule",
    "claim",
    "give_consent",
    "keep_touch_wishes",
    "record_choice",
    "record_guide",
    "record_places",
    "record_screening",
    "relax",
    "withdraw_consent",
    "withdraw_in_the_room",
]
