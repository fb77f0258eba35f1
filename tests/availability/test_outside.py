"""Outside calendars: joined by their therapist, read through the guarded client, kept as the last good copy."""

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from tests.availability.domain.test_outside import calendar
from tests.stub_server import redirect
from unknot.availability import actions, queries
from unknot.availability.actions import outside
from unknot.availability.models import OutsideBusy, OutsideCalendar
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import InvalidError, NotFoundError
from unknot.kernel.ids import new_id
from unknot.web import outbound

pytestmark = pytest.mark.django_db
Joined = Callable[..., tuple[UUID, Any]]
Read = Callable[[UUID, datetime], str]
DENTIST = "DTSTART;TZID=America/Edmonton:20261119T100000\nDURATION:PT1H\nSUMMARY:Dentist with Dr. Example"
MINUTE = timedelta(minutes=1)


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def busy() -> list[str]:
    return [f"{row.starts_at:%m-%d %H:%M}/{row.ends_at:%H:%M}" for row in OutsideBusy.objects.order_by("starts_at")]


def state(maren: Actor, now: datetime) -> tuple[str, str]:
    (found,) = queries.outside_calendars(by=maren, now=now)
    return found.state, found.message


def test_what_is_read_is_kept_without_a_word_of_what_it_is(
    joined: Joined, read: Read, maren: Actor, now: datetime
) -> None:
    calendar_id, _ = joined(ok(calendar(DENTIST)))
    assert state(maren, now) == ("new", "")
    assert read(calendar_id, now) == "read"
    assert busy() == ["11-19 16:00/17:00"]
    assert state(maren, now) == ("fresh", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT b::text FROM availability_outsidebusy b UNION ALL SELECT c::text "
                       "FROM availability_outsidecalendar c")  # fmt: skip
        assert not any("Dentist" in row or "cal.ics" in row for (row,) in cursor.fetchall())


def test_nothing_is_written_when_nothing_changed(joined: Joined, read: Read, now: datetime) -> None:
    calendar_id, _ = joined(ok(calendar(DENTIST)))
    assert (read(calendar_id, now), read(calendar_id, now + MINUTE)) == ("read", "unchanged")
    assert OutsideCalendar.objects.get().read_at == now + MINUTE


def test_the_next_copy_stands_for_the_one_before(joined: Joined, read: Read, now: datetime) -> None:
    calendar_id, server = joined(ok(calendar(DENTIST)))
    read(calendar_id, now)
    server.handler = lambda wire, _: wire.sendall(ok(calendar(DENTIST.replace("T10", "T14"))))
    assert read(calendar_id, now + MINUTE) == "read"
    assert busy() == ["11-19 20:00/21:00"]


def pour(wire: socket.socket, _: bytes) -> None:
    wire.sendall(b"HTTP/1.1 200 OK\r\n\r\nBEGIN:VCALENDAR\r\n")
    for _ in range(16_000):
        wire.sendall(b"X" * 65536)


BAD: dict[str, tuple[Any, str]] = {
    "says nothing": (lambda wire, _: time.sleep(3), "too-slow"),
    "is a gigabyte": (pour, "too-large"),
    "leads into the house": (redirect("http://169.254.169.254/latest/meta-data/"), "address-not-public"),
    "leads to a file": (redirect("file:///etc/passwd"), "address-not-web"),
    "is a page": (ok(b"<!doctype html><title>Sign in</title>"), "not-a-calendar"),
    "is closed": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "refused-there"),
    "is half a calendar": (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nBEGIN:VCALENDAR\r\n", "no-answer"),
}


