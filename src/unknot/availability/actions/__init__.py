"""The door for writing: opening hours."""

from unknot.availability.actions.hours import (
    CLINIC,
    HOME,
    DayRangeError,
    PlaceNeededError,
    WeeklyHours,
    add_exception,
    remove_exception,
    set_hours,
)
from unknot.availability.domain.opening import Break, OpeningHoursError, OpeningRule

__all__ = [
    "CLINIC",
    "HOME",
    "Break",
    "DayRangeError",
    "OpeningHoursError",
    "OpeningRule",
    "PlaceNeededError",
    "WeeklyHours",
    "add_exception",
    "remove_exception",
    "set_hours",
]
