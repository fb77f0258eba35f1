"""The search over cards gives what the diaries of everybody would give: the same people, points, reasons and starts."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from unknot.booking import actions
from unknot.booking import queries as booking
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.matching import queries
from unknot.matching.domain import CLINIC, HOME, MatchQuery
from unknot.matching.queries import Found
from unknot.matching.queries.diaries import judge, ways
from unknot.people.models import Client
from unknot.practice import queries as practice
from unknot.practice.models import Room, Therapist
from unknot.reviews import queries as reviews

CITY = (53.5186, -113.4966)


@pytest.fixture
def city(riverbend: Stage, openhands: Stage, foothills: Stage) -> list[Stage]:
    return [riverbend, openhands, foothills]


def by_diaries(query: MatchQuery, now: datetime, *, nearest: bool = False) -> list[Found]:
    """Everybody's diary asked, the slow way."""
    with tenancy.scope():
        listings = practice.directory()
        whom: dict[UUID, Any] = {one.practice.id: None for one in listings}
        every = list(ways(query, listings, whom, now))
        stars = reviews.rating([way.therapist.id for way in every])
        found = [one for way in every if (one := judge(query, way, stars[way.therapist.id], now))]

    def order(one: Found) -> tuple[float, str]:
        return (one.match.distance_km if nearest else -one.match.score), one.match.candidate_id

    best: dict[UUID, Found] = {}
    for one in sorted(found, key=order):
        best.setdefault(one.therapist.id, one)
    return list(best.values())


def by_cards(query: MatchQuery, now: datetime, limit: int = 20, *, nearest: bool = False) -> list[Found]:
    with tenancy.scope():
        return queries.search(query=query, now=now, limit=limit, nearest=nearest)


def renew(stages: list[Stage], now: datetime) -> None:
    for stage in stages:
        with tenancy.scope(practice_id=stage.practice.id):
            actions.renew_cards(by=system(stage.practice.id), now=now)


def fill(stage: Stage, dice: random.Random, now: datetime, count: int) -> None:
    """Visits and holds at random, some of them moved or cancelled again."""
    with tenancy.scope(practice_id=stage.practice.id):
        facts, by = practice.practice(stage.practice.id), system(stage.practice.id)
        clients = [Client.objects.create(practice=stage.practice, name=f"P {one}") for one in range(count)]
        for client in clients:
            service = dice.choice(practice.services())
            day = (now + timedelta(days=dice.randrange(0, 12))).date()
            home = None
            if service.at_home and (dice.random() < 0.5 or not service.at_clinic):
                home = practice_point(dice)
            slots = booking.open_slots(practice=facts, service=service, first=day, last=day, now=now, home=home)
            if not slots:
                continue
            slot = dice.choice(slots)
            given: dict[str, Any] = {
                "by": by,
                "practice": facts,
                "service_slug": service.slug,
                "therapist_slug": slot.therapist_slug,
                "place_slug": slot.place_slug,
                "local_start": slot.local_start,
                "home": home,
                "home_address": "Somewhere 1",
                "now": now,
            }
            if dice.random() < 0.3:
                actions.hold_slot(**given)
                continue
            visit = actions.book_directly(**given, client_id=client.pk, intake_id=None)
            if dice.random() < 0.2:
                actions.cancel(by=by, appointment_id=visit.id, now=now)


def practice_point(dice: random.Random) -> Any:
    from unknot.travel.queries import Point

    return Point(CITY[0] + dice.uniform(-0.05, 0.05), CITY[1] + dice.uniform(-0.08, 0.08))


def a_query(dice: random.Random, now: datetime) -> MatchQuery:
    start = now + timedelta(days=dice.choice((0, 0, 1, 3, 6)), minutes=dice.choice((0, 0, 37)))
    hours = dice.choice((None, None, (17 * 60, 21 * 60), (7 * 60, 12 * 60), (10 * 60 + 5, 10 * 60 + 50)))
    return MatchQuery(
        lat=CITY[0] + dice.uniform(-0.1, 0.1),
        lon=CITY[1] + dice.uniform(-0.1, 0.1),
        radius_km=dice.choice((4.0, 15.0, 25.0, 400.0)),
        service=dice.choice(
            ("therapeutic", "therapeutic", "deep_tissue", "relaxation", "therapeutic-60", "home-therapeutic-60")
        ),
        minutes=dice.choice((60, 60, 60, 90)),
        mode=dice.choice((CLINIC, CLINIC, HOME)),
        starts_from=start,
        starts_before=start + timedelta(days=dice.choice((1, 7, 14, 31))),
        skills=frozenset(dice.sample(["low_back", "neck", "deep_tissue", "jaw"], dice.choice((0, 0, 1, 2)))),
        language=dice.choice(("", "", "fr", "he")),
        gender=dice.choice(("", "", "", "", "woman")),
        max_pressure=dice.choice((None, None, 2, 5)),
        access=frozenset(dice.choice(((), (), ("step_free",), ("quiet",)))),
        hours=hours,
        must_have=frozenset(dice.choice(((), (), (), ("neck",)))),
    )


