"""Named cases of opening time; the brute force over random rules is in `test_slots`."""

from datetime import UTC, date, datetime, timedelta

from unknot.availability.domain.cells import instant_of_cell
from unknot.availability.domain.opening import Break, DayException, OpeningRule, opening_windows
from unknot.kernel.zones import local

TUESDAY = date(2027, 5, 4)
EVERY_DAY = range(7)


def shown(
    rules: list[OpeningRule],
    breaks: list[Break] | None = None,
    exceptions: list[DayException] | None = None,
    *,
    zone: str = "America/Toronto",
    day: date = TUESDAY,
) -> list[str]:
    windows = opening_windows(rules, breaks or [], exceptions or [], zone, day, day + timedelta(days=1))
    return [
        "-".join(f"{local(instant_of_cell(cell), zone):%d %H:%M}" for cell in window)
        for window in windows
        if local(instant_of_cell(window[0]), zone).date() == day
    ]


def test_a_break_cuts_the_rules_of_its_day() -> None:
    assert shown([OpeningRule(1, 540, 1080)], [Break(1, 780, 840), Break(2, 600, 660)]) == [
        "04 09:00-04 13:00",
        "04 14:00-04 18:00",
    ]


def test_a_break_after_midnight_belongs_to_the_evening_before() -> None:
    assert shown([OpeningRule(1, 1320, 1680)], [Break(1, 1500, 1530)]) == ["04 22:00-05 01:00"]
    assert shown([OpeningRule(1, 1320, 1680)], [Break(2, 60, 90)]) == ["04 22:00-05 04:00"]


def test_touching_rules_join() -> None:
    assert shown([OpeningRule(1, 540, 720), OpeningRule(1, 720, 900)]) == ["04 09:00-04 15:00"]


def test_a_rule_ends_before_its_last_date() -> None:
    rules = [OpeningRule(1, 540, 600, None, TUESDAY), OpeningRule(1, 660, 720, TUESDAY, None)]
    assert shown(rules) == ["04 11:00-04 12:00"]


def test_changed_closed_and_extra() -> None:
    rules, breaks = [OpeningRule(1, 540, 1080)], [Break(1, 780, 840)]
    assert shown(rules, breaks, [DayException(TUESDAY, "closed")]) == []
    assert shown(rules, breaks, [DayException(TUESDAY, "changed", 720, 900)]) == ["04 12:00-04 15:00"]
    assert shown(rules, breaks, [DayException(TUESDAY, "extra", 1200, 1260)]) == [
        "04 09:00-04 13:00",
        "04 14:00-04 18:00",
        "04 20:00-04 21:00",
    ]


def test_nine_stays_nine_when_clocks_change() -> None:
    rules = [OpeningRule(weekday, 540, 1020) for weekday in EVERY_DAY]
    first = [
        instant_of_cell(opens)
        for opens, _ in opening_windows(rules, [], [], "America/Toronto", date(2027, 11, 6), date(2027, 11, 8))
    ]
    assert [when for when in first if when >= datetime(2027, 11, 6, tzinfo=UTC)] == [
        datetime(2027, 11, 6, 13, tzinfo=UTC),
        datetime(2027, 11, 7, 14, tzinfo=UTC),
        datetime(2027, 11, 8, 14, tzinfo=UTC),
    ]


def test_hours_inside_a_skipped_hour_move_forward_or_vanish() -> None:
    spring = date(2027, 3, 14)
    assert shown([OpeningRule(6, 135, 165)], day=spring) == ["14 03:15-14 03:45"]
    assert shown([OpeningRule(6, 150, 195)], day=spring) == []
    assert shown([OpeningRule(6, 60, 240)], day=spring) == ["14 01:00-14 04:00"]
