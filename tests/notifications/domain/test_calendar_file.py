"""Calendar files: one event, in UTC, whatever stands in the texts."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from unknot.notifications.domain import (
    CalendarEntry,
    CalendarFileError,
    appointment_summary,
    calendar_file,
    cancel_file,
    request_file,
)

START = datetime(2027, 11, 9, 10, tzinfo=timezone(timedelta(hours=-5)))
FIELDS: dict[str, Any] = {
    "uid": "7f3a@unknot.example",
    "sequence": 2,
    "starts_at": START,
    "ends_at": START + timedelta(minutes=75),
    "summary": appointment_summary("Wren & Willow"),
    "location": "210, 10116 Example Street NW; Edmonton",
    "organizer": "desk@wren.example",
    "attendee": "maren@mail.example",
    "stamp": datetime(2026, 11, 20, 12, tzinfo=UTC),
}
HOSTILE = [
    "x\r\nATTENDEE:mailto:eve@bad.example",
    "x\nEND:VEVENT\nBEGIN:VALARM\nACTION:DISPLAY\nEND:VALARM",
    'a;b,c:d\\n"e"',
    "x\u2028END:VEVENT",
    "x\x0bBEGIN:VEVENT",
    "x\x85ATTENDEE:y",
]


def events(content: bytes) -> list[Any]:
    return [part for part in Calendar.from_ical(content).walk() if part.name == "VEVENT"]


def test_a_request_says_what_a_calendar_needs() -> None:
    content = request_file(**FIELDS)
    lines = content.decode().replace("\r\n ", "").split("\r\n")
    assert lines == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Unknot//Appointments//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "SUMMARY:Appointment at Wren & Willow",
        "DTSTART:20271109T150000Z",
        "DTEND:20271109T161500Z",
        "DTSTAMP:20261120T120000Z",
        "UID:7f3a@unknot.example",
        "SEQUENCE:2",
        "ATTENDEE;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:maren@mail.example",
        "CLASS:PRIVATE",
        "LOCATION:210\\, 10116 Example Street NW\\; Edmonton",
        "ORGANIZER:mailto:desk@wren.example",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_a_cancellation_keeps_the_uid() -> None:
    content = cancel_file(**{**FIELDS, "sequence": 3})
    calendar = Calendar.from_ical(content)
    (event,) = events(content)
    assert calendar["METHOD"] == "CANCEL"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("7f3a@unknot.example", 3, "CANCELLED")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["summary", "location"])
def test_texts_cannot_start_properties(field: str, text: str) -> None:
    content = request_file(**{**FIELDS, field: text})
    (event,) = events(content)
    assert sorted(event.keys()) == sorted(events(request_file(**FIELDS))[0].keys())
    assert event["ATTENDEE"] == "mailto:maren@mail.example"
    assert len(list(Calendar.from_ical(content).walk())) == 2


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_parses_back_to_one_event(summary: str, location: str) -> None:
    content = request_file(**{**FIELDS, "summary": summary, "location": location})
    (event,) = events(content)
    for name, text in (("SUMMARY", summary), ("LOCATION", location)):
        flat = "".join(char if char.isprintable() else " " for char in text)
        assert str(event.get(name, "")) == " ".join(flat.split())
    assert event["DTSTART"].dt == START
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


@pytest.mark.parametrize(
    "changes",
    [
        {"uid": "a\nb"},
        {"uid": ""},
        {"attendee": "eve@bad.example\r\nX:1"},
        {"attendee": "no address"},
        {"organizer": "mailto:desk@wren.example"},
        {"ends_at": START},
        {"sequence": -1},
        {"starts_at": datetime(2027, 11, 9)},  # noqa: DTZ001
    ],
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(CalendarFileError):
        request_file(**{**FIELDS, **changes})


def test_a_summary_never_names_a_service() -> None:
    assert appointment_summary("Wren\n& Willow") == "Appointment at Wren & Willow"


def several(*uids: str) -> bytes:
    entries = [
        CalendarEntry(uid, number, START + timedelta(days=7 * number), START + timedelta(days=7 * number, hours=1))
        for number, uid in enumerate(uids)
    ]
    return calendar_file(
        "REQUEST",
        entries,
        summary="Appointment",
        organizer="desk@wren.example",
        attendee="maren@mail.example",
        stamp=FIELDS["stamp"],
    )


def test_several_visits_stand_in_one_file_each_under_its_own_uid() -> None:
    found = events(several("a@unknot.example", "b@unknot.example", "c@unknot.example"))
    assert [(str(one["UID"])[0], one["SEQUENCE"]) for one in found] == [("a", 0), ("b", 1), ("c", 2)]
    assert [one["DTSTART"].dt for one in found] == [START + timedelta(days=7 * number) for number in range(3)]


@pytest.mark.parametrize("uids", [(), ("a@unknot.example", "a@unknot.example")])
def test_a_file_of_nothing_or_of_one_visit_twice_is_refused(uids: tuple[str, ...]) -> None:
    with pytest.raises(CalendarFileError):
        several(*uids)
