"""Cards: what the search reads instead of diaries. Here: what they have to say, and whether they say it."""

import zlib
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from math import cos, radians, sin
from typing import NamedTuple
from uuid import UUID

from unknot.availability import queries as availability
from unknot.availability.queries import Busy, Gap, cell_of, cell_up, cells_up, free_gaps, instant_of_cell, pack
from unknot.booking.queries.board import Board, Question, fill
from unknot.booking.queries.rows import holds_until
from unknot.booking.queries.slots import base_of, clinic_sweep, home_sweep
from unknot.db import tenancy
from unknot.kernel.money import Money
from unknot.kernel.zones import local, local_day_bounds
from unknot.practice import queries as practices
from unknot.practice.queries import Listing, PlaceFacts, ServiceFacts, Setup, TherapistFacts
from unknot.travel.queries import COARSE_SLACK_KM, EARTH_KM, Point, coarse

MOST_DAYS = 60
"""How far ahead a card looks at most. Searches that look further ask the diary."""
SPARE_DAYS = 2
"""A card covers this much more than it has to, so that a late night's rebuild harms nobody."""
EVERYWHERE_KM = 20_040.0
AT_HOME_ACCESS = ("quiet", "step_free")
"""One's own door and one's own quiet."""
ENDLESS = date(9999, 12, 31)
_BEFORE = 300
"""Cells from a card's base to the local midnight of its first day: windows cross midnight, by a long day at most."""
_BEFORE_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_NO_SERVICE = ServiceFacts(
    id=UUID(int=0),
    slug="",
    kind="",
    name="",
    description="",
    minutes=15,
    price=Money(0, "XXX"),
    buffer_before=0,
    buffer_after=0,
    at_clinic=True,
    at_home=True,
)


class CardKey(NamedTuple):
    """Whose card: a therapist at a clinic place, or (None) on home visits."""

    therapist_id: UUID
    place_id: UUID | None


class FreeTime(NamedTuple):
    """The part of a card that every change of the diary changes."""

    base_cell: int
    until_cell: int
    gaps: bytes
    holds_until: datetime | None


class CardFacts(NamedTuple):
    """The part of a card that is published about a practice and its people."""

    practitioner_id: UUID
    lat: float
    lon: float
    reach_km: float
    keys: list[int]
    around: list[int]
    skills: list[str]
    languages: list[str]
    gender: str
    max_level: int
    access: list[str]
    registered_until: date | None
    timezone: str
    grid_minutes: int
    notice_minutes: int
    horizon_days: int


def card_key(service: str, minutes: int) -> int:
    """How a card names a treatment, by kind or by slug with its length: a number, which takes a fifth of the room.

    Two names in four thousand million share one; the diary, asked before a time is shown, knows them apart."""
    return zlib.crc32(f"{service}/{minutes}".encode()) - 2**31


def live_cards(
    *, first: date, therapist_ids: Collection[UUID] | None = None
) -> dict[CardKey, tuple[CardFacts, FreeTime]]:
    """What the cards of the practice in scope have to say from the local day `first` on, all or these therapists'.

    Rows decide, no clock: every hold counts, and the card says when the first of them runs out. Fifteen queries for any
    number of therapists.
    """
    scope = tenancy.current()
    listing = next(iter(practices.directory([scope.practice_id])), None) if scope and scope.practice_id else None
    if listing is None:
        return {}
    team = [one for one in listing.therapists if therapist_ids is None or one.id in therapist_ids]
    board = _board(practices.setup(), team, first)
    holds = holds_until([one.account_id for one in team])
    found = {}
    for therapist in team:
        for place in _ways(board, therapist):
            keys, around = _menu(listing, therapist, at_home=place is None)
            if keys:
                facts = _facts(listing, board, therapist, place, keys, around)
                found[_key(therapist, place)] = (facts, _free(board, therapist, place, holds))
    return found


def live_free_time(keys: Collection[CardKey], *, first: date) -> dict[CardKey, FreeTime]:
    """The free time of these cards of the practice in scope, from their rows. For after a change of the diary only."""
    scope = tenancy.current()
    if scope is None or scope.practice_id is None:
        return {}
    whose = {one.therapist_id for one in keys}
    known = practices.setup()
    team = [one for one in known.team if one.id in whose]
    board = _board(known, team, first)
    holds = holds_until([one.account_id for one in team])
    found = {}
    for therapist in team:
        for place in _ways(board, therapist):
            if _key(therapist, place) in keys:
                found[_key(therapist, place)] = _free(board, therapist, place, holds)
    return found


def first_day(base_cell: int, zone: str) -> date:
    """The local day from which a card with this base looks ahead."""
    return local(instant_of_cell(base_cell + _BEFORE), zone).date()


