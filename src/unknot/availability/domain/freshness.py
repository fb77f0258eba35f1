"""How old the copy of an outside calendar may be, and when it is read again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

READ_EVERY = timedelta(minutes=15)
TRY_BROKEN_EVERY = timedelta(hours=2)
BROKEN_AFTER = timedelta(days=1)
WARN, STOP = "warn", "stop"


@dataclass(frozen=True, slots=True)
class StaleRule:
    """What the practice does when a copy is older than `hours`: offer by it and warn, or stop offering."""

    when_stale: str = WARN
    hours: int = 24

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