@pytest.mark.parametrize("how", BAD)
def test_whatever_goes_wrong_the_last_good_copy_counts_and_the_reason_is_said(
    joined: Joined, read: Read, maren: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(outside, "LIMITS", outbound.Limits(seconds=1, size=1_000_000))
    calendar_id, server = joined(ok(calendar(DENTIST)))
    read(calendar_id, now)
    answer, code = BAD[how]
    server.handler = answer if callable(answer) else lambda wire, _: wire.sendall(answer)
    assert read(calendar_id, now + MINUTE) == code
    assert busy() == ["11-19 16:00/17:00"]
    said, message = state(maren, now + MINUTE)
    assert said == "failing"
    assert len(message) > 40
    server.handler = lambda wire, _: wire.sendall(ok(calendar(DENTIST)))
    read(calendar_id, now + 2 * MINUTE)
    assert state(maren, now + 2 * MINUTE) == ("fresh", "")


def test_by_default_a_private_address_is_not_gone_to(joined: Joined, read: Read, now: datetime, settings: Any) -> None:
    calendar_id, server = joined(ok(calendar(DENTIST)))
    settings.UNKNOT_OUTBOUND_ALLOW = ()
    assert read(calendar_id, now) == "address-not-public"
    assert server.asked == []


def test_whoever_began_later_knows_better(
    joined: Joined, read: Read, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow reading that ends after a newer one began is thrown away."""
    calendar_id, _ = joined(ok(calendar(DENTIST)))
    fetch = outbound.fetch

    def overtaken(*args: Any, **more: Any) -> Any:
        found = fetch(*args, **more)
        OutsideCalendar.objects.filter(pk=calendar_id).update(tried_at=now + MINUTE)
        return found

    monkeypatch.setattr(outbound, "fetch", overtaken)
    assert read(calendar_id, now) == "gone"
    assert busy() == []


def test_our_own_visits_do_not_come_back(joined: Joined, read: Read, now: datetime) -> None:
    """Twenty rounds of echo: never busy, never missed; when one vanishes there, it is kept to be asked about."""
    visit = new_id()
    echo = calendar(DENTIST).replace(b"UID:0", f"UID:{visit}@visits.unknot".encode())
    calendar_id, server = joined(ok(echo))
    for round_ in range(20):
        read(calendar_id, now + round_ * MINUTE)
    row = OutsideCalendar.objects.get()
    assert (busy(), row.echoes, row.missing) == ([], [str(visit)], [])
    server.handler = lambda wire, _: wire.sendall(ok(calendar()))
    for round_ in range(20, 22):
        read(calendar_id, now + round_ * MINUTE)
    assert queries.missing_echoes(row.therapist_id) == [visit]
    actions.forget_missing(by=system(row.practice_id), therapist_id=row.therapist_id, now=now)
    assert queries.missing_echoes(row.therapist_id) == []


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("file:///etc/passwd", "calendar-address"),
        ("my calendar", "calendar-address"),
        ("https://me:word@cal.example/x.ics", "calendar-address"),
        ("http://testserver/p/riverbend/feeds/abc/diary.ics", "own-feed"),
    ],
)
def test_addresses_that_can_not_be_joined(river: Stage, maren: Actor, now: datetime, address: str, code: str) -> None:
    with pytest.raises(InvalidError) as refused:
        actions.add_outside(by=maren, address=address, now=now)
    assert (refused.value.code, refused.value.field) == (code, "address")


def test_three_are_enough(river: Stage, maren: Actor, now: datetime) -> None:
    for number in range(3):
        actions.add_outside(by=maren, address=f"webcal://cal.example/{number}.ics", now=now)
    with pytest.raises(actions.TooManyCalendarsError):
        actions.add_outside(by=maren, address="https://cal.example/4.ics", now=now)


def test_a_removed_calendar_leaves_nothing(joined: Joined, read: Read, maren: Actor, now: datetime) -> None:
    calendar_id, _ = joined(ok(calendar(DENTIST)))
    read(calendar_id, now)
    actions.remove_outside(by=maren, calendar_id=calendar_id, now=now)
    assert (OutsideCalendar.objects.count(), OutsideBusy.objects.count()) == (0, 0)
    assert read(calendar_id, now) == "gone"


def test_only_its_therapist(joined: Joined, maren: Actor, foothills: Stage, staff_of: Any, now: datetime) -> None:
    calendar_id, _ = joined(ok(calendar()))
    noor = staff_of(foothills, "therapist")
    attempts: list[Callable[[], Any]] = [
        lambda: actions.remove_outside(by=noor, calendar_id=calendar_id, now=now),
        lambda: actions.read_again(by=noor, calendar_id=calendar_id, now=now),
        lambda: actions.read_outside(by=maren, calendar_id=calendar_id, now=now),
        lambda: actions.set_outside_rule(by=noor, when_stale="stop", hours=1, look_again=True, now=now),
        lambda: actions.enqueue_due(by=maren, now=now),
        lambda: actions.forget_missing(by=maren, therapist_id=calendar_id, now=now),
        lambda: actions.add_outside(by=system(maren.practice_id), address="https://cal.example/", now=now),
    ]
    for attempt in attempts:
        with pytest.raises(NotFoundError):
            attempt()


def test_each_is_read_again_in_its_time(joined: Joined, read: Read, river: Stage, now: datetime) -> None:
    by = system(river.practice.id)
    calendar_id, _ = joined(ok(calendar()))
    assert actions.enqueue_due(by=by, now=now) == 0  # joining it has enqueued it
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    read(calendar_id, now)
    assert [actions.enqueue_due(by=by, now=now + minutes * MINUTE) for minutes in (5, 14, 15)] == [0, 0, 1]


def test_a_copy_grows_old(joined: Joined, read: Read, maren: Actor, now: datetime) -> None:
    calendar_id, _ = joined(ok(calendar(DENTIST)))
    read(calendar_id, now)
    assert state(maren, now + timedelta(hours=24))[0] == "fresh"
    assert state(maren, now + timedelta(hours=24, minutes=1))[0] == "stale"


def test_the_practice_chooses_what_an_old_copy_means(
    joined: Joined, read: Read, maren: Actor, river: Stage, now: datetime
) -> None:
    calendar_id, _ = joined(ok(calendar(DENTIST)))
    read(calendar_id, now)
    later = now + timedelta(hours=3)
    day = {"since": datetime(2026, 11, 19, tzinfo=UTC), "until": datetime(2026, 11, 21, tzinfo=UTC)}
    ids = [river.therapists["maren-oduya"].pk]

    def told() -> list[str]:
        return [f"{a:%d %H}/{b:%d %H}" for _, a, b in queries.outside_busy(ids, **day, now=later)]

    assert told() == ["19 16/19 17"]
    actions.set_outside_rule(by=maren, when_stale="stop", hours=2, look_again=True, now=now)
    assert sorted(told()) == ["19 00/21 00", "19 16/19 17"]
    read(calendar_id, later)
    assert told() == ["19 16/19 17"]
    with pytest.raises(actions.OutsideRuleError):
        actions.set_outside_rule(by=maren, when_stale="stop", hours=0, look_again=True, now=now)


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_however_many_calendars(
    river: Stage, maren: Actor, now: datetime, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(count):
        actions.add_outside(by=maren, address=f"https://cal.example/{number}.ics", now=now)
    with django_assert_num_queries(3):
        assert len(queries.outside_calendars(by=maren, now=now)) == count
    with django_assert_num_queries(1):
        queries.outside_busy([maren.therapist_id], since=now, until=now + MINUTE, now=now)  # type: ignore[list-item]
