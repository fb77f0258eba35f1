"""The child process that reads strangers' files."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.availability.domain.test_outside import OLD_RULES, SINCE, UNTIL, calendar
from unknot.availability.domain.outside import NotACalendarError, OutsideCopy, TooBusyError
from unknot.availability.gateways.ics import client


def read(content: bytes) -> OutsideCopy:
    return client.read(content, zone="America/Edmonton", since=SINCE, until=UNTIL, ours="@visits.unknot")


def test_it_reads_what_the_domain_reads() -> None:
    ours = b"BEGIN:VEVENT\r\nUID:a@visits.unknot\r\nDTSTART:20270112T170000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
    content = calendar("DTSTART:20270112T100000\nDURATION:PT1H").replace(b"END:VCALENDAR", ours + b"END:VCALENDAR")
    start = datetime(2027, 1, 12, 16, 0, tzinfo=UTC)
    assert read(content) == OutsideCopy(((start, start.replace(hour=17)),), frozenset({"a@visits.unknot"}))


def test_no_calendar_is_said_as_such() -> None:
    with pytest.raises(NotACalendarError):
        read(b"<html>")


def test_every_second_for_ever_ends_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CPU_SECONDS", 1)
    began = time.monotonic()
    with pytest.raises(TooBusyError):
        read(calendar("DTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"))
    assert time.monotonic() - began < 10


def test_one_calendar_teaches_the_next_nothing() -> None:
    """A zone that one file defines is unknown in the next: there it is the practice's own clock."""
    event = "DTSTART;TZID=Our own:20270112T100000\nDTEND;TZID=Our own:20270112T110000"
    assert read(calendar(event, zones=OLD_RULES.format(name="Our own"))).busy[0][0].hour == 17
    assert read(calendar(event)).busy[0][0].hour == 16


def test_the_host_and_our_secrets_stay_out_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Zone data of the host is not asked, and the child sees none of our environment."""
    (tmp_path / "America").mkdir()
    (tmp_path / "America/Edmonton").write_bytes(b"not a zone")
    monkeypatch.setenv("PYTHONTZPATH", str(tmp_path))
    assert "UNKNOT_MASTER_KEY" in os.environ
    event = "DTSTART;TZID=America/Edmonton:20270112T100000\nDURATION:PT1H"
    assert read(calendar(event)).busy[0][0].hour == 16
