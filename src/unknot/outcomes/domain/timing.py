"""When a rating may be dated, and which of two ratings counts."""

from datetime import datetime, timedelta

from unknot.kernel.errors import InvalidError

CLOCK_SLACK = timedelta(minutes=5)
BACK_LIMIT = timedelta(days=7)
SAME_ANSWER = timedelta(seconds=60)


class FutureRatingError(InvalidError):
    """This rating is dated in the future. Nothing was stored; rate how it is now, or set the day it was."""

    code = "rating-in-future"


class OldRatingError(InvalidError):
    """A rating can be added for the past seven days; longer ago, memory plays tricks. Nothing was stored."""

    code = "rating-too-old"


def taken_within(taken_at: datetime, *, now: datetime) -> datetime:
    """`taken_at` if it lies in the past seven days; a clock a little ahead counts as now (both aware, UTC).

    Raises FutureRatingError and OldRatingError.
    """
    if taken_at > now + CLOCK_SLACK:
        raise FutureRatingError(field="taken_at")
    if taken_at < now - BACK_LIMIT:
        raise OldRatingError(field="taken_at")
    return min(taken_at, now)
