"""A last look at the therapist's own calendars before a kept time is confirmed, over pages and the API."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.availability.domain.test_outside import calendar
from tests.availability.test_outside import ok
from tests.booking.test_api import free as free_starts
from tests.booking.test_api import post, wish
from tests.booking.views.test_public import HOME, hold, screened, slots
from unknot.availability.models import OutsideBusy, OutsideCalendar, OutsideRule
from unknot.booking.models import Appointment
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.people.actions import make_token

Signed = Callable[..., Client]


def event(starts_at: datetime, minutes: int = 30) -> bytes:
    """A calendar whose one event begins half an hour into a visit that starts then."""
    start = starts_at + timedelta(minutes=30)
    return ok(calendar(f"DTSTART:{start:%Y%m%dT%H%M%SZ}\nDURATION:PT{minutes}M"))


def join(stage: Stage, serve: Callable[..., Any], answer: Any) -> Any:
    """A calendar of Maren's, last read ten minutes ago, with nothing in it."""
    server, read_at = serve(answer), timezone.now() - timedelta(minutes=10)
    with tenancy.scope(practice_id=stage.practice.id):
        OutsideCalendar.objects.create(
            practice=stage.practice,
            therapist=stage.therapists["maren-oduya"],
            address=f"{server.url}cal.ics",
            host="cal.example",
            made_at=read_at,
            read_at=read_at,
            tried_at=read_at,
        )
    return server


@pytest.fixture(autouse=True)
def _this_machine(settings: Any) -> None:
    settings.UNKNOT_OUTBOUND_ALLOW = ("127.0.0.1/32",)


@pytest.fixture
def browser(riverbend: Stage, signed_in: Signed) -> Client:
    """Tomasz, whose answers are valid."""
    client = riverbend.clients["tomasz@clients.example"]
    made = signed_in(client.account_id, strong=False)
    screened(riverbend, made, client=client)
    return made


@pytest.fixture
def token(riverbend: Stage, browser: Client) -> dict[str, str]:
    """The header of Tomasz's token."""
    account_id = riverbend.clients["tomasz@clients.example"].account_id
    return {"Authorization": f"Bearer {make_token(account_id=account_id, label='test', now=timezone.now())}"}


def only(stage: Stage) -> Appointment:
    with tenancy.scope(practice_id=stage.practice.id):
        return Appointment.objects.get()


@pytest.mark.django_db
def test_an_event_that_came_meanwhile_is_said_with_other_times(
    riverbend: Stage, browser: Client, serve: Callable[..., Any]
) -> None:
    details = hold(browser)
    kept = only(riverbend)
    join(riverbend, serve, event(kept.starts_at))
    answer = browser.post(details)
    words = " ".join(answer.content.decode().split())
    assert answer.status_code == 409
    assert "That time is not free any more" in words
    assert "Nothing was booked or charged" in words
    assert "calendar" not in words.lower().split("<main")[1].split("</main")[0]
    assert (only(riverbend).state, only(riverbend).starts_at) == ("held", kept.starts_at)  # neither moved nor lost
    offered = slots(answer)
    assert len(offered) == 3
    assert not any(kept.local_start in one for one in offered)
    taken = browser.post(f"{HOME}hold/", {"service": "therapeutic-60", "slot": offered[0]})
    assert browser.post(taken["Location"]).status_code == 302
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert sorted(Appointment.objects.values_list("state", flat=True)) == ["confirmed", "expired"]


@pytest.mark.django_db
def test_an_event_beside_the_visit_is_none_of_it(riverbend: Stage, browser: Client, serve: Callable[..., Any]) -> None:
    """What would not become a question to staff does not stop a client either: the time around is theirs to settle."""
    details = hold(browser)
    join(riverbend, serve, event(only(riverbend).ends_at - timedelta(minutes=30)))
    assert browser.post(details).status_code == 302
    assert only(riverbend).state == "confirmed"


@pytest.mark.django_db
def test_where_the_practice_does_not_look_again_what_was_kept_is_booked(
    riverbend: Stage, browser: Client, serve: Callable[..., Any]
) -> None:
    details = hold(browser)
    kept = only(riverbend)
    server = join(riverbend, serve, event(kept.starts_at))
    with tenancy.scope(practice_id=riverbend.practice.id):
        own: dict[str, Any] = {"practice": riverbend.practice, "therapist_id": kept.therapist_id}
        OutsideRule.objects.create(practice=riverbend.practice, look_again=False)
        row = OutsideCalendar.objects.get()
        OutsideBusy.objects.create(calendar=row, starts_at=kept.starts_at, ends_at=kept.ends_at, **own)
    assert browser.post(details).status_code == 302
    assert (only(riverbend).state, server.asked) == ("confirmed", [])


