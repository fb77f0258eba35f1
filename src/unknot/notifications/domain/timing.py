"""When a reminder is due, and the key that lets it go out once only."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from unknot.kernel.errors import InvalidError
from unknot.kernel.zones import zone as zone_of
from unknot.notifications.domain.messages import Kind


@dataclass(frozen=True, slots=True)
class ReminderRule:
    """When to remind [P].

    `days_before` counts calendar days at the same wall time (so a clock change moves nothing), `hours_before` real
    hours on top. Messages go out from `opens` to `closes`, local time of the practice. Who booked less than
    `least_notice` before the start gets none: the confirmation was reminder enough.
    """

    days_before: int = 1
    hours_before: int = 0
    opens: time = time(8)
    closes: time = time(20)
    least_notice: timedelta = timedelta(hours=36)

    @property
    def offset(self) -> str:
        """The rule's name in message keys: `1d`, `2h`, `1d2h`."""
        parts = [f"{count}{unit}" for count, unit in ((self.days_before, "d"), (self.hours_before, "h")) if count]
        return "".join(parts) or "0"


DAY_BEFORE = ReminderRule()


def reminder_due_at(
    *, starts_at: datetime, booked_at: datetime, zone: str, rule: ReminderRule = DAY_BEFORE
) -> datetime | None:
    """The UTC instant at which the reminder is due, or None if there should be none.

    `starts_at` and `booked_at` are UTC-aware. Outside civil hours the message waits for the morning; where that would
    be at or after the start, it goes out the evening before. The result is always after `booked_at` and before
    `starts_at`.
    """
    if starts_at - booked_at < rule.least_notice:
        return None
    place = zone_of(zone)
    wall = starts_at.astimezone(place) - timedelta(days=rule.days_before)
    due = (wall.astimezone(UTC) - timedelta(hours=rule.hours_before)).astimezone(place)
    civil = _civil(due, rule)
    if civil.astimezone(UTC) >= starts_at:
        civil = datetime.combine(due.date() - timedelta(days=1), rule.closes, place)
    at = civil.astimezone(UTC)
    return at if booked_at < at < starts_at else None


def _civil(due: datetime, rule: ReminderRule) -> datetime:
    """`due` moved within its own day into civil hours."""
    if due.timetz().replace(tzinfo=None) < rule.opens:
        return datetime.combine(due.date(), rule.opens, due.tzinfo)
    if due.timetz().replace(tzinfo=None) > rule.closes:
        return datetime.combine(due.date(), rule.closes, due.tzinfo)
    return due


def message_key(booking_id: str, kind: Kind, offset: str = "0", *, sequence: int = 0) -> str:
    """`booking:<id>:<kind>:<offset>`: the unique key under which one message is sent once.

    A moved visit raises `sequence`; its new messages carry `<offset>@<sequence>`, so that the new time is announced
    even though the old one was. Raises InvalidError for an id or offset that would blur the key.
    """
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", str(booking_id)) or not re.fullmatch(r"[a-z0-9]{1,16}", offset):
        raise InvalidError("A message key needs a plain id and offset. Nothing was sent.")
    return f"booking:{booking_id}:{kind.value}:{offset}" + (f"@{sequence}" if sequence else "")
