"""The door for writing: opening hours, and calendars kept elsewhere."""

from unknot.availability.actions.holidays import close_on_holidays
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
from unknot.availability.actions.looking import look_again
from unknot.availability.actions.outside import (
    CalendarAddressError,
    OutsideRuleError,
    OwnFeedError,
    TooManyCalendarsError,
    add_outside,
    enqueue_due,
    forget_missing,
    read_again,
    read_outside,
    remove_outside,
    set_outside_rule,
)
from unknot.availability.domain.opening import Break, OpeningHoursError, OpeningRule

__all__ = [
    "CLINIC",
    "HOME",
    "Break",
    "CalendarAddressError",
    "DayRangeError",
    "OpeningHoursError",
    "OpeningRule",
    "OutsideRuleError",
    "OwnFeedError",
    "PlaceNeededError",
    "TooManyCalendarsError",
    "WeeklyHours",
    "add_exception",
    "add_outside",
    "close_on_holidays",
    "enqueue_due",
    "forget_missing",
    "look_again",
    "read_again",
    "read_outside",
    "remove_exception",
    "remove_outside",
    "set_hours",
    "set_outside_rule",
]
