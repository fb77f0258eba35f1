"""Other people's calendar files as busy times."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.availability.domain import outside
from unknot.availability.domain.outside import NotACalendarError, OutsideCopy, TooBusyError, merged, read_calendar

SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 12, 1, tzinfo=UTC)
EDMONTON = "America/Edmonton"
# What a program that was not updated says about Edmonton: winter time, seven hours behind.
OLD_RULES = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:20001105T020000
TZOFFSETFROM:-0600
TZOFFSETTO:-0700
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20000312T020000
TZOFFSETFROM:-0700
TZOFFSETTO:-0600
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar(*events: str, zones: str = "") -> bytes:
    """A file of events, each given by its lines."""
    blocks = "".join(f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT\n" for number, event in enumerate(events))
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Other//EN\n{zones}{blocks}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def read(content: bytes, **changes: Any) -> OutsideCopy:
    return read_calendar(content, **({"zone": EDMONTON, "since": SINCE, "until": UNTIL} | changes))


def busy(*events: str, **changes: Any) -> list[str]:
    """Starts and ends in UTC, short."""
    return [f"{a:%m-%d %H:%M}/{b:%m-%d %H:%M}" for a, b in read(calendar(*events), **changes).busy]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("DTSTART:20270112T170000Z\nDTEND:20270112T180000Z", "01-12 17:00/01-12 18:00"),
        ("DTSTART;TZID=America/Edmonton:20270112T100000\nDURATION:PT90M", "01-12 16:00/01-12 17:30"),
        ("DTSTART;TZID=Europe/Berlin:20270112T100000\nDURATION:PT1H", "01-12 09:00/01-12 10:00"),
        ("DTSTART:20270112T100000\nDTEND:20270112T110000", "01-12 16:00/01-12 17:00"),  # floating: the practice's clock
        ("DTSTART;VALUE=DATE:20270112", "01-12 06:00/01-13 06:00"),
        ("DTSTART;VALUE=DATE:20270112\nDTEND;VALUE=DATE:20270115", "01-12 06:00/01-15 06:00"),
        ("DTSTART;TZID=Nowhere/Land:20270112T100000\nDURATION:PT1H", "01-12 16:00/01-12 17:00"),
        ("DTSTART:20261020T000000Z\nDTEND:20261102T000000Z", "11-01 00:00/11-02 00:00"),
    ],
)  # fmt: skip
def test_times_of_every_kind(event: str, said: str) -> None:
    assert busy(event) == [said]


@pytest.mark.parametrize(
    "more",
    ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "DTEND:20270112T170000Z"],
    ids=["transparent", "cancelled", "no length"],
)
def test_what_keeps_nobody_busy(more: str) -> None:
    assert busy(f"DTSTART:20270112T170000Z\n{more}") == []


def test_a_named_zone_follows_todays_law_whatever_rules_the_file_brings() -> None:
    event = "DTSTART;TZID=America/Edmonton:20270112T100000\nDTEND;TZID=America/Edmonton:20270112T110000"
    found = read(calendar(event, zones=OLD_RULES.format(name=EDMONTON)))
    assert found.busy[0][0] == datetime(2027, 1, 12, 16, 0, tzinfo=UTC)


def test_a_zone_nobody_knows_follows_the_rules_of_the_file() -> None:
    event = "DTSTART;TZID=Our own:20270112T100000\nDTEND;TZID=Our own:20270112T110000"
    found = read(calendar(event, zones=OLD_RULES.format(name="Our own")))
    assert found.busy[0][0] == datetime(2027, 1, 12, 17, 0, tzinfo=UTC)


def test_a_series_keeps_its_wall_time_over_the_clock_change() -> None:
    weekly = "DTSTART;TZID=America/Toronto:20271102T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2"
    assert busy(weekly) == ["11-02 14:00/11-02 15:00", "11-09 15:00/11-09 16:00"]


def test_a_series_with_a_gap_a_moved_and_a_cancelled_meeting() -> None:
    series = "DTSTART:20270104T170000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=5\nEXDATE:20270111T170000Z"
    moved = "DTSTART:20270119T180000Z\nDURATION:PT1H\nRECURRENCE-ID:20270118T170000Z"
    gone = "DTSTART:20270125T170000Z\nDURATION:PT1H\nRECURRENCE-ID:20270125T170000Z\nSTATUS:CANCELLED"
    content = calendar(series, moved, gone).replace(b"UID:1", b"UID:0").replace(b"UID:2", b"UID:0")
    assert [f"{a:%m-%d %H}" for a, _ in read(content).busy] == ["01-04 17", "01-19 18", "02-01 17"]


def test_an_endless_series_ends_with_the_horizon() -> None:
    found = read(calendar("DTSTART:19700105T170000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"))
    assert len(found.busy) == (UNTIL - SINCE).days
    assert found.busy[-1][1] <= UNTIL


def test_our_own_visits_that_come_back_keep_nobody_busy() -> None:
    content = calendar("DTSTART:20270112T170000Z\nDURATION:PT1H").replace(b"UID:0", b"UID:abc@visits.unknot")
    found = read(content, ours="@visits.unknot")
    assert (found.busy, found.uids) == ((), {"abc@visits.unknot"})


def test_broken_events_are_left_out_and_the_rest_counts() -> None:
    good = "DTSTART:20270112T170000Z\nDURATION:PT1H"
    broken = ["SUMMARY:no start", "DTSTART:20270113T170000Z\nDURATION:PT1H\nRRULE:FREQ=SOMETIMES", "DTSTART:yesterday"]
    assert busy(good, *broken) == ["01-12 17:00/01-12 18:00"]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<!doctype html><title>Sign in</title>", b"BEGIN:VCARD\r\nEND:VCARD\r\n", b"\x00\xff\xfe" * 100,
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20270112T170000Z\r\n",
    ],
    ids=["nothing", "a page", "a card", "noise", "cut off"],
)  # fmt: skip
def test_what_is_no_calendar(content: bytes) -> None:
    with pytest.raises(NotACalendarError):
        read(content)


def test_too_many_events_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "MOST_EVENTS", 99)
    with pytest.raises(TooBusyError):
        read(calendar("DTSTART:20270101T000000Z\nDURATION:PT1S\nRRULE:FREQ=MINUTELY;COUNT=100"))


instants = st.integers(0, 200).map(lambda hours: SINCE + timedelta(hours=hours))
spans = st.lists(st.tuples(instants, instants).filter(lambda span: span[0] < span[1]))


@given(spans)
def test_merging_keeps_every_moment_and_adds_none(many: list[tuple[datetime, datetime]]) -> None:
    found = list(merged(many))
    for hour in range(201):
        at = SINCE + timedelta(hours=hour)
        assert any(a <= at < b for a, b in found) == any(a <= at < b for a, b in many)
    assert all(a[1] < b[0] for a, b in pairwise(found))
