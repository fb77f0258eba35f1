"""The sweep against a brute force that asks, minute by minute, what the rules say."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.availability.domain.cells import Busy, busy_between, cell_of, cell_up, cells_up, instant_of_cell
from unknot.availability.domain.opening import (
    Break,
    DateRangeError,
    DayException,
    OpeningHoursError,
    OpeningRule,
    opening_windows,
)
from unknot.availability.domain.refusals import why_not
from unknot.availability.domain.slots import SlotQuestionError, free_gaps, open_starts, starts
from unknot.kernel.zones import local, local_day_bounds, minute_of, to_utc

# Zone and a day near each of its clock changes in 2027 (Edmonton and Kathmandu have none).
PLACES = [
    ("America/Edmonton", date(2027, 3, 14)), ("America/Edmonton", date(2027, 11, 7)),
    ("America/Toronto", date(2027, 3, 14)), ("America/Toronto", date(2027, 11, 7)),
    ("Europe/Berlin", date(2027, 3, 28)), ("Europe/Berlin", date(2027, 10, 31)),
    ("Australia/Lord_Howe", date(2027, 4, 4)), ("Australia/Lord_Howe", date(2027, 10, 3)),
    ("Asia/Kathmandu", date(2027, 5, 1)), ("America/St_Johns", date(2027, 3, 14)),
    ("America/St_Johns", date(2027, 11, 7)), ("Africa/Casablanca", date(2027, 2, 7)),
    ("Africa/Casablanca", date(2027, 3, 14)),
]  # fmt: skip
EVERY_DAY = range(7)


@dataclass(frozen=True)
class Question:
    zone: str
    rules: tuple[OpeningRule, ...]
    breaks: tuple[Break, ...]
    exceptions: tuple[DayException, ...]
    busy: tuple[Busy, ...]
    from_date: date
    to_date: date
    minutes: int
    before: int
    after: int
    grid: int
    rule: str

    def windows(self) -> list[tuple[int, int]]:
        return opening_windows(self.rules, self.breaks, self.exceptions, self.zone, self.from_date, self.to_date)

    def starts(self) -> list[int]:
        return open_starts(
            self.rules, self.breaks, self.exceptions, self.busy, zone=self.zone, from_date=self.from_date,
            to_date=self.to_date, minutes=self.minutes, before=self.before, after=self.after, grid_min=self.grid,
            buffer_rule=self.rule,
        )  # fmt: skip

    def refusal(self, start: datetime) -> str | None:
        refusal = why_not(
            start, windows=self.windows(), busy=self.busy, zone=self.zone, minutes=self.minutes, before=self.before,
            after=self.after, grid_min=self.grid, buffer_rule=self.rule,
            not_before=cell_up(local_day_bounds(self.from_date, self.zone)[0]),
            not_after=cell_up(local_day_bounds(self.to_date, self.zone)[0]) - 1,
        )  # fmt: skip
        return refusal and refusal.code


def instants(day: date, opens: int, closes: int, zone: str) -> set[int]:
    """Every UTC minute from the wall minute `opens` to `closes` of a day."""
    midnight = datetime.combine(day, datetime.min.time())
    first = to_utc(midnight + timedelta(minutes=opens), zone)
    last = to_utc(midnight + timedelta(minutes=closes), zone)
    return set(range(minute_of(first), minute_of(last)))


def open_minutes(asked: Question) -> set[int]:
    """Open UTC minutes, read off the rules one local day at a time."""
    opened: set[int] = set()
    for shift in range(-3, (asked.to_date - asked.from_date).days + 4):
        day = asked.from_date + timedelta(days=shift)
        own = [exception for exception in asked.exceptions if exception.day == day]
        hours: set[int] = set()
        if not any(exception.kind in ("closed", "changed") for exception in own):
            for rule in asked.rules:
                if rule.weekday == day.weekday() and holds(rule, day):
                    hours |= instants(day, rule.opens_min, rule.closes_min, asked.zone)
            for pause in asked.breaks:
                if pause.weekday == day.weekday() and holds(pause, day):
                    hours -= instants(day, pause.starts_min, pause.ends_min, asked.zone)
        for exception in own:
            if exception.kind != "closed":
                hours |= instants(day, exception.opens_min, exception.closes_min, asked.zone)
        opened |= hours
    return opened


def holds(item: OpeningRule | Break, day: date) -> bool:
    return (item.valid_from or date.min) <= day < (item.valid_until or date.max)


def oracle(asked: Question) -> list[int]:
    """Starts by trying every minute of every local day against the definition in words."""
    opened = open_minutes(asked)
    blocked: set[int] = set()
    touchy: set[int] = set()
    for one in asked.busy:
        service = set(range(one.start_cell * 5, one.end_cell * 5))
        full = set(range((one.start_cell - one.before) * 5, (one.end_cell + one.after) * 5))
        blocked |= full
        touchy |= full if asked.rule == "sum" else service
    found = []
    first = minute_of(local_day_bounds(asked.from_date, asked.zone)[0])
    last = minute_of(local_day_bounds(asked.to_date, asked.zone)[0])
    for minute in range(first, last):
        shown = local(datetime.fromtimestamp(minute * 60, UTC), asked.zone)
        if shown.fold or (shown.hour * 60 + shown.minute) % asked.grid or minute not in opened:
            continue
        service = set(range(minute, minute + asked.minutes))
        full = set(range(minute - asked.before, minute + asked.minutes + asked.after))
        if service <= opened and not service & blocked and not full & touchy:
            found.append(minute // 5)
    return found


def span(draw: st.DrawFn, *, opens_below: int = 1440) -> tuple[int, int]:
    opens = draw(st.one_of(st.sampled_from([0, 540, 1080]), st.integers(0, opens_below // 5 - 1).map(lambda n: n * 5)))
    length = draw(st.integers(1, 12 * 12)) * 5
    return opens, min(opens + length, 2880)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    zone, near = draw(st.sampled_from(PLACES))
    from_date = near + timedelta(days=draw(st.integers(-2, 1)))
    days = draw(st.integers(1, 3))
    dates = st.integers(-2, days + 2).map(lambda n: from_date + timedelta(days=n))
    limits = st.none() | dates
    weekdays = st.sampled_from([(from_date + timedelta(days=n)).weekday() for n in range(-1, days)])
    rules = [
        OpeningRule(draw(weekdays), *span(draw), draw(limits), draw(limits)) for _ in range(draw(st.integers(1, 6)))
    ]
    breaks = [
        Break(draw(weekdays), *span(draw, opens_below=1600), draw(limits), draw(limits))
        for _ in range(draw(st.integers(0, 3)))
    ]
    exceptions = [
        DayException(draw(dates), draw(st.sampled_from(["closed", "extra", "changed"])), *span(draw))
        for _ in range(draw(st.integers(0, 2)))
    ]
    origin = cell_of(local_day_bounds(from_date, zone)[0])
    buffers = st.sampled_from([0, 0, 1, 2, 3, 6])
    busy = []
    for _ in range(draw(st.integers(0, 6))):
        start = origin + draw(st.integers(-40, days * 288 + 40))
        busy.append(Busy(start, start + draw(st.integers(1, 40)), draw(buffers), draw(buffers)))
    return Question(
        zone, tuple(rules), tuple(breaks), tuple(exceptions), tuple(busy), from_date, from_date + timedelta(days=days),
        minutes=draw(st.sampled_from([5, 15, 30, 60, 75, 90, 180])), before=draw(st.sampled_from([0, 5, 10, 30])),
        after=draw(st.sampled_from([0, 5, 15, 30])), grid=draw(st.sampled_from([5, 15, 20, 30, 60])),
        rule=draw(st.sampled_from(["sum", "larger"])),
    )  # fmt: skip


@given(questions())
@settings(max_examples=250, deadline=None)
def test_starts_are_what_the_brute_force_finds(asked: Question) -> None:
    assert asked.starts() == oracle(asked)


@given(questions())
@settings(max_examples=120, deadline=None)
def test_every_start_lies_in_opening_time_and_starts_are_sorted(asked: Question) -> None:
    windows, found = asked.windows(), asked.starts()
    length = cells_up(asked.minutes)
    for start in found:
        assert sum(opens <= start and start + length <= closes for opens, closes in windows) == 1
    assert found == sorted(set(found))


@given(questions(), st.integers(0, 3 * 1440))
@settings(max_examples=200, deadline=None)
def test_a_reason_is_given_exactly_for_what_is_not_offered(asked: Question, minute: int) -> None:
    start = local_day_bounds(asked.from_date, asked.zone)[0] + timedelta(minutes=minute)
    offered = start in [instant_of_cell(cell) for cell in asked.starts()]
    assert (asked.refusal(start) is None) == offered


@given(questions())
@settings(max_examples=100, deadline=None)
def test_offered_starts_have_no_reason_against_them(asked: Question) -> None:
    for start in asked.starts():
        assert asked.refusal(instant_of_cell(start)) is None


@given(questions(), st.integers(0, 100))
@settings(max_examples=100, deadline=None)
def test_booking_an_offered_start_leaves_the_rest_as_the_oracle_says(asked: Question, pick: int) -> None:
    """C23: what is offered is free for its whole length, and taking it never opens a start."""
    found = asked.starts()
    if not found:
        return
    start = found[pick % len(found)]
    taken = Busy(start, start + cells_up(asked.minutes), cells_up(asked.before), cells_up(asked.after))
    later = replace(asked, busy=(*asked.busy, taken))
    assert set(later.starts()) < set(found)
    assert later.starts() == oracle(later)


def nine_to_five(zone: str, from_date: date, days: int, **changed: Any) -> Question:
    question = Question(
        zone, tuple(OpeningRule(weekday, 540, 1020) for weekday in EVERY_DAY), breaks=(), exceptions=(), busy=(),
        from_date=from_date, to_date=from_date + timedelta(days=days), minutes=60, before=0, after=0, grid=30,
        rule="sum",
    )  # fmt: skip
    return replace(question, **changed)


def clock(asked: Question) -> list[str]:
    return [f"{local(instant_of_cell(cell), asked.zone):%H:%M}" for cell in asked.starts()]


def at(zone: str, *parts: int) -> datetime:
    return to_utc(datetime(*parts), zone)  # type: ignore[arg-type]  # noqa: DTZ001


def test_c04_a_three_hour_service_does_not_overlap_the_visit_after_it() -> None:
    zone, day = "America/Toronto", date(2027, 5, 4)
    visit = busy_between(at(zone, 2027, 5, 4, 9, 30), at(zone, 2027, 5, 4, 12, 30))
    asked = nine_to_five(zone, day, 1, busy=(visit,), minutes=180)
    assert clock(asked) == ["12:30", "13:00", "13:30", "14:00"]
    assert asked.refusal(at(zone, 2027, 5, 4, 9, 0)) == "taken"


def test_c06_clock_change_days_keep_their_hours() -> None:
    asked = nine_to_five("America/Toronto", date(2027, 11, 5), 5)
    found = [instant_of_cell(cell) for cell in asked.starts()]
    by_day: dict[date, list[datetime]] = {}
    for start in found:
        by_day.setdefault(local(start, asked.zone).date(), []).append(start)
    assert [f"{local(own[0], asked.zone):%H:%M}" for own in by_day.values()] == ["09:00"] * 5
    assert by_day[date(2027, 11, 6)][0] == datetime(2027, 11, 6, 13, 0, tzinfo=UTC)
    assert by_day[date(2027, 11, 7)][0] == datetime(2027, 11, 7, 14, 0, tzinfo=UTC)
    assert [len(own) for own in by_day.values()] == [15] * 5


def test_c06_no_start_in_a_skipped_hour_and_a_repeated_hour_is_sold_once() -> None:
    night = tuple(OpeningRule(weekday, 0, 300) for weekday in EVERY_DAY)
    spring = nine_to_five("America/Toronto", date(2027, 3, 14), 1, rules=night)
    assert clock(spring) == ["00:00", "00:30", "01:00", "01:30", "03:00", "03:30", "04:00"]
    autumn = nine_to_five("America/Toronto", date(2027, 11, 7), 1, rules=night)
    assert clock(autumn) == ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "03:00", "03:30", "04:00"]
    assert autumn.refusal(datetime(2027, 11, 7, 6, 30, tzinfo=UTC)) == "repeated-hour"


@pytest.mark.parametrize(("rule", "expected"), [("sum", "11:45"), ("larger", "11:30")])
def test_c11_buffers_as_configured(rule: str, expected: str) -> None:
    zone, day = "Europe/Berlin", date(2027, 5, 4)
    visit = busy_between(at(zone, 2027, 5, 4, 10, 0), at(zone, 2027, 5, 4, 11, 0), before=15, after=30)
    asked = nine_to_five(zone, day, 1, busy=(visit,), before=15, after=30, grid=15, rule=rule)
    assert clock(asked)[0] == expected
    assert asked.refusal(at(zone, 2027, 5, 4, 11, 15)) == "their-buffer"
    assert asked.refusal(at(zone, 2027, 5, 4, 11, 30)) == ("own-buffer" if rule == "sum" else None)


def test_c11_the_first_visit_still_gets_its_set_up_time() -> None:
    zone, day = "Europe/Berlin", date(2027, 5, 4)
    assert clock(nine_to_five(zone, day, 1, before=15, after=30))[0] == "09:00"
    early = busy_between(at(zone, 2027, 5, 4, 8, 0), at(zone, 2027, 5, 4, 8, 50))
    assert clock(nine_to_five(zone, day, 1, before=15, after=30, busy=(early,)))[0] == "09:30"


def test_c23_free_for_half_the_time_is_not_free() -> None:
    late = tuple(OpeningRule(weekday, 600, 1020) for weekday in EVERY_DAY)
    asked = nine_to_five("America/Toronto", date(2027, 5, 4), 1, rules=late, minutes=120)
    assert clock(asked)[0] == "10:00"
    assert asked.refusal(at("America/Toronto", 2027, 5, 4, 9, 0)) == "closed"


def test_c29_a_day_with_one_slot_can_be_booked() -> None:
    one = tuple(OpeningRule(weekday, 600, 660) for weekday in EVERY_DAY)
    assert clock(nine_to_five("America/Toronto", date(2027, 5, 4), 1, rules=one)) == ["10:00"]


def test_c31_two_additions_lengthen_the_visit_under_one_buffer() -> None:
    zone, day = "America/Toronto", date(2027, 5, 4)
    visit = busy_between(at(zone, 2027, 5, 4, 10, 30), at(zone, 2027, 5, 4, 17, 0))
    assert clock(nine_to_five(zone, day, 1, busy=(visit,), minutes=85, after=5, grid=5))[-1] == "09:00"
    assert clock(nine_to_five(zone, day, 1, busy=(visit,), minutes=75, after=5, grid=5))[-1] == "09:10"


def test_hours_across_midnight_belong_to_the_evening_and_so_do_their_exceptions() -> None:
    night = tuple(OpeningRule(weekday, 1320, 1560) for weekday in EVERY_DAY)
    off = DayException(date(2027, 5, 4), "closed")
    asked = nine_to_five("America/Toronto", date(2027, 5, 4), 2, rules=night, exceptions=(off,), grid=60)
    assert clock(asked) == ["00:00", "01:00", "22:00", "23:00"]


def test_a_changed_day_has_its_own_hours_without_the_weekly_break() -> None:
    lunch = tuple(Break(weekday, 720, 780) for weekday in EVERY_DAY)
    changed = DayException(date(2027, 5, 4), "changed", 660, 840)
    extra = DayException(date(2027, 5, 5), "extra", 1080, 1140)
    asked = nine_to_five("America/Toronto", date(2027, 5, 4), 2, breaks=lunch, exceptions=(changed, extra), grid=60)
    assert clock(asked) == [
        "11:00",
        "12:00",
        "13:00",
        "09:00",
        "10:00",
        "11:00",
        "13:00",
        "14:00",
        "15:00",
        "16:00",
        "18:00",
    ]


def test_the_grid_is_local_even_where_the_offset_is_odd() -> None:
    assert clock(nine_to_five("Asia/Kathmandu", date(2027, 5, 4), 1, grid=60, minutes=240)) == [
        "09:00", "10:00", "11:00", "12:00", "13:00",
    ]  # fmt: skip


def test_round_the_clock_opening_joins_at_midnight() -> None:
    always = tuple(OpeningRule(weekday, 0, 1440) for weekday in EVERY_DAY)
    asked = nine_to_five("America/Toronto", date(2027, 5, 4), 1, rules=always, grid=60, minutes=180)
    assert len(asked.starts()) == 24


def test_gaps_know_their_reach() -> None:
    busy = [Busy(10, 20, before=2, after=4), Busy(40, 50, before=3)]
    assert free_gaps([(0, 60)], busy, buffer_rule="sum") == [(0, 8, 255, 0), (24, 37, 0, 0), (50, 60, 0, 255)]
    assert free_gaps([(0, 60)], busy, buffer_rule="larger") == [
        (0, 8, 255, 2), (24, 37, 4, 3), (50, 60, 0, 255),
    ]  # fmt: skip
    assert free_gaps([(30, 36)], busy) == [(30, 36, 6, 1)]


def test_a_block_over_two_windows_closes_both_and_overlapping_blocks_keep_their_outer_reach() -> None:
    across = [Busy(20, 50)]
    assert free_gaps([(0, 30), (40, 60)], across) == [(0, 20, 255, 0), (50, 60, 0, 255)]
    nested = [Busy(20, 50, before=2), Busy(24, 30, after=1)]
    assert free_gaps([(0, 60)], nested, buffer_rule="larger") == [(0, 18, 255, 2), (50, 60, 0, 255)]
    crossed = [Busy(20, 30, before=8, after=9), Busy(14, 22)]
    assert free_gaps([(0, 60)], crossed, buffer_rule="larger") == [(0, 12, 255, 2), (39, 60, 9, 255)]


def test_extra_hours_on_a_closed_day_in_any_order() -> None:
    rows = (DayException(date(2027, 5, 4), "closed"), DayException(date(2027, 5, 4), "extra", 1080, 1200))
    for exceptions in (rows, rows[::-1]):
        asked = nine_to_five("America/Toronto", date(2027, 5, 4), 1, exceptions=exceptions, grid=60)
        assert clock(asked) == ["18:00", "19:00"]


def test_bounds_on_the_start_are_inclusive() -> None:
    found = starts(
        [(0, 100, 0, 0)], minutes=60, before=0, after=0, grid_min=5, zone="Asia/Kathmandu", not_before=7, not_after=9
    )
    assert found == [7, 8, 9]


@pytest.mark.parametrize("grid", [0, 7, 25 * 7, -15, 2880])
def test_a_grid_has_to_divide_the_day(grid: int) -> None:
    with pytest.raises(SlotQuestionError):
        starts([], minutes=60, before=0, after=0, grid_min=grid, zone="Europe/Berlin")


def test_impossible_questions_and_hours_are_refused() -> None:
    with pytest.raises(SlotQuestionError):
        free_gaps([], [], buffer_rule="average")
    with pytest.raises(SlotQuestionError):
        starts([], minutes=0, before=0, after=0, grid_min=15, zone="Europe/Berlin")
    with pytest.raises(SlotQuestionError):
        starts([], minutes=60, before=1440, after=0, grid_min=15, zone="Europe/Berlin")
    with pytest.raises(DateRangeError):
        opening_windows([], [], [], "Europe/Berlin", date(2027, 5, 4), date(2027, 5, 4))
    for opens, closes in [(600, 600), (601, 700), (600, 2885), (1440, 1500), (-5, 60)]:
        with pytest.raises(OpeningHoursError):
            OpeningRule(0, opens, closes)
    with pytest.raises(OpeningHoursError):
        DayException(date(2027, 5, 4), "holiday")
