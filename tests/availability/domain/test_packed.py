"""Packed gaps say the same as the sweep."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.availability.domain.cells import CELL, Busy, cells_up
from unknot.availability.domain.opening import DAY, OpeningRule, opening_windows
from unknot.availability.domain.packed import FURTHEST, Wanted, first_packed, pack, unpack
from unknot.availability.domain.slots import free_gaps, starts

DAYS = (date(2027, 3, 22), date(2027, 10, 25))  # a week with a clock change in Berlin inside
ZONES = ("Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "America/New_York")


@given(
    zone=st.sampled_from(ZONES),
    first=st.sampled_from(DAYS),
    rules=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 250), st.integers(4, 200)), min_size=1, max_size=6),
    busy=st.lists(
        st.tuples(st.integers(0, 2400), st.integers(1, 40), st.integers(0, 6), st.integers(0, 6)), max_size=9
    ),
    minutes=st.sampled_from((15, 45, 60, 90)),
    before=st.integers(0, 8),
    after=st.integers(0, 8),
    grid=st.sampled_from((5, 10, 15, 20, 30, 60)),
    window=st.tuples(st.integers(-100, 2400), st.integers(0, 2600)),
    hours=st.none() | st.tuples(st.integers(0, 1380), st.integers(5, 600)),
    rule=st.sampled_from(("sum", "larger")),
    count=st.integers(1, 5),
)
def test_the_first_starts_are_those_of_the_sweep(
    zone: str,
    first: date,
    rules: list[tuple[int, int, int]],
    busy: list[tuple[int, int, int, int]],
    minutes: int,
    before: int,
    after: int,
    grid: int,
    window: tuple[int, int],
    hours: tuple[int, int] | None,
    rule: str,
    count: int,
) -> None:
    weekly = [OpeningRule(day, opens * CELL, min(2 * DAY, (opens + long) * CELL)) for day, opens, long in rules]
    windows = opening_windows(weekly, [], [], zone, first, first + timedelta(days=8))
    origin = windows[0][0]
    taken = [Busy(origin + at, origin + at + long, left, right) for at, long, left, right in busy]
    gaps = free_gaps(windows, taken, buffer_rule=rule)
    low, high = origin + window[0], origin + window[0] + window[1]
    within = None if hours is None else (hours[0] // grid * grid, min(1440, hours[0] // grid * grid + hours[1]))
    every = starts(
        gaps,
        minutes=minutes,
        before=before * CELL,
        after=after * CELL,
        grid_min=grid,
        zone=zone,
        not_before=low,
        not_after=high,
    )
    wanted = [cell for cell in every if within is None or within[0] <= _clock(cell, zone) < within[1]][:count]
    base = gaps[0][0] if gaps else origin
    found = first_packed(
        pack(gaps, base),
        base,
        Wanted(low, high, within),
        length=cells_up(minutes),
        lead=before,
        tail=after,
        grid_min=grid,
        zone=zone,
        count=count,
    )
    assert found == wanted


def _clock(cell: int, zone: str) -> int:
    from unknot.availability.domain.cells import instant_of_cell
    from unknot.kernel.zones import local

    shown = local(instant_of_cell(cell), zone)
    return shown.hour * 60 + shown.minute


def test_packing_keeps_what_can_hold_a_service() -> None:
    gaps = [(100, 112, 4, 255), (120, 122, 0, 0), (200, 203, 0, 7)]
    packed = pack(gaps, 100)
    assert len(packed) == 12
    assert unpack(packed, 100) == [gaps[0], gaps[2]]


@pytest.mark.parametrize("gap", [(99, 110, 0, 0), (100, 100 + FURTHEST, 0, 0)])
def test_what_can_not_be_said_in_sixteen_bits_is_refused(gap: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="outside the reach"):
        pack([gap], 100)
