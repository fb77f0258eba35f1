"""Where things stand on the sheet of a day."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.booking.domain.daysheet import (
    DAY,
    Stretch,
    around,
    bands,
    cut,
    free_stretches,
    hours_shown,
    lanes,
    rows,
    wall_minute,
)
from unknot.kernel.intervals import merge

spans = st.lists(st.tuples(st.integers(0, 287), st.integers(1, 60)), max_size=14).map(
    lambda found: sorted((start * 5, min(DAY, (start + length) * 5)) for start, length in found)
)


@given(spans, spans, spans)
def test_bands_and_hours_fill_the_day_once(
    rules: list[tuple[int, int]], more: list[tuple[int, int]], usual: list
) -> None:
    hours, unbroken = merge(rules), merge([*rules, *more])
    found = bands(rules=hours, unbroken=unbroken, usual=merge(usual), off="Away")
    covered = sum(one.ends - one.starts for one in found) + sum(end - start for start, end in hours)
    assert covered == DAY
    assert merge([*((one.starts, one.ends) for one in found), *hours]) == [(0, DAY)]


def test_a_break_and_time_off_are_told_apart() -> None:
    nine_to_five = [(540, 1020)]
    lunch = bands(rules=[(540, 720), (780, 1020)], unbroken=nine_to_five, usual=nine_to_five)
    assert [(one.kind, one.starts) for one in lunch] == [("closed", 0), ("break", 720), ("closed", 1020)]
    away = bands(rules=[], unbroken=[], usual=nine_to_five, off="Course")
    assert [(one.kind, one.words) for one in away] == [("closed", ""), ("off", "Course"), ("closed", "")]


@given(spans, spans, st.integers(0, DAY))
def test_free_time_is_working_time_nobody_took(hours: list, taken: list, passed: int) -> None:
    free = free_stretches(merge(hours), taken, not_before=passed, least=15)
    for one in free:
        assert one.ends - one.starts >= 15
        assert one.starts >= passed
        assert any(start <= one.starts and one.ends <= end for start, end in merge(hours))
        assert all(one.ends <= start or end <= one.starts for start, end in taken if start < end)


@given(spans)
def test_what_overlaps_never_shares_a_lane(found: list[tuple[int, int]]) -> None:
    placed = lanes(found)
    assert len(placed) == len(found)
    for one, (lane, of) in zip(found, placed, strict=True):
        assert 1 <= lane <= of <= 3
        same = [other for other, (its, whole) in zip(found, placed, strict=True) if its == lane and whole == of < 3]
        assert all(other is one or other[1] <= one[0] or one[1] <= other[0] for other in same)


def test_two_at_once_stand_side_by_side() -> None:
    assert lanes([(540, 600), (570, 630), (630, 690)]) == [(1, 2), (2, 2), (1, 1)]


@given(st.integers(0, DAY - 5), st.integers(5, 300), st.integers(0, 23))
def test_rows_lie_on_the_sheet(start: int, length: int, first_hour: int) -> None:
    shown = cut(Stretch("visit", start, min(DAY, start + length)), first_hour, 24)
    if shown is None:
        assert start + length <= first_hour * 60
        return
    row, count = rows(shown, first_hour)
    assert row >= 1
    assert count >= 1
    assert row + count - 1 <= (24 - first_hour) * 12


def test_the_sheet_shows_everything_that_is_open_or_taken() -> None:
    assert hours_shown([(550, 1010)], [(1000, 1090)]) == (9, 19)
    assert hours_shown([], []) == (8, 18)
    assert hours_shown([(1380, 1440)], []) == (23, 24)


def test_what_is_kept_beside_a_visit() -> None:
    beside = around(600, 660, before=10, after=15, drive=25, key="v")
    assert [(one.kind, one.starts, one.ends) for one in beside] == [
        ("drive", 565, 590),
        ("buffer", 590, 600),
        ("buffer", 660, 675),
    ]
    assert around(0, 60, before=10, after=0, drive=25, key="v") == []


@pytest.mark.parametrize(
    ("wall", "minute"), [("2026-11-24T09:05", 545), ("2026-11-23T23:00", 0), ("2026-11-25T01:00", DAY)]
)
def test_minutes_are_kept_within_the_day(wall: str, minute: int) -> None:
    assert wall_minute(datetime.fromisoformat(wall), date(2026, 11, 24)) == minute
