"""Reminders come at civil hours, before the visit, and once."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.kernel.errors import InvalidError
from unknot.notifications.domain import DAY_BEFORE, Kind, ReminderRule, message_key, reminder_due_at

ZONES = ["America/Toronto", "America/Edmonton", "America/St_Johns", "Europe/Berlin", "Australia/Lord_Howe", "Etc/UTC"]
TORONTO = ZoneInfo("America/Toronto")
moments = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001
rules = st.builds(
    ReminderRule,
    days_before=st.integers(0, 7),
    hours_before=st.integers(0, 12),
    least_notice=st.integers(0, 72).map(lambda hours: timedelta(hours=hours)),
)


@given(moments, st.integers(0, 400), st.sampled_from(ZONES), rules)
def test_a_reminder_is_civil_and_between_booking_and_start(
    starts_at: datetime, hours: int, zone: str, rule: ReminderRule
) -> None:
    booked_at = starts_at - timedelta(hours=hours)
    due = reminder_due_at(starts_at=starts_at, booked_at=booked_at, zone=zone, rule=rule)
    if timedelta(hours=hours) < rule.least_notice:
        assert due is None
    if due is not None:
        assert booked_at < due < starts_at
        assert rule.opens <= due.astimezone(ZoneInfo(zone)).time() <= rule.closes


@given(moments, st.sampled_from(ZONES))
def test_booked_long_before_there_always_is_a_reminder_about_a_day_ahead(starts_at: datetime, zone: str) -> None:
    due = reminder_due_at(starts_at=starts_at, booked_at=starts_at - timedelta(days=30), zone=zone)
    assert due is not None
    assert timedelta(hours=14) < starts_at - due < timedelta(hours=30)


def at(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=TORONTO).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (at(10, 14), at(9, 14)),
        (at(10, 6), at(9, 8)),
        (at(10, 22), at(9, 20)),
        # Clocks go back on 7 November and forward on 14 March: the same wall time, 25 or 23 hours before.
        (at(7, 14), at(6, 14)),
        (at(14, 14, month=3), at(13, 14, month=3)),
    ],
)
def test_the_same_wall_time_a_day_before(start: datetime, due: datetime) -> None:
    assert reminder_due_at(starts_at=start, booked_at=start - timedelta(days=9), zone="America/Toronto") == due


def test_an_early_visit_with_a_short_offset_is_reminded_the_evening_before() -> None:
    rule = ReminderRule(days_before=0, hours_before=2, least_notice=timedelta(hours=4))
    due = reminder_due_at(starts_at=at(10, 7), booked_at=at(1, 7), zone="America/Toronto", rule=rule)
    assert due == at(9, 20)


def test_booked_late_means_no_reminder() -> None:
    start = at(10, 14)
    late = start - DAY_BEFORE.least_notice + timedelta(seconds=1)
    assert reminder_due_at(starts_at=start, booked_at=late, zone="America/Toronto") is None
    assert reminder_due_at(starts_at=start, booked_at=late - timedelta(seconds=1), zone="America/Toronto") is not None


def test_civil_hours_can_be_set() -> None:
    rule = ReminderRule(opens=time(10), closes=time(12))
    due = reminder_due_at(starts_at=at(10, 14), booked_at=at(1, 14), zone="America/Toronto", rule=rule)
    assert due == at(9, 12)


def test_keys_differ_by_everything_that_makes_another_message() -> None:
    keys = {
        message_key(booking, kind, offset, sequence=sequence)
        for booking in ("1", "2")
        for kind in Kind
        for offset in ("0", "1d", "2h")
        for sequence in (0, 1)
    }
    assert len(keys) == 2 * len(Kind) * 3 * 2
    assert message_key("7f", Kind.BOOKING_REMINDER, DAY_BEFORE.offset) == "booking:7f:booking_reminder:1d"
    assert message_key("7f", Kind.BOOKING_REMINDER, "1d", sequence=2) == "booking:7f:booking_reminder:1d@2"
    assert ReminderRule(days_before=1, hours_before=2).offset == "1d2h"


@pytest.mark.parametrize(("booking", "offset"), [("a:b", "1d"), ("", "1d"), ("a", "1d:x"), ("a", "")])
def test_a_key_cannot_be_blurred(booking: str, offset: str) -> None:
    with pytest.raises(InvalidError):
        message_key(booking, Kind.BOOKING_REMINDER, offset)
