"""Reads of visits and holds. A stranger's id and a made-up one get the same answer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from unknot.booking.domain.lifecycle import BLOCKING, State
from unknot.booking.domain.limits import hold_is_over
from unknot.booking.domain.wording import clock
from unknot.booking.models import Appointment
from unknot.booking.policies import can_see_visit, is_desk
from unknot.booking.queries.facts import RELATED, Related, VisitFacts, visit_facts
from unknot.db import tenancy
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError, NotFoundError
from unknot.kernel.ids import digest
from unknot.kernel.money import Money
from unknot.kernel.zones import local, local_day_bounds, to_utc, zone_data_version
from unknot.people import queries as people
from unknot.practice import queries as practices
from unknot.practice.queries import Setup


class NotCompletedError(ConflictError):
    """This visit has not taken place yet. Come back after it."""

    code = "not-completed"


class UnknownHoldError(NotFoundError):
    """This hold is unknown here. Choose a time again."""

    code = "unknown-hold"


class HoldOverError(ConflictError):
    """The time was kept as long as we said and is free for others again. Nothing was booked; choose again."""

    code = "hold-over"


@dataclass(frozen=True)
class Hold:
    """A kept time. `secret` is there only in the answer to the one who made it."""

    id: UUID
    secret: str
    expires_at: datetime
    visit: VisitFacts

    @property
    def until(self) -> str:
        """When it ends, by the practice's clock: "2:40 p.m."."""
        return clock(local(self.expires_at, self.visit.timezone))


def visit(appointment_id: UUID, *, by: Actor) -> VisitFacts:
    """One visit, for its client and for staff. Raises NotFoundError. One query."""
    row = _rows().filter(pk=appointment_id, moves__isnull=True).first()
    if row is None or not can_see_visit(by, client_id=row.client_id, account_id=row.account_id):
        raise NotFoundError
    return visit_facts(row)


def visit_written(row: Appointment, setup: Setup) -> VisitFacts:
    """`visit` of a row that this transaction has just written, with names from a `setup` it read. At most one query."""
    service = next((one for one in setup.services if one.id == row.service_id), None)
    therapist = next((one for one in setup.team if one.id == row.therapist_id), None)
    place = next((one for one in setup.places if one.id == row.place_id), None)
    room = next((one for one in setup.rooms if one.id == row.room_id), None)
    gone = (place is None) != (row.place_id is None) or (room is None) != (row.room_id is None)
    if service is None or therapist is None or gone:  # no longer in use: the rows know them still
        return visit(row.pk, by=system(row.practice_id))
    service = replace(service, price=Money(service.price.minor, row.currency), addon=False)
    return visit_facts(row, Related(therapist, service, place, room))


def visits_of(client_id: UUID, *, by: Actor) -> list[VisitFacts]:
    """A client's visits in the practice in scope, newest first, without holds that came to nothing. One query.

    For the client and for staff, else NotFoundError.
    """
    if not is_desk(by) and not by.answers_for(client_id):
        raise NotFoundError
    rows = _rows().filter(client_id=client_id).exclude(state__in=[State.HELD, State.EXPIRED])
    return [visit_facts(row) for row in rows.order_by("-starts_at", "id")]


def visits_for(by: Actor) -> list[VisitFacts]:
    """`visits_of` for the actor's own record and for everybody they look after; while acting, for that person alone.
    One query.
    """
    whose = {by.client_id} if by.acting else {by.client_id, *by.dependants}
    rows = _rows().filter(client_id__in=whose - {None}).exclude(state__in=[State.HELD, State.EXPIRED])
    return [visit_facts(row) for row in rows.order_by("-starts_at", "id")]


def day(*, by: Actor, date: date, therapist_id: UUID | None = None) -> list[VisitFacts]:
    """What stands in the practice's diary on a local day, by start; holds that ran out and cancelled visits left out.

    For staff, else NotFoundError. Two queries.
    """
    return between(by=by, first=date, last=date, therapist_id=therapist_id)


def between(
    *, by: Actor, first: date, last: date, therapist_id: UUID | None = None, now: datetime | None = None
) -> list[VisitFacts]:
    """`day` for several local days, `first` to `last`, inclusive; with `now` without holds that ran out by then."""
    if not is_desk(by) or by.practice_id is None:
        raise NotFoundError
    zone = practices.practice(by.practice_id).timezone
    since, until = local_day_bounds(first, zone)[0], local_day_bounds(last, zone)[1]
    rows = on_sheet(_rows().filter(starts_at__gte=since, starts_at__lt=until), now=now)
    if therapist_id is not None:
        rows = rows.filter(therapist_id=therapist_id)
    return [visit_facts(row) for row in rows.order_by("starts_at", "therapist__name", "id")]


def on_sheet(rows: QuerySet[Any], *, now: datetime | None) -> QuerySet[Any]:
    """Those of `rows` that stand on the diary's sheet: what keeps its time, and who did not come."""
    found = rows.filter(state__in=[*sorted(BLOCKING), State.NO_SHOW])
    return found if now is None else found.exclude(state=State.HELD, hold_expires_at__lte=now)


