import copy
import pickle
from datetime import UTC, date, datetime, timedelta

import pytest
import tzdata
from hypothesis import given
from hypothesis import strategies as st

from unknot.kernel.errors import InvalidError
from unknot.kernel.zones import (
    UnknownZoneError,
    clock_runs,
    exists,
    instant_of,
    is_repeated,
    local,
    local_day_bounds,
    local_minutes_to_utc,
    minute_of,
    offset_at,
    steady_offset,
    to_utc,
    wall_grid,
    zone,
    zone_data_version,
)

ZONES = [
    "America/Edmonton", "America/Toronto", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu",
    "America/St_Johns", "Africa/Casablanca", "America/Havana", "Africa/Cairo", "America/Santiago",
]  # fmt: skip
zones = st.sampled_from(ZONES)
walls = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1)).map(lambda wall: wall.replace(second=0, microsecond=0))  # noqa: DTZ001


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


@given(walls, zones)
def test_wall_to_instant_and_back(when: datetime, name: str) -> None:
    back = local(to_utc(when, name), name)
    if exists(when, name):
        assert back.replace(tzinfo=None) == when
        assert back.fold == 0
    else:
        assert back.replace(tzinfo=None) > when


@given(walls, zones)
def test_a_repeated_time_is_its_first_showing(when: datetime, name: str) -> None:
    shown = [
        minute
        for minute in range(minute_of(to_utc(when, name)) - 180, minute_of(to_utc(when, name)) + 181)
        if local(instant_of(minute), name).replace(tzinfo=None, fold=0) == when
    ]
    assert len(shown) == (2 if is_repeated(when, name) else 1 if exists(when, name) else 0)
    if shown:
        assert minute_of(to_utc(when, name)) == shown[0]


@given(st.dates(date(2025, 1, 1), date(2029, 1, 1)), zones)
def test_days_tile_time(day: date, name: str) -> None:
    start, end = local_day_bounds(day, name)
    assert end == local_day_bounds(day + timedelta(days=1), name)[0]
    assert local(start, name).date() == day
    assert local(end - timedelta(minutes=1), name).date() == day
    assert timedelta(hours=23) <= end - start <= timedelta(hours=25)


def test_the_spring_gap_moves_forward() -> None:
    assert to_utc(wall(2027, 3, 14, 2, 30), "America/Toronto") == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)
    assert local(to_utc(wall(2027, 3, 14, 2, 30), "America/Toronto"), "America/Toronto").hour == 3
    assert not exists(wall(2027, 3, 14, 2, 30), "America/Toronto")


def test_the_autumn_hour_is_the_first_one() -> None:
    assert to_utc(wall(2027, 10, 31, 2, 0), "Europe/Berlin") == datetime(2027, 10, 31, 0, 0, tzinfo=UTC)
    assert is_repeated(wall(2027, 10, 31, 2, 0), "Europe/Berlin")
    assert to_utc(wall(2027, 10, 31, 2, 0).replace(fold=1), "Europe/Berlin") == datetime(2027, 10, 31, tzinfo=UTC)


def test_days_of_23_24_and_25_hours_and_a_skipped_midnight() -> None:
    days = (date(2027, 3, 14), date(2027, 6, 1), date(2027, 11, 7))
    lengths = [local_day_bounds(day, "America/Toronto") for day in days]
    assert [(end - start) // timedelta(hours=1) for start, end in lengths] == [23, 24, 25]
    start, _ = local_day_bounds(date(2027, 9, 5), "America/Santiago")
    assert local(start, "America/Santiago").hour == 1


def test_alberta_stopped_changing_clocks() -> None:
    assert to_utc(wall(2027, 1, 12, 10, 0), "America/Edmonton") == datetime(2027, 1, 12, 16, 0, tzinfo=UTC)


@given(walls, zones)
def test_runs_know_the_offset_and_leave_out_second_showings(when: datetime, name: str) -> None:
    minute = minute_of(when.replace(tzinfo=UTC))
    inside = [offset for start, end, offset in clock_runs(minute, minute, name) if start <= minute < end]
    shown = local(instant_of(minute), name)
    assert inside == ([] if shown.fold else [offset_at(minute, name)])


@given(st.dates(date(2027, 3, 1), date(2027, 12, 1)), st.integers(0, 2880), zones)
def test_minutes_of_a_day_are_wall_minutes(day: date, minute: int, name: str) -> None:
    clock = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    assert local_minutes_to_utc(day.toordinal(), minute, name) == minute_of(to_utc(clock, name))


def test_a_change_in_the_night_after_is_seen() -> None:
    saturday = date(2027, 3, 27).toordinal()
    expected = minute_of(datetime(2027, 3, 28, 1, 30, tzinfo=UTC))
    assert local_minutes_to_utc(saturday, 1440 + 210, "Europe/Berlin") == expected  # 03:30 on Sunday, summer time
    friday = saturday - 1
    assert local_minutes_to_utc(friday, 2880, "Europe/Berlin") == minute_of(datetime(2027, 3, 27, 23, tzinfo=UTC))
    assert steady_offset("Europe/Berlin", saturday) is None
    assert steady_offset("Europe/Berlin", friday) == 60


@given(walls, st.sampled_from([5, 15, 20, 30, 60]), zones)
def test_the_grid_is_what_the_clock_shows(when: datetime, grid: int, name: str) -> None:
    first = minute_of(when.replace(tzinfo=UTC))
    expected = []
    for minute in range(first, first + 301):
        shown = local(instant_of(minute), name)
        if not shown.fold and (shown.hour * 60 + shown.minute) % grid == 0:
            expected.append(minute)
    assert list(wall_grid(first, first + 300, grid=grid, zone_name=name)) == expected


def test_every_change_of_many_years_is_found() -> None:
    first, last = minute_of(datetime(2020, 1, 1, tzinfo=UTC)), minute_of(datetime(2024, 12, 31, tzinfo=UTC))
    starts = [start for start, _, _ in clock_runs(first, last, "Europe/Berlin")]
    assert len(starts) == 11
    assert instant_of(starts[1]) == datetime(2020, 3, 29, 1, 0, tzinfo=UTC)
    assert instant_of(starts[2]) == datetime(2020, 10, 25, 2, 0, tzinfo=UTC)  # an hour after the change at 01:00


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../zones", "/etc/localtime", "america/toronto", "America"])
def test_unknown_zones_are_refused(name: str) -> None:
    with pytest.raises(UnknownZoneError) as refusal:
        zone(name)
    assert isinstance(refusal.value, InvalidError)
    assert refusal.value.code == "unknown-zone"


def test_zone_data_is_the_packaged_one() -> None:
    assert zone_data_version() == tzdata.IANA_VERSION
    assert zone("Europe/Berlin") is zone("Europe/Berlin")


def test_times_with_a_packaged_zone_can_be_copied() -> None:
    shown = local(datetime(2027, 7, 1, tzinfo=UTC), "Asia/Kathmandu")
    assert copy.deepcopy(shown) == shown
    assert pickle.loads(pickle.dumps(shown)) == shown  # noqa: S301


def test_mixing_up_wall_times_and_instants_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no zone"):
        to_utc(datetime(2027, 1, 1, tzinfo=UTC), "Europe/Berlin")
    with pytest.raises(ValueError, match="needs a zone"):
        local(wall(2027, 1, 1), "Europe/Berlin")