def told(found: list[Found]) -> list[Any]:
    return [(one.match.candidate_id, one.match.score, one.match.why, one.match.starts, one.distance) for one in found]


@pytest.mark.parametrize("seed", range(2))
def test_the_same_answer(city: list[Stage], now: datetime, seed: int) -> None:
    dice = random.Random(seed)
    if seed != 1:
        renew(city, now)  # before the diaries fill: kept up by every write
    for stage in city:
        fill(stage, dice, now, 8)
    if seed == 1:
        renew(city, now)
    with tenancy.scope(practice_id=city[2].practice.id):
        Room.objects.filter(place__slug="clinic").exclude(name__startswith="R").update(active=False)
    renew(city[2:], now)
    answers = 0
    for number in range(25):
        query, nearest = a_query(dice, now), number % 3 == 0
        wanted = told(by_diaries(query, now, nearest=nearest))
        assert told(by_cards(query, now, nearest=nearest)) == wanted
        assert told(by_cards(query, now, 2, nearest=nearest)) == wanted[:2]
        answers += len(wanted)
    assert answers > 15


def test_time_alone_makes_no_answer_wrong(city: list[Stage], now: datetime) -> None:
    """Days without a nightly job: holds ran out, horizons moved, and whoever asks still gets the truth."""
    dice = random.Random(7)
    renew(city, now)
    for stage in city:
        fill(stage, dice, now, 5)
    for days, minutes in ((0, 12), (1, 0), (4, 300), (70, 0)):
        later = now + timedelta(days=days, minutes=minutes)
        for _ in range(5):
            query = a_query(dice, later)
            assert told(by_cards(query, later)) == told(by_diaries(query, later))


def test_a_full_room_is_found_out(city: list[Stage], now: datetime) -> None:
    """Cards know nothing of rooms: the only room taken by a colleague takes the start out of the answer."""
    hills = city[2]
    with tenancy.scope(practice_id=hills.practice.id):
        for room in hills.rooms["clinic"][1:]:
            room.active = False
            room.save()
        place = hills.places["clinic"]
    renew(city, now)
    base: dict[str, Any] = {
        "lat": place.lat,
        "lon": place.lon,
        "radius_km": 5.0,
        "service": "therapeutic",
        "mode": CLINIC,
    }
    day = datetime(2026, 11, 23, 7, tzinfo=UTC)
    query = MatchQuery(**base, minutes=60, starts_from=day, starts_before=day + timedelta(days=1), hours=(780, 781))
    before = by_cards(query, now)
    assert len(before) > 1
    with tenancy.scope(practice_id=hills.practice.id):
        client = Client.objects.create(practice=hills.practice, name="P")
        actions.book_directly(
            by=system(hills.practice.id),
            practice=practice.practice(hills.practice.id),
            service_slug="therapeutic-60",
            therapist_slug=before[0].therapist.slug,
            place_slug="clinic",
            local_start=before[0].slots[0].local_start,
            client_id=client.pk,
            intake_id=None,
            now=now,
        )
    with tenancy.scope():
        assert len(queries.Shortlist(query, now).top(20)) == len(before) - 1
    assert by_cards(query, now) == by_diaries(query, now) == []


def test_the_statements_depend_on_practices_opened_and_not_on_people(city: list[Stage], now: datetime) -> None:
    counts = []
    for stage in (city[0], city[2]):
        renew(city, now)
        place = next(one for one in stage.places.values() if one.kind == "clinic")
        query = MatchQuery(
            lat=place.lat,
            lon=place.lon,
            radius_km=3.0,
            service="therapeutic",
            minutes=60,
            mode=CLINIC,
            starts_from=now,
            starts_before=now + timedelta(days=7),
        )
        with CaptureQueriesContext(connection) as asked:
            found = by_cards(query, now)
        counts.append((len(asked), {one.practice.slug for one in found}, len(found)))
    assert [len(slugs) for _, slugs, _ in counts] == [1, 1]
    assert counts[0][2] < counts[1][2]
    assert counts[0][0] == counts[1][0] < 35


def test_who_is_not_listed_any_more_is_gone_at_once(city: list[Stage], now: datetime) -> None:
    renew(city, now)
    start = now + timedelta(hours=1)
    query = MatchQuery(*CITY, 25.0, "therapeutic", 60, CLINIC, start, start + timedelta(days=7))
    assert "lin-zhou" in {one.therapist.slug for one in by_cards(query, now)}
    with tenancy.scope(practice_id=city[1].practice.id):
        Therapist.objects.filter(slug="lin-zhou").update(listed=False)
    assert "lin-zhou" not in {one.therapist.slug for one in by_cards(query, now)}
