"""The diary as it is looked at: columns of a day or a week for therapists or rooms, with everything that takes time.

The number of queries depends neither on the team nor on how full the days are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from unknot.availability import queries as availability
from unknot.availability.queries import Hours, OpeningInputs, instant_of_cell
from unknot.booking.domain.daysheet import (
    DAY,
    Stretch,
    around,
    bands,
    cut,
    free_stretches,
    hours_shown,
    wall_minute,
)
from unknot.booking.domain.lifecycle import State
from unknot.booking.models import Appointment
from unknot.booking.policies import is_desk
from unknot.booking.queries.board import busy_elsewhere
from unknot.booking.queries.facts import VisitFacts
from unknot.booking.queries.visits import between, on_sheet
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import digest
from unknot.kernel.intervals import Interval, merge
from unknot.kernel.zones import local, local_day_bounds
from unknot.practice import queries as practices
from unknot.practice.queries import PlaceFacts, PracticeFacts, RoomFacts, TherapistFacts
from unknot.travel.queries import Point, promised_drive

OUTSIDE = "Busy by an outside calendar"


@dataclass(frozen=True)
class Shift:
    """Working hours of a day at one place; `place` None: at clients' homes. Wall minutes."""

    place: PlaceFacts | None
    starts: int
    ends: int


