"""Free starts: what is offered, and the very same question asked again before anything is booked."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from unknot.availability.queries import (
    CELL,
    Busy,
    Hours,
    Interval,
    busy_between,
    cell_up,
    free_gaps,
    starts,
    subtract,
)
from unknot.booking.queries.board import Board, Question, Taken, load
from unknot.booking.queries.facts import AT_HOME, HOME_NAME, Slot
from unknot.booking.queries.pools import allows, free_ranges
from unknot.booking.queries.workload import full_days
from unknot.kernel.zones import instant_of, local, minute_of
from unknot.practice.queries import PlaceFacts, PracticeFacts, ServiceFacts, TherapistFacts
from unknot.travel.queries import Point, Stop, great_circle_km, home_starts, promised_drive

FREE_DAYS = 366
"""How far ahead staff may look."""


class Candidate(NamedTuple):
    """A free start: UTC minute, driving minutes added, whose diary, where (None: at the client's home)."""

    minute: int
    extra: int
    therapist: TherapistFacts
    place: PlaceFacts | None


@dataclass(frozen=True, slots=True)
class Sweep:
    """One therapist at one place: opening windows and what is in the way, as the sweep takes them."""

    windows: Sequence[Interval]
    busy: Sequence[Busy]


def open_slots(
    *,
    practice: PracticeFacts,
    service: ServiceFacts,
    first: date,
    last: date,
    now: datetime,
    therapist_slug: str | None = None,
    place_slug: str | None = None,
    home: Point | None = None,
    limit: int | None = None,
    ignore: UUID | None = None,
    freely: bool = False,
    extras: Sequence[ServiceFacts] = (),
    needs: Sequence[str] = (),
    length: tuple[int, int, int] | None = None,
) -> list[Slot]:
    """Every start on the local days `first` to `last` (inclusive) that can be booked at `now`, earliest first.

    Clinic starts, or, with `home` (or `place_slug` "home", which needs `home`), starts of a visit at that point; among
    equal starts the one that adds the least driving comes first. `extras` are added to the service; `needs` (slugs)
    leave out rooms and places that do not meet them. `ignore` is a visit about to be moved, `length` its own (minutes,
    before, after); `freely` lets staff look inside the notice and beyond the horizon. The number of queries does not
    depend on the number of therapists. Raises HomeAddressNeededError.
    """
    today = local(now, practice.timezone).date()
    first, last = max(first, today), min(last, today + timedelta(days=FREE_DAYS if freely else practice.horizon_days))
    question = Question(
        practice=practice,
        service=service,
        first=first,
        last=last,
        now=now,
        therapist_slug=therapist_slug or None,
        place_slug=place_slug or None,
        home=home,
        ignore=ignore,
        freely=freely,
        extras=tuple(extras),
        needs=tuple(needs),
        length=length,
    )
    if last < first:
        return []
    found = sorted(candidates(load(question)), key=_order)
    return [slot_of(question, one) for one in (found if limit is None else found[:limit])]


def first_starts(
    *,
    practice: PracticeFacts,
    service: ServiceFacts,
    first: date,
    last: date,
    now: datetime,
    home: Point | None = None,
    place_slug: str | None = None,
    count: int = 3,
    extras: Sequence[ServiceFacts] = (),
    only: Collection[UUID] | None = None,
    since: datetime | None = None,
    hours: tuple[int, int] | None = None,
) -> dict[UUID, list[Slot]]:
    """The first `count` free starts of each therapist of the practice who gives all of it, by therapist id.

    `only` these therapists; not earlier than `since`; by a clock between `hours` (minutes after midnight, half-open).
    """
    question = Question(
        practice,
        service,
        first,
        last,
        now,
        home=home,
        place_slug=place_slug,
        extras=tuple(extras),
        only=None if only is None else frozenset(only),
    )
    board = load(question)
    least = 0 if since is None else -(-int(since.timestamp()) // 60)
    chosen: dict[UUID, list[Slot]] = {one.id: [] for one in board.team}
    for one in sorted(candidates(board), key=_order):
        mine = chosen[one.therapist.id]
        if one.minute < least or len(mine) == count or not _in_hours(one.minute, practice.timezone, hours):
            continue
        if not mine or instant_of(one.minute) > mine[-1].starts_at:
            mine.append(slot_of(question, one))
    return chosen


def _in_hours(minute: int, zone: str, hours: tuple[int, int] | None) -> bool:
    if hours is None:
        return True
    clock = local(instant_of(minute), zone)
    return hours[0] <= clock.hour * 60 + clock.minute < hours[1]


def _order(one: Candidate) -> tuple[int, int, str, str]:
    return one.minute, one.extra, one.therapist.name, one.place.name if one.place else ""


def candidates(board: Board) -> Iterator[Candidate]:
    """Every free start of a loaded board, in no particular order."""
    for therapist in board.team:
        full = full_days(board, therapist)
        for one in _at_home(board, therapist) if board.question.at_home else _at_clinic(board, therapist):
            if not any(start <= one.minute < end for start, end in full):
                yield one


def slot_of(question: Question, one: Candidate) -> Slot:
    """A candidate as everybody sees it."""
    starts_at = instant_of(one.minute)
    zone = question.practice.timezone
    return Slot(
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=question.minutes),
        timezone=zone,
        local_start=f"{local(starts_at, zone):%Y-%m-%dT%H:%M}",
        therapist_id=one.therapist.id,
        therapist_slug=one.therapist.slug,
        therapist_name=one.therapist.name,
        place_id=one.place.id if one.place else None,
        place_slug=one.place.slug if one.place else AT_HOME,
        place_name=one.place.name if one.place else HOME_NAME,
        mode="clinic" if one.place else "home",
        extra_minutes=one.extra,
    )


# At the clinic


def places_of(board: Board, therapist: TherapistFacts) -> Iterator[tuple[PlaceFacts, Hours]]:
    """The clinic places in question at which the therapist works."""
    for hours in board.opening[therapist.id].hours:
        place = board.places.get(hours.place_id) if hours.place_id else None
        if place is not None and board.question.place_slug in (None, place.slug):
            yield place, hours


def clinic_sweep(board: Board, therapist: TherapistFacts, place: PlaceFacts, hours: Hours) -> Sweep:
    """The therapist at a clinic place. A visit anywhere else also takes the drive there and back."""
    question = board.question
    here, drive = Point(place.lat, place.lon), promised_drive()
    busy = list(board.elsewhere.get(therapist.account_id, ()))
    for one in board.taken.get(therapist.account_id, ()):
        there = board.point_of(one)
        if one.place_id == place.id or there is None:
            busy.append(busy_between(one.kept_from, one.ends_at, before=one.before, after=one.after))
        else:
            leave = timedelta(minutes=one.before + drive(here, there))
            back = timedelta(minutes=one.after + drive(there, here))
            busy.append(busy_between(one.starts_at - leave, one.ends_at + back))
    return Sweep(hours.windows(question.practice.timezone, question.first, question.last), busy)


def _at_clinic(board: Board, therapist: TherapistFacts) -> Iterator[Candidate]:
    question = board.question
    first, end = question.bounds()
    for place, hours in places_of(board, therapist):
        sweep = clinic_sweep(board, therapist, place, hours)
        cells = starts(
            free_gaps(sweep.windows, sweep.busy, buffer_rule=question.practice.buffer_rule),
            minutes=question.minutes,
            before=question.before,
            after=question.after,
            grid_min=question.practice.grid_minutes,
            zone=question.practice.timezone,
            not_before=cell_up(first),
            not_after=cell_up(end) - 1,
        )
        lists = free_ranges(board, place)
        for cell in cells:
            if allows(lists, cell):
                yield Candidate(cell * CELL, 0, therapist, place)


# At the client's home


def base_of(board: Board, therapist: TherapistFacts) -> Point | None:
    """Where the therapist's day of home visits starts: their base, else the practice's first place."""
    found = board.bases.get(therapist.base_id) if therapist.base_id else None
    return found or next((Point(one.lat, one.lon) for one in board.places.values()), None)


def in_area(board: Board, therapist: TherapistFacts) -> bool:
    """Whether the therapist goes that far."""
    base, here = base_of(board, therapist), board.question.home
    return base is not None and here is not None and great_circle_km(base, here) <= therapist.travel_km


def home_sweep(board: Board, therapist: TherapistFacts) -> tuple[list[Interval], list[Stop]]:
    """Home windows and fixed stops of a therapist, in UTC minutes: visits, time taken elsewhere, clinic shifts."""
    question = board.question
    zone = question.practice.timezone
    inputs = board.opening[therapist.id]
    windows = inputs.at(None).windows(zone, question.first, question.last)
    stops = [_stop(board, one) for one in board.taken.get(therapist.account_id, ())]
    stops += [Stop(one.start_cell * CELL, one.end_cell * CELL) for one in board.elsewhere.get(therapist.account_id, ())]
    for hours in inputs.hours:
        place = board.places.get(hours.place_id) if hours.place_id else None
        if place is not None:
            shifts = subtract(hours.windows(zone, question.first, question.last), windows)
            stops += [Stop(start * CELL, end * CELL, Point(place.lat, place.lon)) for start, end in shifts]
    return [(start * CELL, end * CELL) for start, end in windows], stops


def _stop(board: Board, one: Taken) -> Stop:
    arrives = minute_of(one.starts_at) - one.before
    leaves = -(-int(one.ends_at.timestamp()) // 60) + one.after
    return Stop(arrives, leaves, board.point_of(one))


def _at_home(board: Board, therapist: TherapistFacts) -> Iterator[Candidate]:
    question = board.question
    base, here = base_of(board, therapist), question.home
    if base is None or here is None or not in_area(board, therapist):
        return
    windows, stops = home_sweep(board, therapist)
    lists = free_ranges(board, None)
    first, end = question.bounds()
    not_before, not_after = -(-int(first.timestamp()) // 60), minute_of(end) - 1
    zone = question.practice.timezone
    for _, group in groupby(windows, key=lambda one: local(instant_of(one[0]), zone).date()):
        day = list(group)
        near = [one for one in stops if one.ends > day[0][0] - 720 and one.starts < day[-1][1] + 720]
        for found in home_starts(
            day,
            near,
            home=base,
            here=here,
            minutes=question.minutes,
            setup=question.before,
            packup=question.after,
            drive=promised_drive(),
            grid_min=question.practice.grid_minutes,
            zone=zone,
            not_before=not_before,
            not_after=not_after,
        ):
            if not lists or allows(lists, found.starts // CELL):
                yield Candidate(found.starts, found.extra_minutes, therapist, None)


def by_load(board: Board, found: Iterable[Candidate]) -> list[Candidate]:
    """Candidates for one start, best first: least driving, then who has the least in the diary around it, then name."""
    booked: Mapping[UUID, int] = {
        one.account_id: sum(
            minute_of(taken.ends_at) - minute_of(taken.starts_at) for taken in board.taken.get(one.account_id, ())
        )
        for one in board.team
    }
    return sorted(found, key=lambda one: (one.extra, booked[one.therapist.account_id], one.therapist.name))
