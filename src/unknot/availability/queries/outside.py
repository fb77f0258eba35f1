"""Reads of outside calendars: when they keep whom busy, how old the copies are, what to say when one can't be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count

from unknot.availability.domain.freshness import StaleRule, state_of
from unknot.availability.domain.outside import NotACalendarError, TooBusyError
from unknot.availability.models import OutsideBusy, OutsideCalendar, OutsideRule
from unknot.db import tenancy
from unknot.kernel.actors import STAFF, SYSTEM, Actor
from unknot.kernel.errors import NotFoundError
from unknot.web import outbound

Span = tuple[datetime, datetime]
_KINDS = [
    NotACalendarError, TooBusyError, outbound.NotWebAddressError, outbound.NotPublicError, outbound.UnknownHostError,
    outbound.NoAnswerError, outbound.UntrustedError, outbound.TooSlowError, outbound.TooLargeError,
    outbound.TooManyRedirectsError, outbound.RefusedError,
]  # fmt: skip
MESSAGES = {one.code: one().message for one in _KINDS}
"""What to tell a person about the failure of a reading, by its code."""


_BUSY = """
SELECT therapist_id, starts_at, ends_at FROM availability_outsidebusy
WHERE practice_id = %(practice)s AND therapist_id = ANY (%(ids)s) AND starts_at < %(until)s AND ends_at > %(since)s
UNION ALL
SELECT c.therapist_id, %(since)s, %(until)s FROM availability_outsidecalendar c
JOIN availability_outsiderule r ON r.practice_id = c.practice_id AND r.when_stale = 'stop'
WHERE c.practice_id = %(practice)s AND c.therapist_id = ANY (%(ids)s)
  AND coalesce(c.read_at, c.made_at) < %(now)s - r.hours * interval '1 hour'
"""
"""Written out, since it runs for every kept time."""


@dataclass(frozen=True, slots=True)
class OutsideFacts:
    """An outside calendar. `state`: new, fresh, failing or stale; `message` why the last try failed, and what to do;
    `ahead` how many busy stretches are still to come."""

    id: UUID
    therapist_id: UUID
    therapist_name: str
    host: str
    state: str
    read_at: datetime | None
    tried_at: datetime | None
    message: str
    ahead: int


def outside_busy(
    therapist_ids: Iterable[UUID], *, since: datetime, until: datetime, now: datetime
) -> list[tuple[UUID, datetime, datetime]]:
    """When outside calendars keep these therapists of the practice in scope busy: who, from, until. One query.

    The last good copy counts, however old. Where the practice stops offering by old copies, a therapist with a copy
    that is too old is busy all the time.
    """
    scope = tenancy.current()
    given = {
        "practice": scope.practice_id if scope else None,
        "ids": list(therapist_ids),
        "since": since,
        "until": until,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BUSY, given)
        return list(cursor.fetchall())


def copied_busy(therapist_id: UUID, *, since: datetime, until: datetime) -> list[Span]:
    """What a therapist's outside calendars said when they were last read, by start. One query."""
    rows = OutsideBusy.objects.filter(therapist_id=therapist_id, starts_at__lt=until, ends_at__gt=since)
    return list(rows.order_by("starts_at").values_list("starts_at", "ends_at"))


def says_busy(therapist_id: UUID, *, since: datetime, until: datetime) -> bool:
    """Whether a time that was kept may not be confirmed, because an outside calendar has an event over it by now.

    Never where the practice does not look again: there the kept time stands, and staff are asked about it. An old copy
    alone is no reason. One query, two if there is such an event.
    """
    return bool(copied_busy(therapist_id, since=since, until=until)) and outside_rule().look_again


def missing_echoes(therapist_id: UUID) -> list[UUID]:
    """Visits of ours that stood in an outside calendar of the therapist and do not any more. One query."""
    rows = OutsideCalendar.objects.filter(therapist_id=therapist_id).values_list("missing", flat=True)
    return [UUID(one) for missing in rows for one in missing]


def outside_calendars(*, by: Actor, now: datetime) -> list[OutsideFacts]:
    """Everybody's outside calendars, by therapist. For staff, else NotFoundError. Three queries."""
    if not by.has(*STAFF, SYSTEM):
        raise NotFoundError
    rule = outside_rule()
    ahead = OutsideBusy.objects.filter(ends_at__gt=now).values_list("calendar_id").annotate(Count("id")).order_by()
    counts: dict[UUID, int] = dict(ahead)
    rows = OutsideCalendar.objects.select_related("therapist").order_by("therapist__name", "made_at", "id")
    return [_facts(row, rule, counts.get(row.pk, 0), now) for row in rows]


def outside_rule() -> StaleRule:
    """What the practice in scope does with old copies. One query."""
    row = OutsideRule.objects.first()
    return StaleRule(row.when_stale, row.hours, row.look_again) if row else StaleRule()


def _facts(row: Any, rule: StaleRule, ahead: int, now: datetime) -> OutsideFacts:
    state = state_of(made_at=row.made_at, read_at=row.read_at, failure=row.failure, rule=rule, now=now)
    message = MESSAGES.get(row.failure, "It could not be read.") if row.failure else ""
    return OutsideFacts(
        row.pk, row.therapist_id, row.therapist.name, row.host, state, row.read_at, row.tried_at, message, ahead
    )