@dataclass(frozen=True)
class Column:
    """One local day of one therapist, of one room, or (neither) of everything that needs no room."""

    day: date
    therapist: TherapistFacts | None = None
    room: RoomFacts | None = None
    place: PlaceFacts | None = None
    shifts: tuple[Shift, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    visits: tuple[VisitFacts, ...] = ()

    @property
    def is_idle(self) -> bool:
        """A therapist who neither works nor has a visit that day."""
        return self.therapist is not None and not self.shifts and not self.visits


@dataclass(frozen=True)
class Sheet:
    """Columns by day, then by name, and the hours that show everything in them."""

    columns: list[Column]
    first_hour: int
    end_hour: int
    visits: list[VisitFacts] = field(default_factory=list)


@dataclass
class _Rows:
    """What was read, once for all columns."""

    practice: PracticeFacts
    now: datetime
    visits: list[VisitFacts]
    team: list[TherapistFacts]
    opening: dict[UUID, OpeningInputs]
    reasons: dict[tuple[UUID, date], str]
    elsewhere: dict[UUID, list[tuple[datetime, datetime]]]
    outside: dict[UUID, list[tuple[datetime, datetime]]]
    places: dict[UUID, PlaceFacts]
    bases: dict[UUID, Point]


def sheet(
    *,
    by: Actor,
    practice: PracticeFacts,
    first: date,
    last: date,
    now: datetime,
    team: Sequence[TherapistFacts],
    rooms: Sequence[RoomFacts] | None = None,
) -> Sheet:
    """The diary of the local days `first` to `last` (inclusive), for staff, else NotFoundError. Ten queries.

    `team`: whose columns; with `rooms` those of the rooms, open while the team works at their place.
    """
    only = team[0].id if len(team) == 1 and rooms is None else None
    visits = between(by=by, first=first, last=last, therapist_id=only, now=now)
    ids = [one.id for one in team]
    since, until = local_day_bounds(first, practice.timezone)[0], local_day_bounds(last, practice.timezone)[1]
    elsewhere: dict[UUID, list[tuple[datetime, datetime]]] = {}
    for account_id, start, end in busy_elsewhere([one.account_id for one in team], since, until):
        elsewhere.setdefault(account_id, []).append((start, end))
    outside: dict[UUID, list[tuple[datetime, datetime]]] = {}
    for therapist_id, start, end in availability.outside_busy(ids, since=since, until=until, now=now):
        outside.setdefault(therapist_id, []).append((start, end))
    special = availability.exceptions(by=by, first=first, last=last)
    bases = {one.id: Point(one.lat, one.lon) for one in practices.places(kind="base")}
    read = _Rows(
        practice=practice,
        now=now,
        visits=visits,
        team=list(team),
        opening=availability.opening(ids, first=first, last=last),
        reasons={(one.therapist_id, one.day): one.reason for one in special},
        elsewhere=elsewhere,
        outside=outside,
        places={one.id: one for one in practices.places()},
        bases=bases,
    )
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if rooms is None:
        columns = [_of_therapist(read, one, day) for day in days for one in team]
    else:
        columns = [column for day in days for column in _of_rooms(read, rooms, day)]
    return _framed(columns)


def _framed(columns: list[Column]) -> Sheet:
    """Cut to the hours that matter: what is open or taken, in any column."""
    opened = [(one.starts, one.ends) for column in columns for one in column.shifts]
    quiet = ("closed", "off", "free")
    stood = [(s.starts, s.ends) for column in columns for s in column.stretches if s.kind not in quiet]
    first_hour, end_hour = hours_shown(opened, stood)
    cut_columns = []
    for column in columns:
        kept = (cut(one, first_hour, end_hour) for one in column.stretches)
        cut_columns.append(replace(column, stretches=tuple(one for one in kept if one is not None)))
    visits = {one.id: one for column in columns for one in column.visits}
    return Sheet(cut_columns, first_hour, end_hour, list(visits.values()))


def _of_therapist(read: _Rows, therapist: TherapistFacts, day: date) -> Column:
    zone = read.practice.timezone
    inputs = read.opening[therapist.id]
    shifts = _shifts(read, inputs, day)
    hours = merge((one.starts, one.ends) for one in shifts)
    unbroken = merge(_spans((replace(one, breaks=()) for one in inputs.hours), zone, day))
    usual = merge(_spans((replace(one, breaks=(), exceptions=()) for one in inputs.hours), zone, day))
    off = read.reasons.get((therapist.id, day), "")
    found = bands(rules=hours, unbroken=unbroken, usual=usual, off=off)
    visits = [one for one in read.visits if one.therapist_id == therapist.id and _day_of(one) == day]
    found += _stretches(read, visits, day, start=read.bases.get(therapist.base_id) if therapist.base_id else None)
    taken = [("", span) for span in read.elsewhere.get(therapist.account_id, ())]
    taken += [(OUTSIDE, span) for span in read.outside.get(therapist.id, ())]
    for words, (starts, ends) in taken:
        one = Stretch("elsewhere", _minute(starts, zone, day), _minute(ends, zone, day), words)
        found += [one] if one.starts < one.ends else []
    found += _free(read, hours, found, day)
    return Column(day, therapist=therapist, shifts=tuple(shifts), stretches=_sorted(found), visits=tuple(visits))


def _of_rooms(read: _Rows, rooms: Sequence[RoomFacts], day: date) -> Iterable[Column]:
    """A column for each room, and one for visits without a room if there are any."""
    open_at: dict[UUID | None, list[Shift]] = {}
    for therapist in read.team:
        for shift in _shifts(read, read.opening[therapist.id], day):
            open_at.setdefault(shift.place.id if shift.place else None, []).append(shift)
    today = [one for one in read.visits if _day_of(one) == day]
    for room in rooms:
        shifts = open_at.get(room.place_id, [])
        hours = merge((one.starts, one.ends) for one in shifts)
        visits = [one for one in today if one.room_id == room.id]
        found = bands(rules=hours, unbroken=hours, usual=hours) + _stretches(read, visits, day, start=None)
        found += _free(read, hours, found, day)
        yield Column(
            day,
            room=room,
            place=read.places.get(room.place_id),
            shifts=tuple(shifts),
            stretches=_sorted(found),
            visits=tuple(visits),
        )
    without = [one for one in today if one.room_id is None]
    if without:
        yield Column(day, stretches=_sorted(_stretches(read, without, day, start=None)), visits=tuple(without))


def _stretches(read: _Rows, visits: Iterable[VisitFacts], day: date, *, start: Point | None) -> list[Stretch]:
    """Visits of one column with what is kept beside them. `start`: where a therapist's day of home visits begins."""
    found: list[Stretch] = []
    at = start
    for one in visits:
        there = _point(read, one)
        drive = promised_drive()(at, there) if one.mode == "home" and at and there and start else 0
        at = there or at
        starts = wall_minute(datetime.fromisoformat(one.local_start), day)
        ends = min(DAY, starts + one.minutes)
        found.append(Stretch("visit", starts, ends, key=one.id))
        if one.state != State.NO_SHOW:
            beside = {"before": one.buffer_before, "after": one.buffer_after, "drive": drive}
            found += around(starts, ends, key=one.id, **beside)
    return found


def _point(read: _Rows, one: VisitFacts) -> Point | None:
    if one.home_lat is not None and one.home_lon is not None:
        return Point(one.home_lat, one.home_lon)
    place = read.places.get(one.place_id) if one.place_id else None
    return Point(place.lat, place.lon) if place else None


def _free(read: _Rows, hours: Sequence[Interval], found: Iterable[Stretch], day: date) -> list[Stretch]:
    """What can still be booked, roughly: the sweep has the last word when somebody books."""
    missed = {one.id for one in read.visits if one.state == State.NO_SHOW}
    kinds = ("visit", "buffer", "drive", "elsewhere")
    taken = [(one.starts, one.ends) for one in found if one.kind in kinds and one.key not in missed]
    passed = _minute(read.now, read.practice.timezone, day)
    grid = read.practice.grid_minutes
    return free_stretches(hours, taken, not_before=-(-passed // grid) * grid, least=grid)


def _shifts(read: _Rows, inputs: OpeningInputs, day: date) -> list[Shift]:
    found = []
    for hours in inputs.hours:
        place = read.places.get(hours.place_id) if hours.place_id else None
        found += [Shift(place, *span) for span in _spans([hours], read.practice.timezone, day)]
    return sorted(found, key=lambda one: one.starts)


def _spans(hours: Iterable[Hours], zone: str, day: date) -> list[Interval]:
    """Opening windows of a day in wall minutes."""
    found = []
    for one in hours:
        for start, end in one.windows(zone, day, day):
            starts, ends = (_minute(instant_of_cell(cell), zone, day) for cell in (start, end))
            found += [(starts, ends)] if starts < ends else []
    return found


def _minute(instant: datetime, zone: str, day: date) -> int:
    return wall_minute(local(instant, zone).replace(tzinfo=None), day)


def _day_of(one: VisitFacts) -> date:
    return date.fromisoformat(one.local_start[:10])


def _sorted(found: Iterable[Stretch]) -> tuple[Stretch, ...]:
    return tuple(sorted(found, key=lambda one: (one.starts, one.ends)))


def fingerprint(
    *, by: Actor, practice: PracticeFacts, first: date, last: date, team: Sequence[TherapistFacts], now: datetime
) -> str:
    """Changes whenever the sheet of these days would. For staff, else NotFoundError. Three queries.

    Cheap enough to be asked every few seconds: identities, states and times, no names and no drawing.
    """
    if not is_desk(by):
        raise NotFoundError
    since, until = local_day_bounds(first, practice.timezone)[0], local_day_bounds(last, practice.timezone)[1]
    rows = on_sheet(Appointment.objects.filter(starts_at__gte=since, starts_at__lt=until), now=now).order_by("id")
    said = [*rows.values_list("id", "state", "starts_at", "ends_at", "therapist_id", "room_id", "sequence")]
    special = [(one.id, one.day) for one in availability.exceptions(by=by, first=first, last=last)]
    ids = [one.id for one in team]
    outside = sorted(availability.outside_busy(ids, since=since, until=until, now=since))
    return digest(repr([said, special, outside]))[:20]
