"""When something really happened, for news that arrives late from a device whose clock may be wrong.

A device says when it wrote a thing down and what its clock shows while it sends; only the difference of the two is
used, so a clock that is wrong by hours changes nothing. The server's clock decides everything else.
"""

from datetime import datetime, timedelta

LIVE = timedelta(seconds=10)
"""Younger than this, news counts as said now; older, as carried through a lost line."""


def happened_at(
    *,
    device_at: datetime | None,
    sent_at: datetime | None,
    received_at: datetime,
    not_before: datetime,
) -> datetime:
    """The server's time of something that a device wrote down at `device_at` and sent at `sent_at` (both by its clock).

    Never before `not_before` and never after `received_at`; without both times of the device it is `received_at`. All
    times are aware.
    """
    age = timedelta(0)
    if device_at is not None and sent_at is not None:
        age = max(timedelta(0), sent_at - device_at)
    if age > received_at - not_before:  # compared as lengths: a hostile age must not run past the calendar's end
        return min(not_before, received_at)
    return received_at - age
