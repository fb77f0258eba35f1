"""Ways to serve a request, asked of the practices' own diaries, each inside its own walls: the exact answer."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from unknot.booking.queries import first_starts
from unknot.db import tenancy
from unknot.kernel import zones
from unknot.matching.domain import HOME, Candidate, MatchQuery, distance_km, match
from unknot.matching.queries.facts import Found, Way
from unknot.practice import queries as practice
from unknot.practice.queries import Listing, PlaceFacts, PracticeFacts, ServiceFacts
from unknot.reviews.queries import Rating
from unknot.travel.queries import COARSE_SLACK_KM, Point, coarse

AT_HOME_ACCESS = frozenset({"step_free", "quiet"})  # one's own door and one's own quiet
TIMES_SHOWN = 3
LIGHTEST = 1
Whom = dict[UUID, Collection[UUID] | None]
"""Practices whose diaries are opened: for these therapists, or (None) for all."""


def ways(query: MatchQuery, listings: Iterable[Listing], whom: Whom, now: datetime) -> Iterator[Way]:
    """Every way in which these people can serve the request, with their first three free starts.

    About ten statements a practice, however many therapists.
    """
    for listing in listings:
        service = _service(query, listing)
        if service is None:
            continue
        only = whom[listing.practice.id]
        account = scope.account_id if (scope := tenancy.current()) else None
        if query.mode == HOME:
            with tenancy.scope(practice_id=listing.practice.id, account_id=account):
                yield from list(_home_ways(query, listing, service, only, now))
            continue
        places = [
            one for one in listing.places if distance_km(query.lat, query.lon, one.lat, one.lon) <= query.radius_km
        ]
        if places:
            with tenancy.scope(practice_id=listing.practice.id, account_id=account):
                yield from list(_clinic_ways(query, listing, service, places, only, now))


def _clinic_ways(
    query: MatchQuery,
    listing: Listing,
    service: ServiceFacts,
    places: list[PlaceFacts],
    only: Collection[UUID] | None,
    now: datetime,
) -> Iterator[Way]:
    first, last = _days(query, listing.practice)
    for place in places:
        starts = first_starts(
            practice=listing.practice,
            service=service,
            first=first,
            last=last,
            now=now,
            place_slug=place.slug,
            count=TIMES_SHOWN,
            only=only,
            since=query.starts_from,
            hours=query.hours,
        )
        for therapist in listing.therapists:
            if slots := starts.get(therapist.id):
                yield Way(listing, therapist, service, place, place.lat, place.lon, tuple(slots))


def _home_ways(
    query: MatchQuery, listing: Listing, service: ServiceFacts, only: Collection[UUID] | None, now: datetime
) -> Iterator[Way]:
    first, last = _days(query, listing.practice)
    bases = {one.id: one for one in practice.places(kind="base")}
    starts = first_starts(
        practice=listing.practice,
        service=service,
        first=first,
        last=last,
        now=now,
        home=Point(query.lat, query.lon),
        count=TIMES_SHOWN,
        only=only,
        since=query.starts_from,
        hours=query.hours,
    )
    for therapist in listing.therapists:
        base = bases.get(therapist.base_id) if therapist.base_id else next(iter(listing.places), None)
        slots = starts.get(therapist.id)
        if base is not None and slots:
            lat, lon = coarse(base.lat, base.lon)
            yield Way(listing, therapist, service, None, lat, lon, tuple(slots))


def judge(query: MatchQuery, way: Way, rating: Rating, now: datetime) -> Found | None:
    """The way with its score by the published rule, or None if a condition is not met."""
    today = zones.local(now, way.listing.practice.timezone).date()
    found = match(query, _candidate(query, way, rating, today))
    if found is None:
        return None
    wanted = set(found.starts)
    return Found(
        practice=way.listing.practice,
        therapist=way.therapist,
        service=way.service,
        place=way.place,
        match=found,
        slots=tuple(slot for slot in way.slots if slot.starts_at in wanted),
        rating=rating,
        registration=next(iter(way.therapist.registrations(today)), None),
    )


def _candidate(query: MatchQuery, way: Way, rating: Rating, today: date) -> Candidate:
    therapist = way.therapist
    return Candidate(
        id=way.key,
        lat=way.lat,
        lon=way.lon,
        modes=frozenset({query.mode}),
        home_radius_km=therapist.travel_km + COARSE_SLACK_KM,
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
