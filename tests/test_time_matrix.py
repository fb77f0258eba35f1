"""Zones by cases, under the law as it is, as it was, and as it may become: the agreed wall time stands.

The pure parts are asked directly; tests/booking/test_law_change.py asks the database for a sample of it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest
from icalendar import Calendar

from tests.zone_data import CHANGED_IN, fixed, release, zone_data
from unknot.availability.domain.cells import instant_of_cell
from unknot.availability.domain.opening import DayException, OpeningRule
from unknot.availability.domain.outside import read_calendar
from unknot.availability.domain.slots import open_starts
from unknot.booking.domain.fees import CancellationTerms, cancellation_fee
from unknot.booking.domain.limits import booking_window
from unknot.booking.domain.series import SeriesRule, occurrences
from unknot.booking.domain.wording import visit_words
from unknot.interop.domain import FeedEvent, feed_file
from unknot.kernel.money import Money
from unknot.kernel.zones import clock_runs, exists, instant_of, is_repeated, local, local_day_bounds, minute_of, to_utc
from unknot.notifications.domain import reminder_due_at, request_file, when_text

ZONES = [
    "America/Edmonton", "America/Vancouver", "America/Winnipeg", "America/Inuvik", "America/Toronto",
    "America/St_Johns", "America/Halifax", "America/Regina", "America/Phoenix", "America/New_York",
    "America/Los_Angeles", "Europe/London", "Europe/Berlin", "Africa/Casablanca", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Apia",
]  # fmt: skip
WEEK = [OpeningRule(weekday, 9 * 60, 17 * 60) for weekday in range(7)]
NIGHT = [OpeningRule(weekday, 0, 5 * 60) for weekday in range(7)]
PAST_MIDNIGHT = [OpeningRule(weekday, 22 * 60, 26 * 60) for weekday in range(7)]


@cache
def tomorrow(name: str) -> str:
    """A law that nobody knows yet: no changes any more, and an hour ahead of this summer."""
    summer = local(datetime(2027, 7, 1, tzinfo=UTC), name).utcoffset()
    assert summer is not None
    return fixed(int(summer.total_seconds()) // 60 + 60)


EARLIER = ["2025b", "2026b", "2026c", "2026d"]
"""Releases that still describe some of these zones differently; from 2026e on none does."""
RULES = {law: release(law) for law in EARLIER}
CELLS = [(law, name) for law in EARLIER for name in RULES[law]]
CELLS += [(law, name) for law in ("today", "tomorrow") for name in ZONES]


@pytest.fixture
def law(request: pytest.FixtureRequest) -> Iterator[str]:
    """The law in force."""
    laws = {"today": ("2026f", {}), "tomorrow": ("2099a", {name: tomorrow(name) for name in ZONES})}
    with zone_data(*laws.get(request.param, (request.param, RULES.get(request.param, {})))):
        yield request.param


matrix = pytest.mark.parametrize(("law", "name"), CELLS, indirect=["law"])


def odd_days(name: str) -> list[date]:
    """Days on which the clock changes in 2027, the days around them, a year's end and a leap day."""
    runs = clock_runs(minute_of(datetime(2027, 1, 2, tzinfo=UTC)), minute_of(datetime(2027, 12, 30, tzinfo=UTC)), name)
    changes = [local(instant_of(start), name).date() for start, _, _ in runs[1:]]
    around = [day + timedelta(days=ahead) for day in changes for ahead in (-1, 0, 1)]
    return sorted({*around, date(2027, 12, 31), date(2028, 1, 1), date(2028, 2, 29), date(2027, 6, 15)})


def starts(name: str, day: date, rules: list[OpeningRule], *off: DayException) -> list[datetime]:
    found = open_starts(
        rules, [], off, [], zone=name, from_date=day, to_date=day + timedelta(days=1), minutes=60, before=0, after=0,
        grid_min=30,
    )  # fmt: skip
    return [instant_of_cell(cell) for cell in found]


def walls(name: str, found: list[datetime]) -> list[str]:
    return [f"{local(one, name):%H:%M}" for one in found]


