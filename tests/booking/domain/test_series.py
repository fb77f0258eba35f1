"""Series: dates by the calendar, times by the wall."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unknot.booking.domain.series import (
    MOST_DAYS,
    MOST_VISITS,
    SeriesRule,
    SeriesRuleError,
    SeriesTooLongError,
    occurrences,
    shifted,
    walls,
)
from unknot.kernel.zones import exists, local

WALLS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda one: one.replace(second=0, microsecond=0))  # noqa: DTZ001
ZONES = st.sampled_from(["America/Edmonton", "America/St_Johns", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Tokyo"])


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_c08_thursdays_in_berlin() -> None:
    found = occurrences(SeriesRule(wall("2027-10-14T18:30"), every=1, count=6), "Europe/Berlin")
    assert [(f"{one.wall:%a %H:%M}", one.note) for one in found] == [("Thu 18:30", "")] * 6
    assert [one.local_start for one in found] == [
        "2027-10-14T18:30",
        "2027-10-21T18:30",
        "2027-10-28T18:30",
        "2027-11-04T18:30",
        "2027-11-11T18:30",
        "2027-11-18T18:30",
    ]
    assert [f"{one.starts_at:%H:%M}" for one in found] == ["16:30", "16:30", "16:30", "17:30", "17:30", "17:30"]
    assert {one.starts_at.tzinfo for one in found} == {UTC}


def test_a_skipped_hour_is_named_and_a_repeated_one_is_its_first_showing() -> None:
    spring = occurrences(SeriesRule(wall("2027-03-13T02:30"), every=1, unit="days", count=3), "America/Toronto")
    assert [one.note for one in spring] == ["", "skipped-hour", ""]
    autumn = occurrences(SeriesRule(wall("2027-11-06T01:30"), every=1, unit="days", count=3), "America/Toronto")
    assert [one.note for one in autumn] == ["", "repeated-hour", ""]
    assert [f"{one.starts_at:%H:%M}" for one in autumn] == ["05:30", "05:30", "06:30"]


@given(first=WALLS, every=st.integers(1, 60), unit=st.sampled_from(["days", "weeks"]), count=st.integers(1, 60))
@example(first=wall("2027-10-14T18:30"), every=1, unit="weeks", count=52)
def test_dates_lie_evenly_and_none_is_lost(first: datetime, every: int, unit: str, count: int) -> None:
    step = every * (7 if unit == "weeks" else 1)
    if count > MOST_VISITS or (count - 1) * step > MOST_DAYS:
        with pytest.raises(SeriesTooLongError):
            SeriesRule(first, every, unit, count)
        return
    rule = SeriesRule(first, every, unit, count)
    found = walls(rule)
    assert (len(found), found[0]) == (count, first)
    assert {(two - one) for one, two in pairwise(found)} <= {timedelta(days=step)}
    assert {one.time() for one in found} == {first.time()}
    if unit == "weeks":
        assert {one.weekday() for one in found} == {first.weekday()}


@given(first=WALLS, every=st.integers(1, 20), unit=st.sampled_from(["days", "weeks"]), days=st.integers(0, 300))
def test_a_last_day_is_kept_and_is_the_same_as_its_count(first: datetime, every: int, unit: str, days: int) -> None:
    until = first.date() + timedelta(days=days)
    try:
        rule = SeriesRule(first, every, unit, until=until)
    except SeriesTooLongError:
        return
    found = walls(rule)
    assert found[-1].date() <= until < found[-1].date() + timedelta(days=rule.step)
    assert found == walls(SeriesRule(first, every, unit, len(found)))


@given(first=WALLS, zone=ZONES, every=st.integers(1, 9), count=st.integers(1, 40))
def test_every_clock_shows_the_agreed_time(first: datetime, zone: str, every: int, count: int) -> None:
    for one in occurrences(SeriesRule(first, every, "days", count), zone):
        shown = local(one.starts_at, zone)
        assert (one.note == "skipped-hour") == (not exists(one.wall, zone))
        if one.note != "skipped-hour":
            assert shown.replace(tzinfo=None, fold=0) == one.wall
            assert shown.fold == 0


@pytest.mark.parametrize(
    ("every", "unit", "count", "until"),
    [
        (0, "weeks", 3, None),
        (-1, "days", 3, None),
        (1, "months", 3, None),
        (1, "weeks", None, None),
        (1, "weeks", 3, date(2027, 12, 1)),
        (1, "weeks", 0, None),
        (1, "weeks", None, date(2027, 10, 13)),
    ],
)
def test_what_is_no_rule(every: int, unit: str, count: int | None, until: date | None) -> None:
    with pytest.raises(SeriesRuleError):
        SeriesRule(wall("2027-10-14T18:30"), every, unit, count, until)


@pytest.mark.parametrize(("count", "until"), [(10_000, None), (53, None), (None, date(9999, 12, 31))])
def test_a_series_of_ten_thousand_is_refused_by_name(count: int | None, until: date | None) -> None:
    with pytest.raises(SeriesTooLongError, match="at most 52 visits"):
        SeriesRule(wall("2027-10-14T18:30"), 1, "weeks", count, until)


def test_the_end_of_the_calendar_is_no_crash() -> None:
    with pytest.raises(SeriesTooLongError):
        walls(SeriesRule(wall("9999-12-30T10:00"), 1, "weeks", 4))


def test_words_and_shifts() -> None:
    words = [
        SeriesRule(wall("2027-10-14T18:30"), *rule, count=2).words
        for rule in [(1, "weeks"), (2, "weeks"), (10, "days")]
    ]
    assert words == ["every week", "every 2 weeks", "every 10 days"]
    assert shifted(wall("2027-10-31T01:30"), days=1, at=time(9)) == wall("2027-11-01T09:00")
