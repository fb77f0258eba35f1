"""Which coming visits a change of rooms, kit, menu or limits meets. They stay as agreed; somebody has to know.

Each function compares how a thing stood with how it stands now, inside the write that changed it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from unknot.availability.queries import busy_between
from unknot.booking.domain.lifecycle import BLOCKING, State
from unknot.booking.domain.parts import joined
from unknot.booking.domain.pools import Interval, Use, full_stretches
from unknot.booking.domain.wording import NEEDS, ROOM_NEEDS
from unknot.booking.domain.workload import Limits, Load
from unknot.booking.models import Appointment, Series, WaitlistEntry
from unknot.booking.queries.board import DEEP
from unknot.booking.queries.facts import RELATED, VisitFacts, visit_facts
from unknot.booking.queries.visits import stale_holds
from unknot.kernel.ids import digest
from unknot.kernel.zones import local
from unknot.practice.queries import LimitsSetting, RoomSetting, ServiceSetting


@dataclass(frozen=True)
class Touched:
    """A coming visit, and what the change means for it, in words for staff."""

    visit: VisitFacts
    why: str


def coming(*, now: datetime, only: Q | None = None) -> list[Any]:
    """Rows of visits and holds of the practice in scope that are still to end, by start. One query."""
    rows: QuerySet[Any] = Appointment.objects.select_related(*RELATED).filter(
        only or Q(), ends_at__gt=now, state__in=sorted(BLOCKING - {State.COMPLETED})
    )
    return list(rows.exclude(stale_holds(now=now)).order_by("starts_at", "id"))


def coming_by_room(*, now: datetime) -> dict[UUID, int]:
    """How many visits are still to end in each room of the practice in scope. One query."""
    rows = Appointment.objects.filter(
        ends_at__gt=now, state__in=sorted(BLOCKING - {State.COMPLETED}), room__isnull=False
    )
    return dict(rows.exclude(stale_holds(now=now)).values_list("room_id").annotate(Count("id")).order_by())


def mark_of(found: Iterable[Touched]) -> str:
    """A short mark of these visits: whoever agreed to them agreed to no others."""
    return digest("|".join(sorted(f"{one.visit.id}:{one.why}" for one in found)))[:20]


def by_room(room_id: UUID, was: RoomSetting, then: RoomSetting, *, now: datetime) -> list[Touched]:
    """Visits in a room that is put away, loses tables, or loses what they need."""
    rows = coming(now=now, only=Q(room_id=room_id))
    if was.active and not then.active:
        return [Touched(visit_facts(row), "stays in this room until you move it") for row in rows]
    too_many = _over(rows, then.capacity) if then.capacity < was.capacity else set()
    lost = set(was.attributes) - set(then.attributes)
    found = []
    for row in rows:
        missing = lost & ROOM_NEEDS & set(row.access_needs or ()) - set(row.place.access)
        if missing:
            needs = joined(NEEDS[one][:1].lower() + NEEDS[one][1:] for one in sorted(missing))
            found.append(Touched(visit_facts(row), f"needs {needs}"))
        elif row.pk in too_many:
            found.append(Touched(visit_facts(row), "more visits at that time than tables"))
    return found


def _over(rows: Iterable[Any], tables: int) -> set[UUID]:
    """The visits of a room that stand where more of them overlap than there are tables."""
    uses = [Use(row.pk, row.room_unit, *reach_of(row)) for row in rows]
    over = full_stretches(uses, tables + 1)
    return {one.visit for one in uses if any(start < one.end and one.start < end for start, end in over)}


def reach_of(row: Any) -> Interval:
    """From the beginning of a visit's set-up to the end of its clean-up, in cells."""
    busy = busy_between(row.starts_at, row.ends_at, before=row.buffer_before, after=row.buffer_after)
    return busy.start_cell - busy.before, busy.end_cell + busy.after


def wanted_pieces(pieces: Collection[int], *, now: datetime) -> Counter[int]:
    """How many coming visits want each of these pieces of kit. One query."""
    rows = coming(now=now, only=Q(kit_units__overlap=list(pieces)))
    return Counter(unit for row in rows for unit in row.kit_units if unit in pieces)


def by_kit(gone: Collection[int], *, now: datetime) -> list[Touched]:
    """Visits that still have a piece of kit that went out of use."""
    if not gone:
        return []
    rows = coming(now=now, only=Q(kit_units__overlap=list(gone)))
    return [Touched(visit_facts(row), "no other piece is free then") for row in rows]


def of_service(service_id: UUID) -> Q:
    """Visits of a massage, or with an addition."""
    return Q(service_id=service_id) | Q(parts__contains=[{"service": str(service_id)}])


def service_used(service_id: UUID) -> bool:
    """Whether anybody ever booked, planned or waited for it. At most three queries."""
    return (
        Appointment.objects.filter(of_service(service_id)).exists()
        or Series.objects.filter(service_id=service_id).exists()
        or WaitlistEntry.objects.filter(service_id=service_id).exists()
    )


def by_service(service_id: UUID, was: ServiceSetting, then: ServiceSetting, *, now: datetime) -> list[Touched]:
    """Visits of a massage that goes off the menu, is given by fewer people or at fewer places, or needs kit now."""
    left = set(was.therapists) - set(then.therapists)
    kit = set(then.kit) - set(was.kit)
    found = []
    for row in coming(now=now, only=of_service(service_id)):
        why = ""
        if was.active and not then.active:
            why = "stays booked as it was agreed"
        elif row.therapist_id in left:
            why = f"is with {row.therapist.name}, who would not give it any more"
        elif row.mode == "home" and was.at_home and not then.at_home:
            why = "is a home visit"
        elif row.mode == "clinic" and was.at_clinic and not then.at_clinic:
            why = "is at the clinic"
        elif kit:
            why = "was booked without this kit"
        if why:
            found.append(Touched(visit_facts(row), why))
    return found


def by_limits(was: Mapping[UUID, LimitsSetting], then: Mapping[UUID, LimitsSetting], *, now: datetime) -> list[Touched]:
    """Visits on days on which a therapist already has more than a limit that became lower allows."""
    changed = {one for one, limit in then.items() if limit != was.get(one)}
    if not changed:
        return []
    days: dict[tuple[UUID, date], list[Any]] = {}
    for row in coming(now=now, only=Q(therapist_id__in=changed)):
        days.setdefault((row.therapist_id, local(row.starts_at, row.timezone).date()), []).append(row)
    found = []
    for (therapist_id, _), rows in days.items():
        load = sum((_load(row) for row in rows), Load())
        why = _over_limit(load, then[therapist_id])
        if why and why != _over_limit(load, was[therapist_id]):
            found += [Touched(visit_facts(row), why) for row in rows]
    return found


def _over_limit(load: Load, limit: LimitsSetting) -> str:
    said = Limits(limit.visits, limit.minutes, limit.deep_minutes).surpassed(load)
    return f"that day has {said}" if said else ""


def _load(row: Any) -> Load:
    minutes = int((row.ends_at - row.starts_at).total_seconds()) // 60
    return Load.of(minutes, added=sum(one["minutes"] for one in row.parts[1:]), deep=row.service.kind == DEEP)
