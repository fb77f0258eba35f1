"""The search over all practices."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.matching import queries
from unknot.matching.domain import CLINIC, HOME, MatchQuery, distance_km
from unknot.matching.queries import Found
from unknot.practice.models import Credential, Place, Practice, Therapist

STRATHCONA = (53.5186, -113.4966)


@pytest.fixture
def city(riverbend: Stage, openhands: Stage, foothills: Stage) -> Stage:
    return openhands


def look(now: datetime, mode: str = CLINIC, **wishes: Any) -> list[Found]:
    given = {"service": "therapeutic", "minutes": 60, "radius_km": 25.0, "lat": STRATHCONA[0], "lon": STRATHCONA[1]}
    query = MatchQuery(**given | {"mode": mode, "starts_from": now, "starts_before": now + timedelta(days=7)} | wishes)
    with tenancy.scope():
        return queries.search(query=query, now=now)


def test_everyone_who_can_is_there_once_best_first(city: Stage, now: datetime) -> None:
    found = look(now)
    assert [one.therapist.slug for one in found] == ["lin-zhou", "ezra-feld", "maren-oduya"]
    assert [one.match.score for one in found] == sorted((one.match.score for one in found), reverse=True)
    for one in found:
        assert one.match.score == sum(part.points for part in one.match.parts)
        assert len(one.slots) == 3
        assert [slot.starts_at for slot in one.slots] == list(one.match.starts)


def test_wishes_move_and_conditions_remove(city: Stage, now: datetime) -> None:
    assert [one.therapist.slug for one in look(now, gender="man")] == ["ezra-feld"]
    assert look(now, language="fr")[0].therapist.slug == "maren-oduya"
    assert [one.therapist.slug for one in look(now, access=frozenset({"step_free"}))] == ["ezra-feld", "maren-oduya"]
    assert look(now, minutes=45) == []


def base_at(stage: Stage, lat: float, lon: float) -> None:
    with tenancy.scope(practice_id=stage.practice.id):
        Place.objects.filter(slug="amara-base").update(lat=lat, lon=lon)


def test_home_visits_tell_no_more_than_the_cell_of_a_base(city: Stage, now: datetime) -> None:
    seen = []
    for lat, lon in ((53.545, -113.510), (53.555, -113.515), (53.575, -113.515)):
        base_at(city, lat, lon)
        found = look(now, HOME)
        assert {one.therapist.slug for one in found} == {"amara-nwosu", "jules-tremblay", "maren-oduya"}
        amara = next(one for one in found if one.therapist.slug == "amara-nwosu")
        assert amara.place is None
        assert abs(amara.match.distance_km - distance_km(*STRATHCONA, lat, lon)) > 0.01
        assert amara.distance == f"about {round(amara.match.distance_km)} km"
        seen.append(amara.match.parts[0])
    assert seen[0] == seen[1]  # within one cell: the same answer to everybody
    assert seen[1] != seen[2]  # from the next cell on: another


def test_who_does_not_want_to_be_found_is_not(city: Stage, riverbend: Stage, now: datetime) -> None:
    with tenancy.scope(practice_id=city.practice.id):
        Therapist.objects.filter(slug="lin-zhou").update(listed=False)
    with tenancy.scope(practice_id=riverbend.practice.id):
        Practice.objects.filter(pk=riverbend.practice.id).update(published=False)
    assert [one.therapist.slug for one in look(now)] == ["ezra-feld"]


def test_an_expired_registration_costs_its_points_and_is_said(city: Stage, now: datetime) -> None:
    with tenancy.scope(practice_id=city.practice.id):
        Credential.objects.filter(therapist__slug="lin-zhou", kind="association").update(
            expires_on=now.date() - timedelta(days=1)
        )
    lin = next(one for one in look(now) if one.therapist.slug == "lin-zhou")
    assert lin.registration is None
    assert lin.match.against == ("No current registration was checked",)


def test_unverified_credentials_and_bases_stay_behind_the_wall(city: Stage) -> None:
    with tenancy.scope(practice_id=city.practice.id):
        Credential.objects.filter(therapist__slug="lin-zhou").update(verified_at=None)
    with tenancy.scope():
        assert Credential.across_practices.filter(therapist__slug="lin-zhou").count() == 0
        assert Place.across_practices.filter(kind="base").count() == 0
        assert Place.across_practices.filter(kind="clinic").count() == 4


def test_the_search_asks_as_often_for_a_team_of_six_as_for_one(
    riverbend: Stage, foothills: Stage, now: datetime, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    counts = []
    for stage in (riverbend, foothills):
        place = next(one for one in stage.places.values() if one.kind == "clinic")
        with django_assert_max_num_queries(40) as asked:
            assert look(now, lat=place.lat, lon=place.lon) != []
        counts.append(len(asked))
    assert counts[0] == counts[1]
