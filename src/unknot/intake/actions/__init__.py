"""Every write of the room: answers, relaxations, consents."""

from unknot.intake.actions.answers import (
    NobodyToKeepForError,
    NothingToRelaxError,
    claim,
    record_guide,
    record_places,
    record_screening,
    relax,
)
from unknot.intake.actions.consents import UnknownConsentError, give_consent, withdraw_consent, withdraw_in_the_room

__all__ = [
    "NobodyToKeepForError",
    "NothingToRelaxError",
    "UnknownConsentError",
    "claim",
    "give_consent",
    "record_guide",
    "record_places",
    "record_screening",
    "relax",
    "withdraw_consent",
    "withdraw_in_the_room",
]
