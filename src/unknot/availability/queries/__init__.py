"""The door for reading: opening hours, outside calendars, and the sweep that turns them into starts.

The pure values and functions of the domain that rooms above need travel through this door under their own names.
"""

from unknot.availability.domain.cells import CELL, Busy, busy_between, cell_of, cell_up, cells_up, instant_of_cell
from unknot.availability.domain.opening import Break, DayException, OpeningRule
from unknot.availability.domain.packed import Wanted, first_packed, pack, unpack
from unknot.availability.domain.refusals import Refusal, why_not
from unknot.availability.domain.slots import Gap, free_gaps, start_ranges, starts
from unknot.availability.policies import can_edit_hours
from unknot.availability.queries.hours import (
    CLINIC,
    HOME,
    ExceptionFacts,
    Hours,
    OpeningInputs,
    exceptions,
    opening,
)
from unknot.availability.queries.outside import (
    OutsideFacts,
    copied_busy,
    missing_echoes,
    outside_busy,
    outside_calendars,
    outside_rule,
    says_busy,
)
from unknot.kernel.intervals import Interval, merge, subtract

__all__ = [
    "CELL",
    "CLINIC",
    "HOME",
    "Break",
    "Busy",
    "DayException",
    "ExceptionFacts",
    "Gap",
    "Hours",
    "Interval",
    "OpeningInputs",
    "OpeningRule",
    "OutsideFacts",
    "Refusal",
    "Wanted",
    "busy_between",
    "can_edit_hours",
    "cell_of",
    "cell_up",
    "cells_up",
    "copied_busy",
    "exceptions",
    "first_packed",
    "free_gaps",
    "instant_of_cell",
    "merge",
    "missing_echoes",
    "opening",
    "outside_busy",
    "outside_calendars",
    "outside_rule",
    "pack",
    "says_busy",
    "start_ranges",
    "starts",
    "subtract",
    "unpack",
    "why_not",
]
