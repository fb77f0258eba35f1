"""From ratings and visits on local days to a proposal with a date."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.outcomes.domain import Attended, ClientSituation, Rated, outlook, sore_streak
from unknot.outcomes.domain.goals import BadRegionError, clean_region
from unknot.outcomes.domain.timing import FutureRatingError, OldRatingError, taken_within

ZONE = "America/Edmonton"
START = datetime(2026, 6, 1, 18, 0, tzinfo=UTC)


def rated(days: float, value: float, context: str = "weekly") -> Rated:
    return Rated(START + timedelta(days=days), value, context)


def attended(days: float, *, deep: bool = False, sore: float | None = None) -> Attended:
    return Attended(START + timedelta(days=days), 60, deep, sore)


def test_with_nothing_known_there_is_only_general_guidance() -> None:
    found = outlook([], [], now=START, zone_name=ZONE)
    assert (found.proposal.kind, found.on, found.pattern, found.with_session) == ("general", date(2026, 6, 1), (), ())


def test_four_ratings_are_too_few_and_five_are_enough() -> None:
    visits = [attended(1), attended(8)]
    ratings = [rated(day, 6) for day in (0, 7, 9, 14, 16)]
    now = START + timedelta(days=17)
    assert outlook(ratings[:4], visits, now=now, zone_name=ZONE).proposal.kind == "general"
    found = outlook(ratings, visits, now=now, zone_name=ZONE)
    assert (found.proposal.kind, found.proposal.sure) == ("learning", "a_little")
    assert found.on == date(2026, 6, 18)


def test_a_week_after_a_visit_is_the_same_weekday() -> None:
    late = Attended(datetime(2026, 6, 3, 2, 30, tzinfo=UTC), 60, deep=False)  # the evening of the second in Edmonton
    found = outlook([], [late], now=late.at + timedelta(hours=2), zone_name=ZONE)
    assert found.on == date(2026, 6, 9)


@pytest.mark.parametrize("context", ["in_room", "day_after"])
def test_ratings_while_the_first_relief_lasts_change_nothing(context: str) -> None:
    visits = [attended(7 * week) for week in range(5)]
    ratings = [rated(7 * week + 1, 6 - week % 2) for week in range(6)]
    now = START + timedelta(days=37)
    without = outlook(ratings, visits, now=now, zone_name=ZONE)
    with_room = outlook([*ratings, rated(28.1, 0, context)], visits, now=now, zone_name=ZONE)
    assert (with_room.on, with_room.pattern, with_room.with_session) == (
        without.on,
        without.pattern,
        without.with_session,
    )
    assert with_room.proposal.n_ratings == without.proposal.n_ratings == 6


def test_a_visit_to_come_is_not_a_visit_that_was() -> None:
    now = START + timedelta(days=10)
    assert outlook([], [attended(20)], now=now, zone_name=ZONE) == outlook([], [], now=now, zone_name=ZONE)


def test_expectations_follow_the_day_that_was_signed() -> None:
    visits = [attended(7 * week) for week in range(5)]
    ratings = [rated(7 * week + 1, 7 - week) for week in range(6)]
    now, signed = START + timedelta(days=37), date(2026, 7, 30)
    found = outlook(ratings, visits, now=now, zone_name=ZONE, decided=(signed, False))
    assert found.with_session[-1].day == signed + timedelta(days=14)
    before = [(a, b) for a, b in zip(found.with_session, found.without_session, strict=True) if a.day <= signed]
    assert all(a == b for a, b in before)
    assert found.with_session[-1].mean < found.without_session[-1].mean
    assert all(0 <= one.low <= one.mean <= one.high <= 10 for one in found.with_session)


def test_a_hold_leaves_no_date() -> None:
    found = outlook(
        [], [attended(1)], now=START + timedelta(days=3), zone_name=ZONE, situation=ClientSituation(held=True)
    )
    assert (found.proposal.kind, found.on) == ("held", None)


@pytest.mark.parametrize(
    ("sore", "streak"),
    [([], 0), ([None], 0), ([3, 4], 2), ([4, 2], 0), ([1, 3], 1), ([5, None], 0)],
)
def test_soreness_counts_from_the_last_session_back(sore: list[float | None], streak: int) -> None:
    assert sore_streak([attended(7 * week, deep=True, sore=value) for week, value in enumerate(sore)]) == streak


def test_two_sore_sessions_in_a_row_make_the_next_one_lighter() -> None:
    wish = ClientSituation(deep_wanted=True)
    ratings = [rated(7 * week + 1, 5) for week in range(6)]
    sore = [attended(7 * week, deep=True, sore=4) for week in range(4)]
    fine = [attended(7 * week, deep=True, sore=1) for week in range(4)]
    now = START + timedelta(days=37)
    assert outlook(ratings, sore, now=now, zone_name=ZONE, situation=wish).proposal.style == "L"
    assert outlook(ratings, fine, now=now, zone_name=ZONE, situation=wish).proposal.style == "D"


@given(st.integers(-8 * 86400, 600))
def test_a_rating_keeps_its_time_within_a_week_and_never_lies_ahead(seconds: int) -> None:
    at = START + timedelta(seconds=seconds)
    if seconds > 300:
        with pytest.raises(FutureRatingError):
            taken_within(at, now=START)
    elif seconds < -7 * 86400:
        with pytest.raises(OldRatingError):
            taken_within(at, now=START)
    else:
        assert taken_within(at, now=START) == min(at, START)


def test_regions_are_slugs() -> None:
    assert clean_region("low_back") == "low_back"
    for wrong in ("Low back", "_", "x" * 21, "a-b"):
        with pytest.raises(BadRegionError):
            clean_region(wrong)


def test_soreness_of_the_day_after_is_said_from_the_first_answer_on() -> None:
    ratings = [rated(day, 6) for day in (0, 7, 9, 14, 16)]
    now = START + timedelta(days=17)
    silent = outlook(ratings, [attended(1), attended(8)], now=now, zone_name=ZONE)
    assert silent.soreness is None
    sore = [replace(attended(1), sore_next_day=6.0), replace(attended(8, deep=True), sore_next_day=7.0)]
    found = outlook(ratings, sore, now=now, zone_name=ZONE).soreness
    assert found is not None
    assert found.answers == 2
    assert 0.108 < found.lighter < found.deep < 1
    assert outlook(ratings[:4], sore, now=now, zone_name=ZONE).soreness is None, "too few ratings for anything personal"
