"""Everything that decides what is free, read in a constant number of queries, however many therapists there are."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from unknot.availability import queries as availability
from unknot.availability.queries import Busy, Interval, OpeningInputs, busy_between
from unknot.booking.domain.limits import booking_window
from unknot.booking.domain.parts import check_parts
from unknot.booking.domain.workload import Load
from unknot.booking.queries.facts import AT_HOME
from unknot.booking.queries.rows import diary_rows
from unknot.kernel.errors import InvalidError
from unknot.kernel.money import Money
from unknot.kernel.zones import local_day_bounds
from unknot.practice import queries as practices
from unknot.practice.queries import KitFacts, PlaceFacts, PracticeFacts, RoomFacts, ServiceFacts, Setup, TherapistFacts
from unknot.travel.queries import Point

DEEP = "deep_tissue"
MARGIN = timedelta(hours=36)
"""Visits this near to the days asked for are read too: windows cross midnight, buffers and drives reach further."""


class HomeAddressNeededError(InvalidError):
    """A home visit needs the address with its place on the map. Nothing was booked; give the address and try again."""

    code = "home-address-needed"


@dataclass(frozen=True)
class Question:
    """Who asks for what: a service between two local days (inclusive), perhaps with one therapist, at one place.

    `place_slug` "home" or a `home` point asks for home visits. `ignore`: a visit that is about to be moved; `without`:
    several of them. `freely`:
    staff book inside the notice and beyond the horizon. `extras` are added to the service within the same visit: their
    minutes and prices add up, of the parts' buffers the largest before and the largest after count. `length` (minutes,
    before, after) stands in for all that. `needs`: what the client needs of a room, slugs of `NEEDS`.
    `only`: of these therapists.
    """

    practice: PracticeFacts
    service: ServiceFacts
    first: date
    last: date
    now: datetime
    therapist_slug: str | None = None
    place_slug: str | None = None
    home: Point | None = None
    ignore: UUID | None = None
    without: frozenset[UUID] = frozenset()
    freely: bool = False
    length: tuple[int, int, int] | None = None
    extras: tuple[ServiceFacts, ...] = ()
    needs: tuple[str, ...] = ()
    only: frozenset[UUID] | None = None

    @property
    def at_home(self) -> bool:
        return self.place_slug == AT_HOME or self.home is not None

    @property
    def parts(self) -> tuple[ServiceFacts, ...]:
        return (self.service, *self.extras)

    @property
    def minutes(self) -> int:
        return self.length[0] if self.length else sum(one.minutes for one in self.parts)

    @property
    def before(self) -> int:
        return self.length[1] if self.length else max(one.buffer_before for one in self.parts)

    @property
    def after(self) -> int:
        return self.length[2] if self.length else max(one.buffer_after for one in self.parts)

    @property
    def load(self) -> Load:
        added = sum(one.minutes for one in self.extras)
        return Load.of(self.minutes, added=added, deep=self.service.is_deep)

    @property
    def kit_kinds(self) -> tuple[str, ...]:
        return tuple(sorted({kind for one in self.parts for kind in one.kit}))

    @property
    def price(self) -> Money:
        return Money(sum(one.price.minor for one in self.parts), self.service.price.currency)

    def bounds(self) -> tuple[datetime, datetime]:
        """[first start, end) allowed: the days asked for, the notice and the horizon."""
        zone = self.practice.timezone
        opens, closes = local_day_bounds(self.first, zone)[0], local_day_bounds(self.last, zone)[1]
        if self.freely:
            return max(opens, self.now), closes
        first, end = booking_window(
            self.now,
            notice_minutes=self.practice.notice_minutes,
            horizon_days=self.practice.horizon_days,
            zone=zone,
        )
        return max(opens, first), min(closes, end)


class Taken(NamedTuple):
    """A visit or hold in the practice's diary. `kept_from` is where its stored range begins."""

    starts_at: datetime
    ends_at: datetime
    before: int
    after: int
    kept_from: datetime
    place_id: UUID | None
    home: Point | None
    load: Load = Load()


class Used(NamedTuple):
    """A visit's hold on a table or a piece of kit: `busy` as a lone one sees it, by the buffer rule; `reach` with both
    buffers, as several count it (cells).
    """

    visit: UUID
    unit: int
    busy: Busy
    reach: Interval


@dataclass
class Board:
    """The answer's raw material. `setup`: the practice as read for it. `found` keeps what was worked out once."""

    question: Question
    setup: Setup
    team: list[TherapistFacts]
    places: dict[UUID, PlaceFacts]
    bases: dict[UUID, Point]
    rooms: dict[UUID, list[RoomFacts]]
    opening: dict[UUID, OpeningInputs] = field(default_factory=dict)
    taken: dict[UUID, list[Taken]] = field(default_factory=dict)
    elsewhere: dict[UUID, list[Busy]] = field(default_factory=dict)
    kit: dict[str, list[KitFacts]] = field(default_factory=dict)
    in_room: dict[UUID, list[Used]] = field(default_factory=dict)
    kit_used: dict[int, list[Used]] = field(default_factory=dict)
    found: dict[UUID | None, list[list[Interval]]] = field(default_factory=dict)
    loads: dict[UUID, dict[date, Load]] = field(default_factory=dict)

    def point_of(self, one: Taken) -> Point | None:
        """Where a visit is, if anybody knows."""
        if one.home is not None:
            return one.home
        place = self.places.get(one.place_id) if one.place_id else None
        return Point(place.lat, place.lon) if place else None


