"""The marketplace search: published facts of all practices, free times of those that may fit, one published ranking."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from unknot.booking.queries import Slot, first_starts
from unknot.db import tenancy
from unknot.kernel import zones
from unknot.matching.domain import (
    HOME,
    POINTS,
    RANKING_VERSION,
    Area,
    Candidate,
    Match,
    MatchQuery,
    Part,
    coarse,
    distance_km,
    find_area,
    rank,
)
from unknot.practice import queries as practice
from unknot.practice.queries import CredentialFacts, Listing, PlaceFacts, PracticeFacts, ServiceFacts, TherapistFacts
from unknot.reviews import queries as reviews
from unknot.reviews.queries import Rating
from unknot.travel.queries import Point

MOST_PRACTICES = 40  # whose diaries one search opens, nearest first
TIMES_SHOWN = 3
GRID_SLACK_KM = 3  # how far a coarse base may lie from the real one, at most
FIRMEST, LIGHTEST = 5, 1
AT_HOME_ACCESS = frozenset({"step_free", "quiet"})  # one's own door and one's own quiet


@dataclass(frozen=True)
class Found:
    """A therapist who can serve the request, and everything that may be said about it."""

    practice: PracticeFacts
    therapist: TherapistFacts
    service: ServiceFacts
    place: PlaceFacts | None
    match: Match
    slots: tuple[Slot, ...]
    rating: Rating
    registration: CredentialFacts | None

    @property
    def distance(self) -> str:
        """In words; rounded to whole kilometres where it leads to somebody's own start of the day."""
        if self.place is None:
            return f"about {max(1, round(self.match.distance_km))} km"
        return f"{self.match.distance_km:.1f} km"

    @property
    def first_name(self) -> str:
        """For short sentences."""
        return self.therapist.name.split()[0]


@dataclass(frozen=True)
class RankingRule:
    """The published rule: points of each part, in the order in which they are explained."""

    version: str
    points: tuple[tuple[str, int], ...]
    total: int


class _Way(NamedTuple):
    """One way in which a therapist could serve: the service, where, and where that is for the ranking."""

    listing: Listing
    therapist: TherapistFacts
    service: ServiceFacts
    place: PlaceFacts | None
    lat: float
    lon: float
    slots: tuple[Slot, ...]


def area(text: str) -> Area | None:
    """Where a typed place is, or None."""
    return find_area(text)


def ranking_rule() -> RankingRule:
    """The points of the ranking, for people."""
    return RankingRule(RANKING_VERSION, tuple((part.value, POINTS[part]) for part in Part), sum(POINTS.values()))


def listings() -> list[Listing]:
    """Every published practice with its therapists, menu and clinics."""
    return practice.directory()


