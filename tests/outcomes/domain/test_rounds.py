"""When the longer questions are open, what they still ask, and on which days somebody is written to."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.outcomes.domain import ASKED, care_start, open_round, paper_due, writing_days
from unknot.outcomes.domain.rounds import NEW_CARE_DAYS

START = date(2026, 9, 1)
DAYS = st.dates(date(2026, 1, 1), date(2028, 1, 1))


def on(offset: int) -> date:
    return START + timedelta(days=offset)


@pytest.mark.parametrize(
    ("offset", "week", "asks"),
    [
        (-20, 0, ("psfs",)),
        (0, 0, ("psfs",)),
        (14, 0, ("psfs",)),
        (15, None, ()),
        (24, None, ()),
        (25, 4, ("psfs", "pgic")),
        (49, 4, ("psfs", "pgic")),
        (50, None, ()),
        (67, 10, ("psfs", "pgic")),
        (98, 10, ("psfs", "pgic")),
        (99, None, ()),
    ],
)
def test_what_is_open_on_a_day(offset: int, week: int | None, asks: tuple[str, ...]) -> None:
    found = open_round(START, on(offset), {})
    assert (found.week if found else None, found.asks if found else ()) == (week, asks)


def test_what_was_answered_is_not_asked_again() -> None:
    half = open_round(START, on(30), {"psfs": [on(28)]})
    assert half is not None
    assert half.asks == ("pgic",)
    assert open_round(START, on(30), {"psfs": [on(28)], "pgic": [on(30)]}) is None
    early = open_round(START, on(30), {"psfs": [on(2)]})  # the answer of the start counts for the start only
    assert early is not None
    assert early.asks == ("psfs", "pgic")


def test_an_answer_from_before_the_first_visit_counts_for_the_start_unless_it_is_of_an_earlier_care() -> None:
    assert open_round(START, on(3), {"psfs": [on(-30)]}) is None
    assert open_round(START, on(3), {"psfs": [on(-NEW_CARE_DAYS - 1)]}) is not None


@given(start=DAYS, offset=st.integers(-10, 120), answered=st.lists(DAYS, max_size=5))
def test_only_what_a_round_asks_is_asked_and_only_while_it_is_open(
    start: date, offset: int, answered: list[date]
) -> None:
    day = start + timedelta(days=offset)
    found = open_round(start, day, {"psfs": answered})
    if found is not None:
        assert found.asks
        assert set(found.asks) <= set(ASKED[found.week])
        assert day <= found.last_day
        assert ("psfs" in found.asks) or any(one <= day for one in answered)


def test_care_begins_with_the_first_visit_and_anew_after_half_a_year() -> None:
    assert care_start([]) is None
    assert care_start([on(9), on(0), on(100)]) == START
    assert care_start([START - timedelta(days=NEW_CARE_DAYS + 1), START, on(7)]) == START
    assert care_start([START - timedelta(days=NEW_CARE_DAYS), START]) == START - timedelta(days=NEW_CARE_DAYS)


@given(st.lists(DAYS, min_size=1, max_size=12))
def test_the_start_is_a_visit_with_no_long_pause_after_it(days: list[date]) -> None:
    start = care_start(days)
    assert start in days
    after = sorted(one for one in set(days) if one >= start)
    assert all((b - a).days <= NEW_CARE_DAYS for a, b in pairwise(after))


def test_two_messages_for_each_later_round_and_none_at_the_start() -> None:
    assert writing_days(START) == [(4, 0, on(28)), (4, 1, on(32)), (10, 0, on(70)), (10, 1, on(74))]


@pytest.mark.parametrize(
    ("regions", "offset", "answered", "due"),
    [
        (["low_back"], 30, [], True),
        (["neck_post"], 30, [], False),
        (["low_back"], 30, [29], False),
        (["low_back"], 30, [1], True),
        (["low_back"], 60, [], False),
    ],
)
def test_the_paper_form_is_for_backs(regions: list[str], offset: int, answered: list[int], due: bool) -> None:
    assert paper_due(START, on(offset), [on(one) for one in answered], regions) is due
