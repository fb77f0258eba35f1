"""One mail of a series with one calendar file of its visits: the uid of each stays, its sequence rises."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from unknot.booking import actions
from unknot.booking.domain.series import SeriesRule
from unknot.booking.queries import SeriesFacts
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.notifications import actions as notifications
from unknot.notifications.models import Message
from unknot.practice import queries as practices
from unknot.travel.queries import Point

pytestmark = pytest.mark.django_db
TOMASZ = "tomasz@clients.example"
LATER = timedelta(seconds=61)


@pytest.fixture
def book(riverbend: Stage, now: datetime) -> Callable[..., SeriesFacts]:
    """`book(**changes)`: four Thursdays at ten with Maren for Tomasz, by the desk."""

    def made(first: str = "2026-11-19T10:00", **changes: Any) -> SeriesFacts:
        with tenancy.scope(practice_id=riverbend.practice.id):
            usual: dict[str, Any] = {
                "practice": practices.practice(riverbend.practice.id),
                "service_slug": "therapeutic-60",
                "rule": SeriesRule(datetime.fromisoformat(first), 1, "weeks", 4),
            }
            return actions.book_series(
                by=system(riverbend.practice.id),
                wish=actions.SeriesWish(**(usual | changes)),
                client_id=UUID(str(riverbend.clients[TOMASZ].pk)),
                intake_id=None,
                now=now,
            )

    return made


@pytest.fixture
def send(riverbend: Stage, now: datetime, postbox: Any) -> Callable[[], list[Any]]:
    """`send()`: what has to leave a minute later leaves; gives the mails that this call sent."""

    def sent() -> list[Any]:
        had = len(postbox.mails)
        with tenancy.scope(practice_id=riverbend.practice.id):
            rows = Message.objects.filter(state="waiting", due_at__lte=now + LATER).order_by("due_at", "id")
            waiting = list(rows.values_list("pk", flat=True))
        for one in waiting:
            notifications.deliver(practice_id=riverbend.practice.id, message_id=one, now=now + LATER)
        return list(postbox.mails[had:])

    return sent


def events(mail: Any) -> tuple[str, dict[str, Any]]:
    """The method of the only calendar file, and its events by the visit's id."""
    (attached,) = mail.iter_attachments()
    calendar = Calendar.from_ical(attached.get_content())
    assert attached["Content-Type"].params["method"] == calendar["METHOD"]
    found = {str(one["UID"]).partition("@")[0]: one for one in calendar.walk("VEVENT")}
    return str(calendar["METHOD"]), found


def change(stage: Stage, action: Callable[..., Any], now: datetime, **how: Any) -> None:
    with tenancy.scope(practice_id=stage.practice.id):
        action(by=system(stage.practice.id), now=now, **how)


def test_the_confirmation_brings_every_visit_in_one_file(book: Any, send: Any) -> None:
    series = book()
    (mail,) = send()
    method, found = events(mail)
    assert method == "REQUEST"
    assert set(found) == {str(one.id) for one in series.visits}
    assert [found[str(one.id)]["dtstart"].dt for one in series.visits] == [one.starts_at for one in series.visits]
    assert [found[str(one.id)]["dtend"].dt for one in series.visits] == [one.ends_at for one in series.visits]
    assert {str(one["summary"]) for one in found.values()} == {"Appointment at Riverbend Massage Therapy"}
    assert {str(one["location"]) for one in found.values()} == {"14 Cottonwood Lane, Edmonton, AB"}
    assert {int(one["sequence"]) for one in found.values()} == {0}
    text = mail.get_body(("plain",)).get_content()
    days = ["19 November", "26 November", "3 December", "10 December"]
    assert [text.count(f"Thursday {day} 2026, 10:00 a.m.") for day in days] == [1, 1, 1, 1]


def test_the_file_of_visits_at_home_does_not_say_where(book: Any, send: Any) -> None:
    book(
        "2026-11-18T13:00",
        service_slug="home-therapeutic-60",
        place_slug="home",
        home=Point(53.47, -113.56),
        home_address="3 Aspen Drive",
    )
    (mail,) = send()
    assert all("location" not in one for one in events(mail)[1].values())
    assert "Aspen" not in str(mail)


def test_moves_and_cancellations_keep_the_uid_and_raise_the_sequence(
    riverbend: Stage, book: Any, send: Any, now: datetime
) -> None:
    series = book()
    send()
    change(riverbend, actions.move_series, now, series_id=series.id, number=3, local_start="2026-12-03T14:00")
    (mail,) = send()
    method, found = events(mail)
    assert (method, set(found)) == ("REQUEST", {str(one.id) for one in series.visits[2:]})
    assert {int(one["sequence"]) for one in found.values()} == {1}
    assert {f"{one['dtstart'].dt:%m-%d %H:%M}" for one in found.values()} == {"12-03 20:00", "12-10 20:00"}
    change(riverbend, actions.cancel_series, now, series_id=series.id, number=2)
    (mail,) = send()
    method, found = events(mail)
    assert (method, set(found)) == ("CANCEL", {str(one.id) for one in series.visits[1:]})
    assert [int(found[str(one.id)]["sequence"]) for one in series.visits[1:]] == [1, 2, 2]
    assert {str(one["status"]) for one in found.values()} == {"CANCELLED"}


def test_a_second_thought_is_one_mail_about_the_series_as_it_is(
    riverbend: Stage, book: Any, send: Any, now: datetime
) -> None:
    series = book()
    change(riverbend, actions.move_series, now, series_id=series.id, number=3, local_start="2026-12-03T14:00")
    change(riverbend, actions.cancel_series, now, series_id=series.id, number=4, scope="one")
    change(riverbend, actions.cancel_series, now, series_id=series.id, number=2, scope="following")
    mails = [one for one in send() if "are booked" in one.get_body(("plain",)).get_content()]
    assert len(mails) == 1
    method, found = events(mails[0])
    assert (method, set(found)) == ("REQUEST", {str(series.visits[0].id)})


def test_who_booked_and_called_off_at_once_hears_nothing(
    riverbend: Stage, book: Any, send: Any, client_of: Any, now: datetime
) -> None:
    series = book()
    with tenancy.scope(practice_id=riverbend.practice.id):
        tomasz = client_of(riverbend, TOMASZ)
        actions.cancel_series(by=tomasz, series_id=series.id, number=1, scope="all", now=now)
    assert send() == []


def test_what_the_desk_called_off_at_once_is_told(riverbend: Stage, book: Any, send: Any, now: datetime) -> None:
    series = book()
    change(riverbend, actions.cancel_series, now, series_id=series.id, number=1, scope="all")
    (mail,) = send()
    assert events(mail)[0] == "CANCEL"
