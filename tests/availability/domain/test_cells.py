from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from unknot.availability.domain.cells import Busy, busy_between, cell_of, cell_up, cells_up, instant_of_cell

moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
FIVE = timedelta(minutes=5)


@given(moments)
def test_a_cell_holds_its_instant(moment: datetime) -> None:
    assert instant_of_cell(cell_of(moment)) <= moment < instant_of_cell(cell_of(moment)) + FIVE
    assert instant_of_cell(cell_up(moment)) - FIVE < moment <= instant_of_cell(cell_up(moment))


@given(st.integers(0, 10_000))
def test_minutes_need_whole_cells(minutes: int) -> None:
    assert (cells_up(minutes) - 1) * 5 < minutes <= cells_up(minutes) * 5


def test_busy_time_is_widened_never_narrowed() -> None:
    start = datetime(1970, 1, 1, 0, 7, tzinfo=UTC)
    assert busy_between(start, start + timedelta(minutes=6), before=1, after=6) == Busy(1, 3, 1, 2)
    assert busy_between(start - timedelta(minutes=2), start + timedelta(minutes=3)) == Busy(1, 2)