@matrix
def test_a_working_day_reads_the_same_whatever_the_clock_does_that_night(law: str, name: str) -> None:
    usual = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(9 * 60, 16 * 60 + 1, 30)]
    for day in odd_days(name):
        assert walls(name, starts(name, day, WEEK)) == usual, day


@matrix
def test_no_start_in_a_skipped_hour_and_none_sold_twice_in_a_repeated_one(law: str, name: str) -> None:
    for day in odd_days(name):
        found = starts(name, day, NIGHT)
        shown = walls(name, found)
        assert len(set(shown)) == len(shown)
        assert found == sorted(found)
        for one in found:
            wall = local(one, name).replace(tzinfo=None, fold=0)
            assert exists(wall, name)
            assert to_utc(wall, name) == one  # what is offered is what a promise of it means
        ends = local_day_bounds(day, name)[0] + timedelta(hours=6)
        assert all(one + timedelta(hours=1) <= ends for one in found)


@matrix
def test_a_night_shift_over_midnight_belongs_to_the_day_it_begins(law: str, name: str) -> None:
    for day in odd_days(name):
        for one in starts(name, day, PAST_MIDNIGHT):
            at = local(one, name)
            assert at.date() in (day, day + timedelta(days=1))
            assert at.time() >= time(22) or at.time() < time(2)


@matrix
def test_a_closed_day_is_closed_from_midnight_to_midnight(law: str, name: str) -> None:
    for day in odd_days(name):
        assert starts(name, day, [*WEEK, *NIGHT], DayException(day, "closed")) == []
        assert starts(name, day + timedelta(days=1), WEEK, DayException(day, "closed"))


@matrix
def test_a_promise_reads_the_same_everywhere(law: str, name: str) -> None:
    """Page, mail, calendar file, feed, and the feed read back by us: one wall time, one instant."""
    for day in odd_days(name):
        wall = datetime.combine(day, time(10))
        starts_at, ends_at = to_utc(wall, name), to_utc(wall, name) + timedelta(minutes=75)
        assert visit_words(f"{wall:%Y-%m-%dT%H:%M}", 75, name).start == "10:00 a.m."
        assert ", 10:00 a.m. (" in when_text(starts_at, name)
        span = {"starts_at": starts_at, "ends_at": ends_at, "sequence": 0, "uid": "a@visits.unknot"}
        feed = feed_file(name="x", events=[FeedEvent(stamp=starts_at, **span)])  # type: ignore[arg-type]
        mail = request_file(
            summary="x", location="", organizer="a@b.example", attendee="c@d.example", stamp=starts_at, **span
        )  # type: ignore[arg-type]
        for content in (feed, mail):
            (event,) = Calendar.from_ical(content).walk("VEVENT")
            assert (event["DTSTART"].dt, event["DTEND"].dt) == (starts_at, ends_at)
            assert local(event["DTSTART"].dt, name).replace(tzinfo=None, fold=0) == wall
        whole = timedelta(days=3)
        back = read_calendar(feed, zone=name, since=starts_at - whole, until=ends_at + whole)
        assert back.busy == ((starts_at, ends_at),)


@matrix
def test_floating_and_whole_day_events_of_others_are_the_practices_time(law: str, name: str) -> None:
    for day in odd_days(name):
        lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x",
            "BEGIN:VEVENT", "UID:1", f"DTSTART:{day:%Y%m%d}T100000", "DURATION:PT1H", "END:VEVENT",
            "END:VCALENDAR", "",
        ]  # fmt: skip
        first, last = local_day_bounds(day, name)
        wide = {"zone": name, "since": first - timedelta(days=2), "until": last + timedelta(days=2)}
        (busy,) = read_calendar("\r\n".join(lines).encode(), **wide).busy  # type: ignore[arg-type]
        assert busy[0] == to_utc(datetime.combine(day, time(10)), name)
        lines[5:7] = [f"DTSTART;VALUE=DATE:{day:%Y%m%d}"]
        assert read_calendar("\r\n".join(lines).encode(), **wide).busy == ((first, last),)  # type: ignore[arg-type]


