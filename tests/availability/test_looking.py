"""Outside calendars looked at again while somebody waits: servers that are quick, slow, silent or broken."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.availability.domain.test_outside import calendar
from tests.availability.test_outside import DENTIST, busy, ok
from unknot.availability import actions
from unknot.availability.actions import looking
from unknot.availability.domain.freshness import LOOK_AFTER, is_worth_a_look
from unknot.availability.models import OutsideCalendar
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.web import outbound

pytestmark = pytest.mark.django_db
Joined = Callable[..., tuple[UUID, Any]]
Read = Callable[[UUID, datetime], str]
LATER = timedelta(minutes=5)


@pytest.fixture
def look(river: Stage, maren: Actor) -> Callable[..., int]:
    """`look(now, seconds=3)`: as before a confirmation with Maren; returns how many were read."""
    ids = [river.therapists["maren-oduya"].pk]
    return lambda now, **more: actions.look_again(by=system(river.practice.id), therapist_ids=ids, now=now, **more)


def moved(server: Any) -> None:
    """From now on the dentist is at two."""
    server.handler = lambda wire, _: wire.sendall(ok(calendar(DENTIST.replace("T10", "T14"))))


def waiting(task: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'", [task])
        return int(cursor.fetchone()[0])


def no_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def test_what_changed_meanwhile_is_kept_like_any_reading(
    joined: Joined, read: Read, look: Callable[..., int], now: datetime
) -> None:
    calendar_id, server = joined(ok(calendar(DENTIST)))
    read(calendar_id, now)
    no_jobs()
    moved(server)
    assert look(now + LATER) == 1
    row = OutsideCalendar.objects.get()
    assert (busy(), row.read_at, row.tried_at, row.failure) == (["11-19 20:00/21:00"], now + LATER, now + LATER, "")
    assert waiting("interop.compare_calendars") == 1


def test_what_was_read_just_now_is_not_asked_again(
    joined: Joined, read: Read, look: Callable[..., int], now: datetime
) -> None:
    calendar_id, server = joined(ok(calendar(DENTIST)))
    read(calendar_id, now)
    moved(server)
    assert look(now + LOOK_AFTER - timedelta(seconds=1)) == 0
    assert (len(server.asked), busy()) == (1, ["11-19 16:00/17:00"])
    assert look(now + LOOK_AFTER) == 1
    assert look(now + LOOK_AFTER) == 0


def test_a_practice_may_leave_it(
    joined: Joined, read: Read, look: Callable[..., int], maren: Actor, now: datetime
) -> None:
    calendar_id, server = joined(ok(calendar(DENTIST)))
    read(calendar_id, now)
    actions.set_outside_rule(by=maren, when_stale="warn", hours=24, look_again=False, now=now)
    assert look(now + LATER) == 0
    assert (len(server.asked), OutsideCalendar.objects.get().tried_at) == (1, now)
    actions.set_outside_rule(by=maren, when_stale="warn", hours=24, look_again=True, now=now)
    assert look(now + LATER) == 1


def drip(wire: Any, _: bytes) -> None:
    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
    for _ in range(80):
        wire.sendall(b"B")
        time.sleep(0.1)


SILENT: dict[str, Any] = {"says nothing": lambda wire, _: time.sleep(8), "drips": drip}


@pytest.mark.parametrize("how", SILENT)
def test_nobody_waits_longer_than_three_seconds(
    joined: Joined, read: Read, look: Callable[..., int], now: datetime, how: str
) -> None:
    """The last good copy counts, nothing is said to be wrong yet, and the background reads it without this hurry."""
    calendar_id, server = joined(ok(calendar(DENTIST)))
    read(calendar_id, now)
    no_jobs()
    server.handler = SILENT[how]
    began = time.monotonic()
    assert look(now + LATER) == 0
    assert 2.5 < time.monotonic() - began < 3.8
    row = OutsideCalendar.objects.get()
    assert (busy(), row.read_at, row.failure) == (["11-19 16:00/17:00"], now, "")
    assert (waiting("availability.read_outside"), waiting("interop.compare_calendars")) == (1, 0)


def test_a_name_server_that_hangs_is_left_behind(
    joined: Joined, read: Read, look: Callable[..., int], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a reading hangs in, whoever confirms goes on."""
    calendar_id, _ = joined(ok(calendar(DENTIST)))
    read(calendar_id, now)

    def hang(*_: Any, **__: Any) -> None:
        time.sleep(2)
        raise outbound.TooSlowError

    monkeypatch.setattr(looking.outbound, "fetch", hang)
    began = time.monotonic()
    assert look(now + LATER, seconds=1.0) == 0
    assert time.monotonic() - began < 1.8


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ok(b"<!doctype html>")], ids=["closed", "a page"]
)
def test_a_broken_one_is_not_waited_for_twice(
    joined: Joined, read: Read, look: Callable[..., int], now: datetime, answer: bytes
) -> None:
    calendar_id, server = joined(ok(calendar(DENTIST)))
    read(calendar_id, now)
    server.handler = lambda wire, _: wire.sendall(answer)
    assert look(now + LATER) == 0
    assert (busy(), OutsideCalendar.objects.get().failure) == (["11-19 16:00/17:00"], "")
    assert read(calendar_id, now + 2 * LATER) != "read"  # the background says what is wrong
    asked = len(server.asked)
    assert look(now + 4 * LATER) == 0
    assert (busy(), len(server.asked)) == (["11-19 16:00/17:00"], asked)
    moved(server)
    read(calendar_id, now + 5 * LATER)
    assert look(now + 6 * LATER) == 1


