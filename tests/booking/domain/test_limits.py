from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.booking.domain.limits import (
    TooFarAheadError,
    TooSoonError,
    answer_by,
    booking_window,
    check_booking_window,
    hold_expires_at,
    hold_is_over,
)

NOW = datetime(2027, 11, 6, 16, 30, tzinfo=UTC)  # 12:30 in Toronto, the day before its clocks go back


def check(starts_at: datetime) -> None:
    check_booking_window(starts_at, now=NOW, notice_minutes=120, horizon_days=1, zone="America/Toronto")


def test_the_notice_is_just_met_at_its_end() -> None:
    check(NOW + timedelta(minutes=120))
    with pytest.raises(TooSoonError) as refusal:
        check(NOW + timedelta(minutes=119))
    assert refusal.value.extra == {"earliest": "2027-11-06T18:30:00+00:00"}


def test_the_horizon_is_a_whole_local_day_even_of_25_hours() -> None:
    end = datetime(2027, 11, 8, 5, 0, tzinfo=UTC)
    assert booking_window(NOW, notice_minutes=120, horizon_days=1, zone="America/Toronto")[1] == end
    check(end - timedelta(minutes=1))
    with pytest.raises(TooFarAheadError) as refusal:
        check(end)
    assert refusal.value.field == "starts_at"


@given(st.integers(1, 60), st.integers(-10, 120), st.integers(0, 120))
def test_a_hold_ends_after_its_minutes_or_when_the_visit_would_start(minutes: int, ahead: int, later: int) -> None:
    starts_at = NOW + timedelta(minutes=ahead)
    expires_at = hold_expires_at(NOW, minutes=minutes, starts_at=starts_at)
    assert hold_is_over(expires_at, NOW + timedelta(minutes=later)) == (later >= min(minutes, ahead))


@given(hours=st.integers(1, 168), ahead=st.lists(st.integers(1, 20_000), min_size=1, max_size=2))
def test_a_deadline_leaves_time_to_do_something_else(hours: int, ahead: list[int]) -> None:
    starts = [NOW + timedelta(minutes=one) for one in ahead]
    until = answer_by(NOW, hours=hours, starts=starts)
    assert NOW < until <= NOW + timedelta(hours=hours)
    left = min(starts) - until
    assert left >= min(timedelta(hours=1), (min(starts) - NOW) / 2)