@pytest.mark.django_db
def test_an_old_copy_alone_does_not_take_a_kept_time_away(
    riverbend: Stage, browser: Client, serve: Callable[..., Any]
) -> None:
    details = hold(browser)
    join(riverbend, serve, b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
    with tenancy.scope(practice_id=riverbend.practice.id):
        OutsideRule.objects.create(practice=riverbend.practice, when_stale="stop", hours=1)
        OutsideCalendar.objects.update(read_at=timezone.now() - timedelta(hours=5))
    assert browser.post(details).status_code == 302


@pytest.mark.django_db
def test_a_silent_calendar_delays_one_booking_by_three_seconds_and_says_nothing(
    riverbend: Stage, browser: Client, serve: Callable[..., Any]
) -> None:
    details = hold(browser)
    server = join(riverbend, serve, lambda wire, _: time.sleep(8))
    began = time.monotonic()
    answer = browser.post(details, follow=True)
    assert 2.5 < time.monotonic() - began < 6
    assert (answer.status_code, only(riverbend).state, len(server.asked)) == (200, "confirmed", 1)
    assert "calendar could" not in answer.content.decode()


@pytest.mark.django_db
def test_a_hold_about_to_end_is_not_kept_waiting(riverbend: Stage, browser: Client, serve: Callable[..., Any]) -> None:
    details = hold(browser)
    server = join(riverbend, serve, lambda wire, _: time.sleep(8))
    with tenancy.scope(practice_id=riverbend.practice.id):
        Appointment.objects.update(hold_expires_at=timezone.now() + timedelta(seconds=4))
    assert browser.post(details).status_code == 302
    assert (only(riverbend).state, server.asked) == ("confirmed", [])


@pytest.mark.django_db
def test_only_a_confirmation_looks(riverbend: Stage, browser: Client, serve: Callable[..., Any]) -> None:
    """Neither opening the page nor a visitor who has not signed in yet makes us ask anybody."""
    details, visitor = hold(browser), Client()
    server = join(riverbend, serve, event(only(riverbend).starts_at))
    assert browser.get(details).status_code == 200
    assert visitor.post(details).status_code == 404
    theirs = hold(visitor)
    assert visitor.post(theirs).status_code == 422
    assert server.asked == []


@pytest.mark.django_db
def test_the_api_refuses_with_what_is_free(
    riverbend: Stage,
    token: dict[str, str],
    serve: Callable[..., Any],
) -> None:
    held = post("holds", wish(free_starts()[0])).json()
    join(riverbend, serve, event(only(riverbend).starts_at))
    body = {"practice": "riverbend", "hold_id": held["id"], "hold_secret": held["secret"]}
    wrong = post("appointments", body | {"hold_secret": "x" * len(held["secret"])}, token)
    assert wrong.status_code == 404
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert not OutsideBusy.objects.exists()  # whoever does not have the secret makes nobody look
    refused = post("appointments", body, token)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/calendar-says-busy")
    assert len(refused.json()["alternatives"]) == 3
    assert held["visit"]["starts_at"] not in {one["starts_at"] for one in refused.json()["alternatives"]}
    assert only(riverbend).state == "held"


@pytest.mark.django_db
def test_booking_in_one_go_asks_the_sweep_after_the_look(
    riverbend: Stage,
    token: dict[str, str],
    serve: Callable[..., Any],
) -> None:
    slot = free_starts()[0]
    join(riverbend, serve, event(datetime.fromisoformat(slot["starts_at"]).astimezone(tz=None)))
    with tenancy.scope(practice_id=riverbend.practice.id):
        OutsideCalendar.objects.update(tried_at=None)
    refused = post("appointments", wish(slot) | {"therapist": "maren-oduya"}, token)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/slot-taken")


@pytest.mark.django_db(transaction=True)
def test_no_transaction_and_no_lock_is_held_while_it_waits(
    now: datetime, signed_in: Signed, serve: Callable[..., Any]
) -> None:
    """The stranger's server itself looks into the database while we wait for its answer."""
    stage = build_practice(cast.RIVERBEND, now=now)
    client = stage.clients["tomasz@clients.example"]
    browser = signed_in(client.account_id, strong=False)
    screened(stage, browser, client=client)
    details = hold(browser)
    kept, seen = only(stage), []
    given = connection.get_connection_params()
    words = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}

    def answer(wire: Any, _: bytes) -> None:
        with psycopg.connect(**words) as other:
            open_ = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            seen.append(other.execute(f"SELECT count(*) {open_} AND xact_start IS NOT NULL").fetchone())
            held = "FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()"
            seen.append(other.execute(f"SELECT count(*) {held} WHERE pid <> pg_backend_pid()").fetchone())
            seen.append(other.execute(f"SELECT count(*) > 0 {open_}").fetchone())
        wire.sendall(event(kept.starts_at))

    join(stage, serve, answer)
    assert browser.post(details).status_code == 409
    assert seen == [(0,), (0,), (True,)]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_confirming_takes_as_many_queries_however_many_calendars_and_events(
    riverbend: Stage, browser: Client, serve: Callable[..., Any], count: int
) -> None:
    details = hold(browser)
    kept = only(riverbend)
    for _ in range(count):
        join(riverbend, serve, ok(calendar()))
    with tenancy.scope(practice_id=riverbend.practice.id):
        own: dict[str, Any] = {"practice": riverbend.practice, "therapist_id": kept.therapist_id}
        row = OutsideCalendar.objects.first()
        OutsideCalendar.objects.update(tried_at=timezone.now())
        for number in range(count):
            start = kept.ends_at + timedelta(hours=number)
            OutsideBusy.objects.create(calendar=row, starts_at=start, ends_at=start + timedelta(minutes=30), **own)
    with CaptureQueriesContext(connection) as asked:
        assert browser.post(details).status_code == 302
    outside = [one["sql"] for one in asked if "availability_outside" in one["sql"]]
    assert len(outside) == 2  # the list of calendars before, the copy's events inside
