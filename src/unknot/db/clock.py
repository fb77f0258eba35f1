"""Whose clock counts: the database's.

Several web processes and workers, perhaps on several machines, judge the same holds, notices and deadlines. They do so
by their own clocks, and that is right as long as these agree. So every piece of work begins by comparing its clock with
the database's, in the statement that tells the database whose rows it may see, and does nothing if they differ by more
than UNKNOT_CLOCK_TOLERANCE seconds: a server whose clock jumped cannot give away a time that is kept for somebody, nor
confirm one that ran out (decision 0027).
"""

import logging
import time

from django.conf import settings

from unknot.kernel.errors import UnavailableError

log = logging.getLogger(__name__)


class ClockWrongError(UnavailableError):
    """The clock of this server is wrong. Nothing was done; please try again in a minute."""

    code = "clock-wrong"


def own() -> float:
    """Seconds since 1970 by this process's clock."""
    return time.time()


def compare(asked: float, said: float, answered: float) -> float:
    """By how many seconds our clock is wrong at least, if the database `said` its time between two looks at our own.

    Positive: ours is ahead. 0.0 if it may be right: however long the answer took.
    """
    return max(asked - said, 0.0) or min(answered - said, 0.0)


def check(asked: float, said: float) -> None:
    """Compares with the present moment. Raises ClockWrongError."""
    wrong = compare(asked, said, own())
    if abs(wrong) > settings.UNKNOT_CLOCK_TOLERANCE:
        log.error("clock wrong by %.1f s against the database's: nothing is done by it", wrong)
        raise ClockWrongError