def setting(question: Question) -> Board:
    """Who could do it and where, no diary yet. One query, more when the practice changed (`practices.setup`).

    Raises HomeAddressNeededError, and what `check_parts` raises for parts that make no visit.
    """
    check_parts(question.service, question.extras)
    if question.at_home and question.home is None:
        raise HomeAddressNeededError(field="home")
    known = practices.setup()
    places = {one.id: one for one in known.places}
    bases: dict[UUID, Point] = {}
    if question.at_home:
        bases = {one.id: Point(one.lat, one.lon) for one in (*known.places, *known.bases)}
    rooms: dict[UUID, list[RoomFacts]] = {}
    for room in known.rooms:
        rooms.setdefault(room.place_id, []).append(room)
    board = Board(question, known, _team(question, known.team), places, bases, rooms)
    for piece in known.kit:
        if piece.kind in question.kit_kinds:
            board.kit.setdefault(piece.kind, []).append(piece)
    return board


def load(question: Question) -> Board:
    """The whole board: `setting`, opening hours and the diary."""
    board = setting(question)
    ids = [one.id for one in board.team]
    board.opening = availability.opening(ids, first=question.first, last=question.last, setup=board.setup)
    fill(board)
    return board


def _team(question: Question, team: Iterable[TherapistFacts]) -> list[TherapistFacts]:
    suits = all(one.at_home if question.at_home else one.at_clinic for one in question.parts)
    return [
        one
        for one in team
        if suits
        and one.gives(*question.parts)
        and (one.home_visits or not question.at_home)
        and question.therapist_slug in (None, "", one.slug)
        and (question.only is None or one.id in question.only)
    ]


def fill(board: Board, *, rooms: bool = True) -> None:
    """Reads the diary: this practice's visits and holds, when the team is busy in other practices, and what their
    outside calendars say. Three queries. Without `rooms` nothing but the team's own time is read."""
    question = board.question
    zone = question.practice.timezone
    since = local_day_bounds(question.first, zone)[0] - MARGIN
    until = local_day_bounds(question.last, zone)[1] + MARGIN
    accounts = {one.account_id for one in board.team}
    by_start = question.practice.buffer_rule == "sum"
    without = question.without if question.ignore is None else {*question.without, question.ignore}
    whose = None if rooms else accounts
    for row in diary_rows(since, until, now=question.now, without=without, whose=whose):
        practitioner, starts_at, ends_at, before, after, blocked_from, place_id, lat, lon, kind, parts, *units = row
        kept_from = starts_at if by_start else min(starts_at, blocked_from)
        if practitioner in accounts:
            home = Point(lat, lon) if place_id is None and lat is not None else None
            load = _load(starts_at, ends_at, kind, parts)
            one = Taken(starts_at, ends_at, before, after, kept_from, place_id, home, load)
            board.taken.setdefault(practitioner, []).append(one)
        if rooms:
            busy = busy_between(kept_from, ends_at, before=before, after=after)
            _use(board, busy, busy_between(starts_at, ends_at, before=before, after=after), *units)
    for practitioner, start, end in busy_elsewhere(accounts, since, until):
        board.elsewhere.setdefault(practitioner, []).append(busy_between(start, end))
    account_of = {one.id: one.account_id for one in board.team}
    for therapist_id, start, end in availability.outside_busy(account_of, since=since, until=until, now=question.now):
        board.elsewhere.setdefault(account_of[therapist_id], []).append(busy_between(start, end))


def _load(starts_at: datetime, ends_at: datetime, kind: str, parts: str | None) -> Load:
    added = sum(one["minutes"] for one in json.loads(parts)[1:]) if parts else 0
    return Load.of(int((ends_at - starts_at).total_seconds()) // 60, added=added, deep=kind == DEEP)


def _use(board: Board, busy: Busy, whole: Busy, visit: UUID, room_id: UUID | None, unit: int, kit: list[int]) -> None:
    reach = (whole.start_cell - whole.before, whole.end_cell + whole.after)
    if room_id is not None:
        board.in_room.setdefault(room_id, []).append(Used(visit, unit, busy, reach))
    for piece in kit:
        board.kit_used.setdefault(piece, []).append(Used(visit, piece, busy, reach))


def busy_elsewhere(
    practitioners: Iterable[UUID], since: datetime, until: datetime
) -> list[tuple[UUID, datetime, datetime]]:
    """When these accounts are taken in other practices: who, from, until, and nothing else. One query.

    The walls hide other practices' rows; the database function `booking_busy_elsewhere` looks over them and gives only
    this. Holds that ran out elsewhere still count until that practice's next minute.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT practitioner_id, lower(blocked), upper(blocked) FROM booking_busy_elsewhere(%s, %s, %s)",
            [list(practitioners), since, until],
        )
        return list(cursor.fetchall())
