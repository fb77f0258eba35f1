"""When a visit may be booked at all, and how long a hold lasts."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from unknot.kernel.errors import InvalidError
from unknot.kernel.zones import local, local_day_bounds

AFTERWARDS = timedelta(hours=1)
"""What a request that runs out leaves of the time before the start, if there is as much."""


class TooSoonError(InvalidError):
    """That start is sooner than this practice takes bookings online. Nothing was booked; choose a later time."""

    code = "too-soon"


class TooFarAheadError(InvalidError):
    """The diary is not open that far ahead yet. Nothing was booked; choose an earlier day."""

    code = "too-far-ahead"


def booking_window(now: datetime, *, notice_minutes: int, horizon_days: int, zone: str) -> tuple[datetime, datetime]:
    """[first allowed start, end) in UTC: after the notice, through the local day `horizon_days` after today."""
    last_day = local(now, zone).date() + timedelta(days=horizon_days)
    return now + timedelta(minutes=notice_minutes), local_day_bounds(last_day, zone)[1]


def check_booking_window(
    starts_at: datetime, *, now: datetime, notice_minutes: int, horizon_days: int, zone: str
) -> None:
    """Raises `TooSoonError` or `TooFarAheadError` for a start outside `booking_window`."""
    first, end = booking_window(now, notice_minutes=notice_minutes, horizon_days=horizon_days, zone=zone)
    if starts_at < first:
        raise TooSoonError(field="starts_at", extra={"earliest": first.isoformat()})
    if starts_at >= end:
        raise TooFarAheadError(field="starts_at", extra={"before": end.isoformat()})


def hold_expires_at(now: datetime, *, minutes: int, starts_at: datetime) -> datetime:
    """When a hold made now ends: after `minutes`, and never later than the visit it keeps would start."""
    return min(now + timedelta(minutes=minutes), starts_at)


def answer_by(now: datetime, *, hours: int, starts: Iterable[datetime]) -> datetime:
    """Until when the practice may answer a request made now: `hours`, and never past the first of the starts.

    Whoever waits has an hour left then to do something else, or half of what was left to wait.
    """
    first = min(starts)
    return min(now + timedelta(hours=hours), max(first - AFTERWARDS, now + (first - now) / 2))


def hold_is_over(expires_at: datetime, now: datetime) -> bool:
    """True from the very instant of expiry: the hold keeps [made, expires_at)."""
    return now >= expires_at
