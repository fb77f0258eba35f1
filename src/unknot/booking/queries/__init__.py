"""The door of the diary for reading: free starts, visits, holds."""

from unknot.booking.queries.board import HomeAddressNeededError
from unknot.booking.queries.facts import AT_HOME, Slot, VisitFacts
from unknot.booking.queries.reasons import why_not
from unknot.booking.queries.slots import first_starts, open_slots
from unknot.booking.queries.visits import (
    Broken,
    Hold,
    HoldOverError,
    NotCompletedError,
    UnknownHoldError,
    between,
    broken_promises,
    completed_counts,
    completed_visit,
    day,
    find_visit_scope,
    hold,
    requests,
    to_close,
    visit,
    visits_of,
)

__all__ = [
    "AT_HOME",
    "Broken",
    "Hold",
    "HoldOverError",
    "HomeAddressNeededError",
    "NotCompletedError",
    "Slot",
    "UnknownHoldError",
    "VisitFacts",
    "between",
    "broken_promises",
    "completed_counts",
    "completed_visit",
    "day",
    "find_visit_scope",
    "first_starts",
    "hold",
    "open_slots",
    "requests",
    "to_close",
    "visit",
    "visits_of",
    "why_not",
]
