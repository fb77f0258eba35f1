"""How old the copy of an outside calendar may be, and when it is read again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

READ_EVERY = timedelta(minutes=15)
TRY_BROKEN_EVERY = timedelta(hours=2)
BROKEN_AFTER = timedelta(days=1)
LOOK_AFTER = timedelta(minutes=2)
"""A copy that was tried more lately is not looked at again when somebody confirms. Calendar programs take minutes to
publish a change, so that sooner finds nothing; and a calendar that hangs keeps one person waiting, not all who follow.
"""
LOOK_SECONDS = 3.0
"""How long whoever confirms may wait for all calendars of their therapist together."""
WARN, STOP = "warn", "stop"


@dataclass(frozen=True, slots=True)
class StaleRule:
    """What the practice does when a copy is older than `hours`: offer by it and warn, or stop offering. `look_again`:
    calendars are read once more before a kept time is confirmed, and what they say then counts."""

    when_stale: str = WARN
    hours: int = 24
    look_again: bool = True

    @property
    def keeps(self) -> timedelta:
        """How long a copy counts as fresh."""
        return timedelta(hours=self.hours)


def state_of(*, made_at: datetime, read_at: datetime | None, failure: str, rule: StaleRule, now: datetime) -> str:
    """`new` (never read yet), `fresh`, `failing` (the last try failed, the copy is not old yet) or `stale`."""
    if now - (read_at or made_at) > rule.keeps:
        return "stale"
    if failure:
        return "failing"
    return "fresh" if read_at else "new"


def is_due(*, tried_at: datetime | None, read_at: datetime | None, made_at: datetime, now: datetime) -> bool:
    """Whether it is time to read the calendar again: every quarter of an hour, every two when it is broken for long."""
    if tried_at is None:
        return True
    broken = now - (read_at or made_at) > BROKEN_AFTER
    return now - tried_at >= (TRY_BROKEN_EVERY if broken else READ_EVERY)


def is_worth_a_look(*, tried_at: datetime | None, failure: str, now: datetime) -> bool:
    """Whether whoever confirms should wait for it: not tried for `LOOK_AFTER`, and well at the last try. Nobody waits
    for a calendar that is known to be down; the background goes on trying.
    """
    return not failure and (tried_at is None or now - tried_at >= LOOK_AFTER)
