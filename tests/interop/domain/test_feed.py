"""The file of a feed: what stands in it, whatever stands in the texts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from unknot.interop.domain import FeedEvent, feed_file, initials

START = datetime(2027, 11, 9, 15, tzinfo=UTC)
HOSTILE = [
    "x\r\nATTENDEE:mailto:eve@bad.example",
    "x\nEND:VEVENT\nBEGIN:VALARM\nACTION:DISPLAY\nEND:VALARM",
    'a;b,c:d\\n"e"',
    "x\u2028END:VEVENT",
    "x\x0bBEGIN:VEVENT",
    "x\x85ATTENDEE:y",
    "x\x00y",
]


def event(**changes: Any) -> FeedEvent:
    usual: dict[str, Any] = {
        "uid": "0192@visits.unknot",
        "sequence": 3,
        "starts_at": START,
        "ends_at": START + timedelta(hours=1),
        "stamp": datetime(2027, 1, 1, tzinfo=UTC),
    }
    return FeedEvent(**(usual | changes))


def events(content: bytes) -> list[Any]:
    return [part for part in Calendar.from_ical(content).walk() if part.name == "VEVENT"]


def test_a_feed_says_when_and_no_more() -> None:
    lines = feed_file(name="Riverbend", events=[event()]).decode().split("\r\n")
    assert lines == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Unknot//Diary//EN",
        "X-WR-CALNAME:Riverbend",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
        "BEGIN:VEVENT",
        "SUMMARY:Busy",
        "DTSTART:20271109T150000Z",
        "DTEND:20271109T160000Z",
        "DTSTAMP:20270101T000000Z",
        "UID:0192@visits.unknot",
        "SEQUENCE:3",
        "CLASS:PRIVATE",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_an_unanswered_request_is_tentative() -> None:
    (found,) = events(feed_file(name="x", events=[event(tentative=True)]))
    assert found["STATUS"] == "TENTATIVE"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["title", "place", "name"])
def test_texts_cannot_start_properties(field: str, text: str) -> None:
    name = text if field == "name" else "x"
    changes = {} if field == "name" else {field: text}
    content = feed_file(name=name, events=[event(**changes), event(uid="b@visits.unknot")])
    found = events(content)
    assert len(list(Calendar.from_ical(content).walk())) == 3
    assert [sorted(set(one.keys()) - {"LOCATION"}) for one in found] == [sorted(found[1].keys())] * 2


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_parses_back_to_the_same_events(title: str, place: str) -> None:
    content = feed_file(name=title, events=[event(title=title, place=place)])
    (found,) = events(content)
    flat = " ".join("".join(char if char.isprintable() else " " for char in title).split())
    assert str(found["SUMMARY"]) == (flat or "Busy")
    assert found["DTSTART"].dt == START


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Tomasz Nowak-Reid", "T. N."),
        ("Cher", "C."),
        ("anna maria de la cruz", "A. C."),
        ("  Ólafur\nÞór ", "Ó. Þ."),
        ("", ""),
        ("(none) 12", ""),
    ],
)
def test_initials(name: str, said: str) -> None:
    assert initials(name) == said