def position(lat: float, lon: float) -> str:
    """Degrees as a `cube` literal: kilometres from the middle of the earth."""
    phi, lam = radians(lat), radians(lon)
    return f"({EARTH_KM * cos(phi) * cos(lam)!r}, {EARTH_KM * cos(phi) * sin(lam)!r}, {EARTH_KM * sin(phi)!r})"


def _key(therapist: TherapistFacts, place: PlaceFacts | None) -> CardKey:
    return CardKey(therapist.id, place.id if place else None)


def _board(known: Setup, team: list[TherapistFacts], first: date) -> Board:
    """A board without a service in question: all the time of these therapists for as long as a card looks."""
    last = first + timedelta(days=min(known.practice.horizon_days, MOST_DAYS) + SPARE_DAYS)
    question = Question(known.practice, _NO_SERVICE, first, last, now=_BEFORE_TIME)
    places = {one.id: one for one in known.places}
    bases = {one.id: Point(one.lat, one.lon) for one in (*known.places, *known.bases)}
    board = Board(question, known, team, places, bases, {})
    board.opening = availability.opening([one.id for one in team], first=first, last=last, setup=known)
    fill(board, rooms=False)
    return board


def _ways(board: Board, therapist: TherapistFacts) -> Iterator[PlaceFacts | None]:
    for hours in board.opening[therapist.id].hours:
        if hours.place_id in board.places:
            yield board.places[hours.place_id]
        elif hours.place_id is None and therapist.home_visits and base_of(board, therapist) is not None:
            yield None


def _free(board: Board, therapist: TherapistFacts, place: PlaceFacts | None, holds: dict[UUID, datetime]) -> FreeTime:
    zone = board.question.practice.timezone
    base = cell_of(local_day_bounds(board.question.first, zone)[0]) - _BEFORE
    until = cell_up(local_day_bounds(board.question.last, zone)[1])
    gaps = _home_gaps(board, therapist) if place is None else _clinic_gaps(board, therapist, place)
    ahead = [one for one in gaps if one[0] >= base]
    return FreeTime(base, until, pack(ahead, base), holds.get(therapist.account_id))


def _clinic_gaps(board: Board, therapist: TherapistFacts, place: PlaceFacts) -> list[Gap]:
    sweep = clinic_sweep(board, therapist, place, board.opening[therapist.id].at(place.id))
    return free_gaps(sweep.windows, sweep.busy, buffer_rule=board.question.practice.buffer_rule)


def _home_gaps(board: Board, therapist: TherapistFacts) -> list[Gap]:
    """Home visits without drives, every edge rounded in the client's favour: the search asks the diary before it says
    a time."""
    windows, stops = home_sweep(board, therapist)
    busy = [Busy(-(-one.starts // 5), one.ends // 5) for one in stops]
    return free_gaps([(-(-start // 5), end // 5) for start, end in windows], busy)


def _menu(listing: Listing, therapist: TherapistFacts, *, at_home: bool) -> tuple[list[int], list[int]]:
    """What the therapist gives there: the practice's first service of each name and length, if it is theirs."""
    first: dict[int, ServiceFacts] = {}
    for one in listing.services:
        if one.at_home if at_home else one.at_clinic:
            for name in (one.kind, one.slug):
                first.setdefault(card_key(name, one.minutes), one)
    given = sorted((key, one) for key, one in first.items() if one.id in therapist.service_ids)
    cells = (lambda minutes: minutes // 5) if at_home else cells_up
    around = [cells(side) for _, one in given for side in (one.buffer_before, one.buffer_after)]
    return [key for key, _ in given], around


def _facts(
    listing: Listing,
    board: Board,
    therapist: TherapistFacts,
    place: PlaceFacts | None,
    keys: list[int],
    around: list[int],
) -> CardFacts:
    practice = listing.practice
    if place is not None:
        lat, lon, reach, access = place.lat, place.lon, EVERYWHERE_KM, {*place.access, *listing.room_attributes}
    else:
        base = base_of(board, therapist)
        assert base is not None  # noqa: S101 - `_ways` asked
        (lat, lon), reach, access = coarse(base.lat, base.lon), therapist.travel_km + COARSE_SLACK_KM, {*AT_HOME_ACCESS}
    runs_out = [one.expires_on or ENDLESS for one in therapist.registrations(date.min)]
    return CardFacts(
        practitioner_id=therapist.account_id,
        lat=lat,
        lon=lon,
        reach_km=float(reach),
        keys=keys,
        around=around,
        skills=sorted(therapist.verified_skills()),
        languages=sorted(therapist.languages),
        gender=therapist.gender,
        max_level=therapist.max_level,
        access=sorted(access),
        registered_until=max(runs_out, default=None),
        timezone=practice.timezone,
        grid_minutes=practice.grid_minutes,
        notice_minutes=practice.notice_minutes,
        horizon_days=practice.horizon_days,
    )