@matrix
def test_a_reminder_comes_at_the_same_wall_time_the_day_before(law: str, name: str) -> None:
    for day in odd_days(name):
        wall = datetime.combine(day, time(10))
        starts_at = to_utc(wall, name)
        due = reminder_due_at(starts_at=starts_at, booked_at=starts_at - timedelta(days=9), zone=name)
        assert due is not None
        assert local(due, name).replace(tzinfo=None, fold=0) == wall - timedelta(days=1)


@matrix
def test_notice_and_the_cancellation_window_are_real_hours(law: str, name: str) -> None:
    terms = CancellationTerms.from_rows([[24, 50]])
    for day in odd_days(name):
        starts_at = to_utc(datetime.combine(day, time(10)), name)
        ahead = starts_at - timedelta(hours=24)
        assert cancellation_fee(Money(1000, "CAD"), starts_at, ahead, terms).amount.minor == 0
        assert cancellation_fee(Money(1000, "CAD"), starts_at, ahead + timedelta(minutes=1), terms).amount.minor == 500
        first, end = booking_window(ahead, notice_minutes=24 * 60, horizon_days=3, zone=name)
        assert first == starts_at
        assert local(end, name).time().hour < 2  # midnight, or the first time that the day has


@matrix
def test_a_week_of_promises_is_in_order_and_each_lasts_its_hour(law: str, name: str) -> None:
    for day in odd_days(name):
        rule = SeriesRule(datetime.combine(day, time(18, 30)), every=1, count=6)
        week = [one.starts_at for one in occurrences(rule, name)]
        assert week == sorted(week)
        assert {f"{local(one, name):%H:%M}" for one in week} == {"18:30"}
        assert {local(one, name).weekday() for one in week} == {day.weekday()}


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("booked", [*EARLIER, "today"])
def test_the_law_changes_after_the_booking_and_the_promise_stands(booked: str, name: str) -> None:
    """Booked under one law, read under the next: the wall time is what it was, the instant is not."""
    days = odd_days(name)
    promised = [datetime.combine(day, at) for day in days for at in (time(8), time(10), time(23, 30))]
    with zone_data(booked, RULES.get(booked, {})):
        before = [to_utc(wall, name) for wall in promised]
    with zone_data("2099a", {name: tomorrow(name)}):
        after = [to_utc(wall, name) for wall in promised]
        assert [local(one, name).replace(tzinfo=None, fold=0) for one in after] == promised
        assert after == sorted(after)
    assert after != before


@pytest.mark.parametrize("version", EARLIER)
def test_each_release_differs_from_today_where_the_law_changed_later_and_nowhere_else(version: str) -> None:
    """By an hour in winter: Canada stopped going back, Morocco stopped standing ahead but for Ramadan."""
    winter = datetime(2027, 1, 12, 10)  # noqa: DTZ001 - a wall time
    with zone_data(version, release(version)):
        then = {name: to_utc(winter, name) for name in ZONES}
    moved = {name: then[name] - to_utc(winter, name) for name in ZONES if then[name] != to_utc(winter, name)}
    hour = timedelta(hours=1)
    assert moved == {
        name: hour if name.startswith("America/") else -hour
        for name, changed in CHANGED_IN.items()
        if changed > version
    }


@matrix
def test_the_repeated_time_is_its_first_showing(law: str, name: str) -> None:
    for day in odd_days(name):
        for minute in range(0, 300, 30):
            wall = datetime.combine(day, time(minute // 60, minute % 60))
            if is_repeated(wall, name):
                assert local(to_utc(wall, name), name).fold == 0


def test_c10_a_visitors_own_zone_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clinic's time with its zone's name, whatever clock this process or its visitor lives by."""
    starts_at = to_utc(datetime(2027, 1, 12, 10), "America/Edmonton")  # noqa: DTZ001
    said = set()
    for theirs in ("Asia/Tokyo", "Europe/Berlin", "America/Edmonton"):
        monkeypatch.setenv("TZ", theirs)
        __import__("time").tzset()
        said.add(when_text(starts_at, "America/Edmonton"))
    monkeypatch.undo()
    __import__("time").tzset()
    assert said == {"Tuesday 12 January 2027, 10:00 a.m. (America/Edmonton, UTC−6)"}