def visits_by_id(ids: Iterable[UUID], *, by: Actor) -> dict[UUID, VisitFacts]:
    """Several visits of the practice in scope. For staff, else NotFoundError. One query."""
    if not is_desk(by):
        raise NotFoundError
    return {row.pk: visit_facts(row) for row in _rows().filter(pk__in=list(ids))}


def completed_visit(appointment_id: UUID, *, by: Actor) -> VisitFacts:
    """A visit that took place. Raises NotFoundError, NotCompletedError."""
    found = visit(appointment_id, by=by)
    if found.state != State.COMPLETED:
        raise NotCompletedError
    return found


def completed_counts() -> dict[UUID, int]:
    """How many visits took place in the practice in scope, by therapist. One query."""
    rows = Appointment.objects.filter(state=State.COMPLETED).values_list("therapist_id")
    return dict(rows.annotate(Count("id")).order_by())


def hold(hold_id: UUID, *, secret: str, now: datetime) -> Hold:
    """A hold, for whoever has its secret, also once it was booked. Raises UnknownHoldError, HoldOverError."""
    row = _rows().filter(pk=hold_id).first()
    if row is None or not row.hold_hash or row.hold_hash != digest(secret):
        raise UnknownHoldError
    expires_at = row.hold_expires_at or row.created_at
    if row.state == State.EXPIRED or (row.state == State.HELD and hold_is_over(expires_at, now)):
        raise HoldOverError
    return Hold(row.pk, "", expires_at, visit_facts(row))


def requests(*, by: Actor) -> list[VisitFacts]:
    """Visits that wait for the practice's answer, by start. For staff, else NotFoundError."""
    if not is_desk(by):
        raise NotFoundError
    return [visit_facts(row) for row in _rows().filter(state=State.REQUESTED).order_by("starts_at", "id")]


def find_visit_scope(appointment_id: UUID, account_id: UUID) -> str | None:
    """The slug of the practice where this account may look for the visit, or None. For calls that know only the id.

    The client's own visits are found at once; staff's, by asking each of their practices.
    """
    with tenancy.scope(account_id=account_id):
        own = Appointment.across_practices.filter(pk=appointment_id, account_id=account_id)
        practice_id = own.values_list("practice_id", flat=True).first()
    if practice_id is None:
        practice_id = next(_holding(appointment_id, people.practices_of(account_id), account_id), None)
    return practices.practice(practice_id).slug if practice_id else None


def _holding(appointment_id: UUID, practice_ids: Iterable[UUID], account_id: UUID) -> Any:
    for practice_id in practice_ids:
        with tenancy.scope(practice_id=practice_id, account_id=account_id):
            if Appointment.objects.filter(pk=appointment_id).exists():
                yield practice_id


@dataclass(frozen=True, slots=True)
class Broken:
    """A visit whose stored instant no longer is what its agreed wall time means."""

    id: UUID
    timezone: str
    local_start: str
    stored: datetime
    meant: datetime
    zone_data: str
    practitioner_id: UUID
    room_id: UUID | None
    client_id: UUID | None
    kit_units: tuple[int, ...] = ()


def broken_promises(*, now: datetime) -> list[Broken]:
    """Future visits of the practice in scope whose instant is not their wall time's under today's zone data, by start.

    One query.
    """
    open_states = sorted(BLOCKING - {State.COMPLETED})
    rows = Appointment.objects.filter(starts_at__gt=now - timedelta(days=1), state__in=open_states)
    found = []
    for row in rows.order_by("starts_at", "id"):
        meant = to_utc(datetime.fromisoformat(row.local_start), row.timezone)
        if meant != row.starts_at and max(meant, row.starts_at) > now:
            found.append(
                Broken(
                    row.pk,
                    row.timezone,
                    row.local_start,
                    row.starts_at,
                    meant,
                    row.zone_data,
                    row.practitioner_id,
                    row.room_id,
                    row.client_id,
                    tuple(row.kit_units),
                )
            )
    return found


def zone_data() -> str:
    """The release of the zone data that new visits are converted with."""
    return zone_data_version()


CLOSABLE = (State.CONFIRMED, State.ARRIVED, State.IN_SESSION)
"""Open states from which a visit closes itself."""


def to_close(*, now: datetime, after_minutes: int, limit: int = 200) -> list[UUID]:
    """Visits of the practice in scope that ended that long ago and stand open, oldest first. One query."""
    rows = Appointment.objects.filter(
        state__in=CLOSABLE, closing="", ends_at__lte=now - timedelta(minutes=after_minutes)
    )
    return list(rows.order_by("ends_at").values_list("pk", flat=True)[:limit])


def stale_holds(*, now: datetime) -> Q:
    """Holds that ran out, and requests nobody answered by their deadline, at the latest before their start."""
    unanswered = Q(state=State.REQUESTED) & (Q(answer_by__lte=now) | Q(starts_at__lte=now))
    return Q(state=State.HELD, hold_expires_at__lte=now) | unanswered


def _rows() -> QuerySet[Any]:
    return Appointment.objects.select_related(*RELATED)