def choices(shown: Iterable[Listing]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Skills and languages to choose from, as (code, words), by words: those that somebody listed has."""
    people = [one for listing in shown for one in listing.therapists]
    skills = {slug: practice.skill_label(slug) for one in people for slug in one.skills}
    languages = {code: practice.language_name(code) for one in people for code in one.languages}
    return sorted(skills.items(), key=lambda pair: pair[1]), sorted(languages.items(), key=lambda pair: pair[1])


def nearest(shown: Iterable[Listing], lat: float, lon: float) -> PracticeFacts | None:
    """The practice with the nearest clinic, or None if nobody is listed."""
    ranked = [
        (distance_km(lat, lon, place.lat, place.lon), listing.practice.slug, listing.practice)
        for listing in shown
        for place in listing.places
    ]
    return min(ranked, key=lambda row: row[:2])[2] if ranked else None


def search(*, query: MatchQuery, shown: list[Listing], now: datetime) -> list[Found]:
    """Everyone who can serve the request, best first, each therapist once.

    The diaries of at most MOST_PRACTICES practices are opened, nearest first, each inside its own walls. Queries do
    not depend on how many therapists there are, only on how many clinics lie within reach.
    """
    ratings = reviews.rating([one.id for listing in shown for one in listing.therapists])
    ways: dict[str, _Way] = {}
    candidates = []
    for way in _ways(query, shown, now):
        key = f"{way.therapist.id}:{way.place.slug if way.place else HOME}"
        ways[key] = way
        candidates.append(_candidate(key, query, way, ratings[way.therapist.id], now))
    best: dict[UUID, Found] = {}
    for match in rank(query, candidates):
        way = ways[match.candidate_id]
        if way.therapist.id not in best:
            best[way.therapist.id] = _found(way, match, ratings[way.therapist.id], now)
    return list(best.values())


def _ways(query: MatchQuery, shown: list[Listing], now: datetime) -> Iterator[_Way]:
    near = sorted(shown, key=lambda one: (_nearest_km(query, one), one.practice.slug))[:MOST_PRACTICES]
    for listing in near:
        service = _service(query, listing)
        if service is None:
            continue
        account = scope.account_id if (scope := tenancy.current()) else None
        if query.mode == HOME:
            with tenancy.scope(practice_id=listing.practice.id, account_id=account):
                yield from list(_home_ways(query, listing, service, now))
            continue
        places = [
            one for one in listing.places if distance_km(query.lat, query.lon, one.lat, one.lon) <= query.radius_km
        ]
        if places:
            with tenancy.scope(practice_id=listing.practice.id, account_id=account):
                yield from list(_clinic_ways(query, listing, service, places, now))


def _clinic_ways(
    query: MatchQuery, listing: Listing, service: ServiceFacts, places: list[PlaceFacts], now: datetime
) -> Iterator[_Way]:
    first, last = _days(query, listing.practice)
    for place in places:
        starts = first_starts(
            practice=listing.practice,
            service=service,
            first=first,
            last=last,
            now=now,
            place_slug=place.slug,
            count=_count(query, listing.practice),
        )
        for therapist in listing.therapists:
            if slots := starts.get(therapist.id):
                yield _Way(listing, therapist, service, place, place.lat, place.lon, tuple(slots))


def _home_ways(query: MatchQuery, listing: Listing, service: ServiceFacts, now: datetime) -> Iterator[_Way]:
    first, last = _days(query, listing.practice)
    bases = {one.id: one for one in practice.places(kind="base")}
    starts = first_starts(
        practice=listing.practice,
        service=service,
        first=first,
        last=last,
        now=now,
        home=Point(query.lat, query.lon),
        count=_count(query, listing.practice),
    )
    for therapist in listing.therapists:
        base = bases.get(therapist.base_id) if therapist.base_id else next(iter(listing.places), None)
        slots = starts.get(therapist.id)
        if base is not None and slots:
            lat, lon = coarse(base.lat, base.lon)
            yield _Way(listing, therapist, service, None, lat, lon, tuple(slots))


def _candidate(key: str, query: MatchQuery, way: _Way, rating: Rating, now: datetime) -> Candidate:
    today = zones.local(now, way.listing.practice.timezone).date()
    therapist = way.therapist
    return Candidate(
        id=key,
        lat=way.lat,
        lon=way.lon,
        modes=frozenset({query.mode}),
        home_radius_km=therapist.travel_km + GRID_SLACK_KM,
        lengths=frozenset({(query.service, query.minutes)} if way.service.id in therapist.service_ids else set()),
        free_starts=tuple(slot.starts_at for slot in way.slots),
        skills=therapist.verified_skills(),
        languages=frozenset(therapist.languages),
        gender=therapist.gender,
        pressure=(LIGHTEST, therapist.max_level),
        access=frozenset(way.place.access) | way.listing.room_attributes if way.place else AT_HOME_ACCESS,
        credential_verified=bool(therapist.registrations(today)),
        rating_millistars=rating.millistars,
        review_count=rating.count,
    )


def _found(way: _Way, match: Match, rating: Rating, now: datetime) -> Found:
    today = zones.local(now, way.listing.practice.timezone).date()
    wanted = set(match.starts)
    return Found(
        practice=way.listing.practice,
        therapist=way.therapist,
        service=way.service,
        place=way.place,
        match=match,
        slots=tuple(slot for slot in way.slots if slot.starts_at in wanted),
        rating=rating,
        registration=next(iter(way.therapist.registrations(today)), None),
    )


def _service(query: MatchQuery, listing: Listing) -> ServiceFacts | None:
    """The practice's service for the request: by kind or by slug, of that length, given in that mode."""
    for one in listing.services:
        fits = one.at_home if query.mode == HOME else one.at_clinic
        if fits and query.service in (one.kind, one.slug) and one.minutes == query.minutes:
            return one
    return None


def _days(query: MatchQuery, facts: PracticeFacts) -> tuple[date, date]:
    """The local days that the asked-for time touches."""
    first = zones.local(query.starts_from, facts.timezone).date()
    last = zones.local(query.starts_before - timedelta(microseconds=1), facts.timezone).date()
    return first, last


def _count(query: MatchQuery, facts: PracticeFacts) -> int:
    """Enough starts that three remain after those outside the asked-for hours of the first day are dropped."""
    first_day, _ = zones.local_day_bounds(_days(query, facts)[0], facts.timezone)
    skipped = (query.starts_from - first_day).total_seconds() // 60 // facts.grid_minutes
    return TIMES_SHOWN + int(skipped)


def _nearest_km(query: MatchQuery, listing: Listing) -> float:
    return min((distance_km(query.lat, query.lon, one.lat, one.lon) for one in listing.places), default=20_000.0)


def window(*, first: date, days: int, timezone: str, now: datetime) -> tuple[datetime, datetime]:
    """The instants from `first` (or `now`, if later) to the end of its `days`-th local day."""
    opens, _ = zones.local_day_bounds(first, timezone)
    _, closes = zones.local_day_bounds(first + timedelta(days=days - 1), timezone)
    return max(opens, now.astimezone(UTC)), closes
