"""Writes of opening hours. Each takes the therapist's lock before it reads, like every writer of their diary.

Visits that are booked already stay booked: a promise is a promise. The desk sees them and moves them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.availability import events, models
from unknot.availability.domain.opening import Break, DayException, OpeningHoursError, OpeningRule
from unknot.availability.policies import can_edit_hours
from unknot.db.locks import lock_all
from unknot.kernel.actors import Actor
from unknot.kernel.errors import InvalidError, NotFoundError
from unknot.practice import queries as practices

CLINIC, HOME = "clinic", "home"


class PlaceNeededError(InvalidError):
    """Hours at the clinic need one of the practice's places; hours of home visits have none. Nothing was changed."""

    code = "place-needed"


class DayRangeError(InvalidError):
    """Choose the first day, and a last day at most two months after it. Nothing was changed."""

    code = "day-range"


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Open every `rule.weekday`, at a place, or (None) for home visits."""

    rule: OpeningRule
    place_id: UUID | None


def set_hours(
    *, by: Actor, therapist_id: UUID, hours: Sequence[WeeklyHours], breaks: Sequence[Break], now: datetime
) -> None:
    """Replaces a therapist's weekly hours and breaks. For the owner and the therapist, else NotFoundError.

    Raises PlaceNeededError for a place that is not the practice's.
    """
    practice_id = _lock(by, therapist_id)
    known = {one.id for one in practices.places()}
    if any(one.place_id is not None and one.place_id not in known for one in hours):
        raise PlaceNeededError(field="place")
    models.OpeningRule.objects.filter(therapist_id=therapist_id).delete()
    models.Break.objects.filter(therapist_id=therapist_id).delete()
    models.OpeningRule.objects.bulk_create(
        models.OpeningRule(
            practice_id=practice_id,
            therapist_id=therapist_id,
            place_id=one.place_id,
            mode=HOME if one.place_id is None else CLINIC,
            weekday=one.rule.weekday,
            opens=one.rule.opens_min,
            closes=one.rule.closes_min,
            valid_from=one.rule.valid_from,
            valid_until=one.rule.valid_until,
        )
        for one in hours
    )
    models.Break.objects.bulk_create(
        models.Break(
            practice_id=practice_id,
            therapist_id=therapist_id,
            weekday=one.weekday,
            starts=one.starts_min,
            ends=one.ends_min,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
        )
        for one in breaks
    )
    _record(by, "hours.set", therapist_id, now)


def add_exception(
    *,
    by: Actor,
    therapist_id: UUID,
    day: date,
    kind: str,
    opens: int | None = None,
    closes: int | None = None,
    mode: str = CLINIC,
    place_id: UUID | None = None,
    reason: str = "",
    now: datetime,
) -> UUID:
    """A local day that departs from the week: `closed`, or `extra` or `changed` hours (minutes after local midnight).

    `closed` without a place is off altogether, home visits included. For the owner and the therapist, else
    NotFoundError. `reason` is for staff only. Raises OpeningHoursError, PlaceNeededError.
    """
    practice_id = _lock(by, therapist_id)
    if kind != "closed" and (opens is None or closes is None):
        raise OpeningHoursError(field="opens")
    DayException(day, kind, opens or 0, closes or 0)
    if mode not in (CLINIC, HOME) or (mode == HOME and place_id is not None):
        raise PlaceNeededError(field="place")
    places = {one.id for one in practices.places()}
    if place_id is None and kind != "closed" and mode == CLINIC and len(places) == 1:
        place_id = next(iter(places))
    if place_id not in places and not (place_id is None and (kind == "closed" or mode == HOME)):
        raise PlaceNeededError(field="place")
    row = models.DayException.objects.create(
        practice_id=practice_id,
        therapist_id=therapist_id,
        date=day,
        kind=kind,
        mode=mode,
        place_id=place_id,
        opens=None if kind == "closed" else opens,
        closes=None if kind == "closed" else closes,
        reason=reason.strip()[:120],
    )
    _record(by, "hours.exception-added", therapist_id, now)
    return UUID(str(row.pk))


def remove_exception(*, by: Actor, exception_id: UUID, now: datetime) -> None:
    """Back to the week's hours. Raises NotFoundError."""
    row = models.DayException.objects.filter(pk=exception_id).first()
    if row is None:
        raise NotFoundError
    _lock(by, row.therapist_id)
    row.delete()
    _record(by, "hours.exception-removed", row.therapist_id, now)


def _lock(by: Actor, therapist_id: UUID) -> UUID:
    if by.practice_id is None or not can_edit_hours(by, therapist_id):
        raise NotFoundError
    lock_all("therapist", [practices.therapist(therapist_id).account_id])
    return by.practice_id


def _record(by: Actor, verb: str, therapist_id: UUID, now: datetime) -> None:
    if by.practice_id is not None:
        events.tell(events.HoursNews(by.practice_id, therapist_id, now))
    audit.record(by=by, verb=verb, subject="therapist", subject_id=therapist_id, now=now)
