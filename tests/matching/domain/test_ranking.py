"""The published ranking: filters hold, scores add up, and being better never costs a place."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.matching.domain import (
    CLINIC,
    HOME,
    POINTS,
    Candidate,
    MatchQuery,
    MatchQueryError,
    Part,
    distance_km,
    exclusions,
    match,
    most_points,
    rank,
)

FROM = datetime(2026, 11, 23, 7, tzinfo=UTC)
TO = FROM + timedelta(days=7)
SKILLS = ["deep_tissue", "myofascial", "prenatal"]
ACCESS = ["step_free", "low_table", "quiet"]

QUERY = MatchQuery(53.54, -113.49, 10, "massage", 60, CLINIC, FROM, TO)
ONE = Candidate(
    id="a",
    lat=53.55,
    lon=-113.50,
    modes=frozenset({CLINIC, HOME}),
    home_radius_km=20,
    lengths=frozenset({("massage", 60)}),
    free_starts=(
        FROM + timedelta(hours=5),
        FROM + timedelta(hours=2),
        FROM + timedelta(days=3),
        FROM + timedelta(days=4),
    ),
)

queries = st.builds(
    MatchQuery,
    lat=st.floats(53, 54),
    lon=st.floats(-114, -113),
    radius_km=st.floats(1, 60),
    service=st.sampled_from(["massage", "hot_stone"]),
    minutes=st.sampled_from([60, 90]),
    mode=st.sampled_from([CLINIC, HOME]),
    starts_from=st.just(FROM),
    starts_before=st.integers(1, 14).map(lambda days: FROM + timedelta(days=days)),
    skills=st.frozensets(st.sampled_from(SKILLS)),
    language=st.sampled_from(["", "en", "fr"]),
    gender=st.sampled_from(["", "woman", "man"]),
    max_pressure=st.none() | st.integers(0, 5),
    access=st.frozensets(st.sampled_from(ACCESS), max_size=1),
)
ranges = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda pair: (min(pair), max(pair)))
candidates = st.builds(
    Candidate,
    id=st.text("abc", min_size=1, max_size=4),
    lat=st.floats(53, 54),
    lon=st.floats(-114, -113),
    modes=st.frozensets(st.sampled_from([CLINIC, HOME])),
    home_radius_km=st.floats(0, 60),
    lengths=st.frozensets(st.tuples(st.sampled_from(["massage", "hot_stone"]), st.sampled_from([60, 90]))),
    free_starts=st.lists(st.integers(-48, 400).map(lambda hours: FROM + timedelta(hours=hours)), max_size=5).map(tuple),
    skills=st.frozensets(st.sampled_from(SKILLS)),
    languages=st.frozensets(st.sampled_from(["en", "fr"])),
    gender=st.sampled_from(["", "woman", "man"]),
    pressure=ranges,
    access=st.frozensets(st.sampled_from(ACCESS)),
    credential_verified=st.booleans(),
    rating_millistars=st.integers(1_000, 5_000),
    review_count=st.integers(0, 100),
)
crowds = st.lists(candidates, max_size=8, unique_by=lambda candidate: candidate.id)


@given(queries, crowds)
def test_no_hard_filter_is_ever_violated(query: MatchQuery, crowd: list[Candidate]) -> None:
    shown = {found.candidate_id: found for found in rank(query, crowd)}
    for candidate in crowd:
        away = distance_km(query.lat, query.lon, candidate.lat, candidate.lon)
        fits = (
            query.mode in candidate.modes
            and away <= query.radius_km
            and (query.mode == CLINIC or away <= candidate.home_radius_km)
            and (query.service, query.minutes) in candidate.lengths
            and any(query.starts_from <= start < query.starts_before for start in candidate.free_starts)
            and (not query.gender or candidate.gender == query.gender)
            and query.access <= candidate.access
        )
        assert (candidate.id in shown) == fits
        assert (exclusions(query, candidate) == ()) == fits


@given(queries, crowds)
def test_a_score_is_the_sum_of_its_parts_and_stays_in_bounds(query: MatchQuery, crowd: list[Candidate]) -> None:
    for found in rank(query, crowd):
        assert found.score == sum(part.points for part in found.parts)
        assert [part.part for part in found.parts] == list(Part)
        assert all(0 <= part.points <= part.possible == POINTS[part.part] for part in found.parts)
        assert all(part.why for part in found.parts)
        assert list(found.starts) == sorted(found.starts)


@given(queries, crowds, st.randoms(use_true_random=False))
def test_order_depends_on_scores_and_ids_alone(query: MatchQuery, crowd: list[Candidate], random: Any) -> None:
    shuffled = list(crowd)
    random.shuffle(shuffled)
    order = rank(query, crowd)
    assert rank(query, shuffled) == order
    keys = [(-found.score, found.candidate_id) for found in order]
    assert keys == sorted(keys)


improvements = st.sampled_from(["nearer", "sooner", "skills", "language", "pressure", "credential", "rating"])


def improved(query: MatchQuery, candidate: Candidate, how: str) -> Candidate:
    changes: dict[str, dict[str, Any]] = {
        "nearer": {
            "lat": (candidate.lat + query.lat) / 2,
            "lon": (candidate.lon + query.lon) / 2,
        },
        "sooner": {"free_starts": (*candidate.free_starts, query.starts_from)},
        "skills": {"skills": candidate.skills | query.skills},
        "language": {"languages": candidate.languages | {query.language}},
        "pressure": {"pressure": (0, 5)},
        "credential": {"credential_verified": True},
        "rating": {"rating_millistars": min(5_000, candidate.rating_millistars + 700)},
    }
    return replace(candidate, **changes[how])


@given(queries, crowds.filter(bool), improvements)
def test_getting_better_never_costs_a_place(query: MatchQuery, crowd: list[Candidate], how: str) -> None:
    def place(order: list[str], who: str) -> int:
        return order.index(who) if who in order else len(crowd)

    first = crowd[0]
    before = [found.candidate_id for found in rank(query, crowd)]
    after = [found.candidate_id for found in rank(query, [improved(query, first, how), *crowd[1:]])]
    assert place(after, first.id) <= place(before, first.id)


@given(queries, candidates, st.sampled_from(["", "woman", "man"]))
def test_gender_counts_only_as_the_clients_own_condition(query: MatchQuery, candidate: Candidate, gender: str) -> None:
    open_query = replace(query, gender="")
    assert match(open_query, replace(candidate, gender=gender)) == match(open_query, candidate)


def test_nothing_about_money_can_be_seen_by_the_rule() -> None:
    named = {field.name for field in fields(Candidate)} | {field.name for field in fields(MatchQuery)}
    assert not {name for name in named for word in ("price", "fee", "revenue", "paid", "commission") if word in name}
    assert sum(POINTS.values()) == 1_000


@pytest.mark.parametrize(
    ("asked", "offered", "reason"),
    [
        ({"radius_km": 1.2}, {}, "Is outside the search radius."),
        ({"mode": HOME}, {"home_radius_km": 1.2}, "Does not travel that far."),
        ({"mode": HOME}, {"modes": frozenset({CLINIC})}, "Offers no home visits."),
        ({"minutes": 90}, {}, "Does not offer this service at this length."),
        ({"service": "hot_stone"}, {}, "Does not offer this service at this length."),
        ({}, {"free_starts": (TO,)}, "Has no free start in the dates asked for."),
        ({}, {"free_starts": (FROM - timedelta(seconds=1),)}, "Has no free start in the dates asked for."),
        ({"gender": "woman"}, {"gender": "man"}, "Does not meet the client's own wish about the therapist's gender."),
        ({"access": frozenset({"step_free", "quiet"})}, {"access": frozenset({"quiet"})}, "Does not offer: step free."),
    ],
)
def test_each_filter_alone_excludes_and_says_why(asked: dict[str, Any], offered: dict[str, Any], reason: str) -> None:
    assert exclusions(QUERY, ONE) == ()
    query, candidate = replace(QUERY, **asked), replace(ONE, **offered)
    assert exclusions(query, candidate) == (reason,)
    assert rank(query, [candidate]) == ()


def test_a_match_explains_itself() -> None:
    query = replace(QUERY, skills=frozenset({"deep_tissue", "prenatal"}), language="fr", max_pressure=4)
    candidate = replace(
        ONE,
        skills=frozenset({"deep_tissue"}),
        languages=frozenset({"fr"}),
        pressure=(1, 3),
        credential_verified=True,
        rating_millistars=4_600,
        review_count=12,
    )
    found = match(query, candidate)
    assert found is not None
    assert [(part.part.value, part.points) for part in found.parts] == [
        ("distance", 174),
        ("soonest", 197),
        ("skills", 100),
        ("language", 100),
        ("pressure", 50),
        ("credential", 100),
        ("rating", 90),
    ]
    assert found.why == (
        "1.3 km away",
        "First free start within a day",
        "Checked courses: deep tissue",
        "Speaks fr",
        "Usually works at another pressure",
        "Registration checked and current",
        "Rated by 12 clients after their visit",
    )
    assert found.starts == (FROM + timedelta(hours=2), FROM + timedelta(hours=5), FROM + timedelta(days=3))
    assert found.score == 811


@pytest.mark.parametrize(
    "changes",
    [
        {"lat": 91},
        {"lon": float("nan")},
        {"radius_km": 0},
        {"minutes": 0},
        {"mode": "anywhere"},
        {"starts_before": FROM},
        {"starts_from": datetime(2026, 11, 23)},  # noqa: DTZ001
        {"max_pressure": 6},
        {"access": frozenset({"parking"})},
    ],
)
def test_queries_that_cannot_be_meant_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MatchQueryError) as refused:
        replace(QUERY, **changes)
    assert refused.value.field in {"to", "from", *changes}


def test_distance_on_the_ground() -> None:
    # One degree of latitude on a sphere of mean radius 6371.0088 km is 111.195 km.
    assert distance_km(53, -113, 54, -113) == pytest.approx(111.195, abs=0.001)
    assert distance_km(53, -113, 53, -113) == 0


@given(queries, candidates)
def test_the_most_that_cards_promise_is_the_score_and_never_less(query: MatchQuery, candidate: Candidate) -> None:
    found = match(query, candidate)
    if found is None:
        return
    known: dict[str, Any] = {
        "away": distance_km(query.lat, query.lon, candidate.lat, candidate.lon),
        "skills": candidate.skills,
        "languages": candidate.languages,
        "pressure": candidate.pressure,
        "registered": candidate.credential_verified,
    }
    assert most_points(query, **known, first=found.starts[0], millistars=candidate.rating_millistars) == found.score
    assert most_points(query, **known, first=query.starts_from) >= found.score
