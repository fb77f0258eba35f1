"""Days, times and terms in words."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.booking.domain.wording import (
    clock,
    day_words,
    days_of,
    part_of_day,
    terms_words,
    times_free,
    visit_words,
)
from unknot.kernel.money import Money


@dataclass(frozen=True)
class Slot:
    local_start: str
    therapist_name: str = "Ana Whitford"
    place_name: str = "Studio"
    place_slug: str = "studio"

    @property
    def key(self) -> str:
        return f"{self.therapist_name}|{self.place_slug}|{self.local_start}"


@pytest.mark.parametrize(
    ("hour", "minute", "words"),
    [(0, 0, "12:00 a.m."), (9, 5, "9:05 a.m."), (12, 0, "12:00 p.m."), (23, 59, "11:59 p.m.")],
)
def test_clock(hour: int, minute: int, words: str) -> None:
    assert clock(datetime(2026, 11, 24, hour, minute)) == words  # noqa: DTZ001 - a wall time


def test_days_read_on_their_own() -> None:
    (day,) = days_of([Slot(f"2026-11-24T{hour:02d}:00") for hour in (9, 10, 11, 13, 15)])
    words = "Tuesday 24 November 2026, five times free"
    assert (day.heading, day.id, day.short) == (words, "day-2026-11-24", "Tue 24")
    assert [one.label for one in day.slots] == ["9:00 a.m.", "10:00 a.m.", "11:00 a.m.", "1:00 p.m.", "3:00 p.m."]
    assert day.slots[0].name == "with Ana Whitford, Studio"


def test_one_button_for_several_free_therapists() -> None:
    slots = [Slot("2026-11-24T09:00", name) for name in ("Ana Whitford", "Bo Lind", "Cy Moss")]
    (day,) = days_of(slots)
    assert [(one.sub, one.value) for one in day.slots] == [("3 free", slots[0].key)]
    assert day.slots[0].name == "with one of 3 therapists"
    assert [part for part, _ in day.parts] == ["morning"]
    assert days_of(slots, name_therapist=False)[0].slots[0].sub == ""


def test_a_part_of_the_day() -> None:
    slots = [Slot("2026-11-24T09:00"), Slot("2026-11-24T12:00"), Slot("2026-11-25T17:00")]
    assert [day.short for day in days_of(slots, part="evening")] == ["Wed 25"]
    assert [one.label for one in days_of(slots, part="afternoon")[0].slots] == ["12:00 p.m."]


@given(st.lists(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), max_size=40))  # noqa: DTZ001
def test_no_start_is_lost_and_none_doubled(starts: list[datetime]) -> None:
    slots = [Slot(f"{start:%Y-%m-%dT%H:%M}") for start in sorted(starts)]
    days = days_of(slots)
    assert sum(day.count for day in days) == len({slot.local_start for slot in slots})
    assert [day.id for day in days] == sorted(day.id for day in days)


@pytest.mark.parametrize(("count", "words"), [(1, "one time free"), (12, "twelve times free"), (13, "13 times free")])
def test_counts(count: int, words: str) -> None:
    assert times_free(count) == words


@given(st.integers(0, 23))
def test_every_hour_has_its_part(hour: int) -> None:
    assert part_of_day(hour) in {"morning", "afternoon", "evening"}


def test_visit_words() -> None:
    words = visit_words("2026-11-24T11:30", 60, "America/Edmonton")
    assert (words.day, words.start, words.end) == ("Tuesday 24 November", "11:30 a.m.", "12:30 p.m.")
    assert (words.zone, words.day_with_year) == ("Edmonton time", "Tuesday 24 November 2026")


def test_terms_name_real_moments() -> None:
    starts_at = datetime(2026, 11, 24, 16, tzinfo=UTC)  # 10:00 in Edmonton
    assert terms_words([[24, 50], [4, 100]], price=Money(11000), starts_at=starts_at, zone="America/Edmonton") == [
        "Free to change or cancel until Monday 23 November, 10:00 a.m.",
        "From Monday 23 November, 10:00 a.m.: 50 % of the price, $55.00.",
        "From Tuesday 24 November, 6:00 a.m.: the whole price, $110.00.",
    ]
    soon = starts_at - timedelta(hours=3)
    assert terms_words([[24, 50], [4, 100]], price=Money(11000), starts_at=starts_at, zone="UTC", now=soon) == [
        "From now on: the whole price, $110.00."
    ]
    assert terms_words([], price=Money(1), starts_at=starts_at, zone="UTC") == ["Cancelling is free until the start."]


def test_day_words_with_the_year() -> None:
    assert day_words(date(2027, 11, 9), year=True) == "Tuesday 9 November 2027"