def test_all_of_a_therapist_are_read_at_once(
    joined: Joined, look: Callable[..., int], maren: Actor, now: datetime
) -> None:
    """A silent one takes nothing from the other two."""
    joined(SILENT["says nothing"])
    for one in ("T10", "T14"):
        joined(ok(calendar(DENTIST.replace("T10", one))))
    began = time.monotonic()
    assert look(now) == 2
    assert time.monotonic() - began < 3.8
    assert busy() == ["11-19 16:00/17:00", "11-19 20:00/21:00"]


def test_whoever_began_later_knows_better(
    joined: Joined, read: Read, look: Callable[..., int], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendar_id, server = joined(ok(calendar(DENTIST)))
    read(calendar_id, now)
    moved(server)
    real = looking._begin

    def begin(*words: Any) -> Any:
        found = real(*words)
        OutsideCalendar.objects.update(tried_at=now + 2 * LATER)
        return found

    monkeypatch.setattr(looking, "_begin", begin)
    assert look(now + LATER) == 0
    assert busy() == ["11-19 16:00/17:00"]


def test_by_default_a_private_address_is_not_gone_to(
    joined: Joined, look: Callable[..., int], now: datetime, settings: Any
) -> None:
    _, server = joined(ok(calendar(DENTIST)))
    settings.UNKNOT_OUTBOUND_ALLOW = ()
    assert (look(now), server.asked) == (0, [])


@pytest.mark.parametrize("count", [0, 1, 3])
def test_without_calendars_it_is_one_question(
    joined: Joined, look: Callable[..., int], now: datetime, count: int
) -> None:
    """Nobody's booking waits for calendars that are not there, or were read just now: a look at the list, no more."""
    for _ in range(count):
        joined(ok(calendar()))
    OutsideCalendar.objects.update(tried_at=now)
    with CaptureQueriesContext(connection) as asked:
        assert look(now) == 0
    told = [one["sql"] for one in asked if "set_config" not in one["sql"] and "SAVEPOINT" not in one["sql"]]
    assert len(told) == 1


def test_what_is_worth_a_look(now: datetime) -> None:
    assert is_worth_a_look(tried_at=None, failure="", now=now)
    assert is_worth_a_look(tried_at=now - LOOK_AFTER, failure="", now=now)
    assert not is_worth_a_look(tried_at=now - LOOK_AFTER + timedelta(seconds=1), failure="", now=now)
    assert not is_worth_a_look(tried_at=now - timedelta(days=9), failure="too-slow", now=now)
