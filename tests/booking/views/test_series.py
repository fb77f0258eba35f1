"""Series and the waitlist on pages, without a script."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from unknot.booking import actions
from unknot.booking.domain.waitlist import Wish
from unknot.booking.models import Appointment, Series, WaitlistEntry
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.kernel.actors import system
from unknot.kernel.ids import new_id
from unknot.kernel.zones import local
from unknot.practice import queries as practices

pytestmark = pytest.mark.django_db
ZONE = "America/Edmonton"
TOMASZ, PRIYA = "tomasz@clients.example", "priya@clients.example"
PATH = "/p/riverbend/book/series/"


def day(ahead: int, weekday: int) -> date:
    """The first such weekday at least so many days ahead."""
    first = local(timezone.now(), ZONE).date() + timedelta(days=ahead)
    return first + timedelta(days=(weekday - first.weekday()) % 7)


@pytest.fixture
def valid(riverbend: Stage) -> None:
    """Tomasz's and Priya's answers are valid."""
    now = timezone.now()
    with tenancy.scope(practice_id=riverbend.practice.id):
        for email in (TOMASZ, PRIYA):
            Intake.objects.create(
                id=new_id(),
                practice=riverbend.practice,
                client=riverbend.clients[email],
                outcome="clear",
                created_at=now,
                screened_at=now,
                valid_until=now + timedelta(days=90),
            )


@pytest.fixture
def tomasz(riverbend: Stage, valid: None, signed_in: Callable[..., Client]) -> Client:
    return signed_in(riverbend.clients[TOMASZ].account_id, strong=False)


@pytest.fixture
def maren(riverbend: Stage, signed_in: Callable[..., Client]) -> Client:
    return signed_in(riverbend.staff[0][1].pk)


def rule(**changes: Any) -> dict[str, str]:
    usual = {
        "service": "therapeutic-60",
        "therapist": "",
        "place": "",
        "date": day(7, 3).isoformat(),
        "time": "10:00",
        "every": "1",
        "unit": "weeks",
        "count": "3",
        "until": "",
    }
    return usual | changes


def take(stage: Stage, start: str, email: str = PRIYA) -> Any:
    with tenancy.scope(practice_id=stage.practice.id):
        return actions.book_directly(
            by=system(stage.practice.id),
            practice=practices.practice(stage.practice.id),
            service_slug="therapeutic-60",
            therapist_slug="maren-oduya",
            place_slug="studio",
            local_start=start,
            client_id=stage.clients[email].pk,
            intake_id=None,
            now=timezone.now(),
        )


def starts(stage: Stage, email: str = TOMASZ) -> list[str]:
    with tenancy.scope(practice_id=stage.practice.id):
        rows = Appointment.objects.filter(client=stage.clients[email], state="confirmed").order_by("starts_at")
        return [one.local_start for one in rows]


def test_from_the_rule_to_a_booked_series(riverbend: Stage, tomasz: Client) -> None:
    second = day(7, 3) + timedelta(days=7)
    take(riverbend, f"{second}T10:00")
    seen = tomasz.get(PATH, rule()).content.decode()
    assert "2 of 3 dates are free, every week" in seen
    assert starts(riverbend) == []
    unchosen = tomasz.post(PATH, rule(book="1"))
    assert (unchosen.status_code, starts(riverbend)) == (409, [])
    picks = re.findall(r'name="pick-2" value="([^"]+)"', unchosen.content.decode())
    assert picks[-1] == "skip"
    done = tomasz.post(PATH, rule(book="1") | {"pick-2": picks[0]})
    assert done.status_code == 302
    assert starts(riverbend) == [f"{day(7, 3)}T10:00", picks[0].split("|")[2], f"{second + timedelta(days=7)}T10:00"]
    page = tomasz.get(done["Location"]).content.decode()
    assert "Your visits are booked" in page
    assert "another time" in page


def test_too_many_visits_are_refused_by_name(riverbend: Stage, tomasz: Client) -> None:
    page = tomasz.get(PATH, rule(count="10000")).content.decode()
    assert "at most 52 visits" in page


def test_a_stranger_sees_the_dates_and_signs_in_to_book(riverbend: Stage) -> None:
    page = Client().get(PATH, rule()).content.decode()
    assert "3 of 3 dates are free" in page
    assert "Sign in to book" in page


def test_the_desk_books_moves_and_cancels_for_a_client(riverbend: Stage, maren: Client) -> None:
    client = riverbend.clients[TOMASZ]
    done = maren.post(f"/p/riverbend/desk/clients/{client.pk}/series/", rule(book="1", count="4"))
    assert done.status_code == 302, done.content.decode()
    first = day(7, 3)
    assert len(starts(riverbend)) == 4
    with tenancy.scope(practice_id=riverbend.practice.id):
        series = Series.objects.get()
    base = f"/p/riverbend/desk/series/{series.pk}/"
    slot = f"maren-oduya|studio|{first + timedelta(days=7)}T14:00"
    sent = {"from": "2", "scope": "following", "slot": slot}
    seen = maren.post(f"{base}move/", sent).content.decode()
    assert "Move these 3 visits?" in seen
    assert maren.post(f"{base}move/", sent | {"sure": "1"})["Location"] == base
    assert [one[11:] for one in starts(riverbend)] == ["10:00", "14:00", "14:00", "14:00"]
    assert "These 2 visits" in maren.get(f"{base}cancel/?from=3&scope=following").content.decode()
    maren.post(f"{base}cancel/", {"from": "3", "scope": "following", "sure": "1"})
    assert len(starts(riverbend)) == 2
    assert "cancelled" in maren.get(base).content.decode()


def test_a_visit_says_that_it_is_part_of_a_series(riverbend: Stage, tomasz: Client) -> None:
    tomasz.post(PATH, rule(book="1"))
    with tenancy.scope(practice_id=riverbend.practice.id):
        visit = Appointment.objects.filter(state="confirmed").order_by("starts_at")[1]
    page = tomasz.get(f"/p/riverbend/my/visits/{visit.pk}/").content.decode()
    assert "Visit 2 of 3 in a series" in page


def waits_on(stage: Stage, start: str) -> Any:
    wall = datetime.fromisoformat(start)
    minute = wall.hour * 60
    with tenancy.scope(practice_id=stage.practice.id):
        return actions.join_waitlist(
            by=system(stage.practice.id),
            practice=practices.practice(stage.practice.id),
            wish=Wish("therapeutic-60", wall.date(), wall.date(), opens=minute, closes=minute + 1),
            client_id=stage.clients[TOMASZ].pk,
            now=timezone.now(),
        )


def test_joining_shows_what_is_free_instead(riverbend: Stage, tomasz: Client) -> None:
    wanted = day(7, 3).isoformat()
    form = {"service": "therapeutic-60", "first": wanted, "last": wanted, "part": ""}
    page = tomasz.post("/p/riverbend/book/waitlist/", form)
    assert (page.status_code, "is free right now" in page.content.decode()) == (409, True)
    closed = day(7, 6).isoformat()
    joined = tomasz.post("/p/riverbend/book/waitlist/", form | {"first": closed, "last": closed})
    assert joined["Location"] == "/p/riverbend/my/waitlist/"
    assert "You are the next to be asked." in tomasz.get(joined["Location"]).content.decode()


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_an_offer_is_taken_or_passed_on(
    riverbend: Stage, tomasz: Client, maren: Client, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unknot.booking.actions.waitlist.is_civil", lambda now, zone: True)
    start = f"{day(7, 3)}T10:00"
    visit = take(riverbend, start)
    entry = waits_on(riverbend, start)
    by = system(riverbend.practice.id)
    with tenancy.scope(practice_id=riverbend.practice.id):
        actions.cancel(by=by, appointment_id=visit.id, now=timezone.now())
    assert actions.run_waitlist(by=by, now=timezone.now()) == 1
    assert "kept until" in maren.get("/p/riverbend/desk/waitlist/").content.decode()
    mine = tomasz.get("/p/riverbend/my/waitlist/").content.decode()
    (path,) = re.findall(r'href="(/p/riverbend/my/offers/[^"]+)"', mine)
    assert "Take it" in tomasz.get(path).content.decode()
    done = tomasz.post(path, {"answer": answer})
    assert done.status_code == 302
    assert starts(riverbend) == ([start] if answer == "yes" else [])
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert WaitlistEntry.objects.get(pk=entry).state == ("booked" if answer == "yes" else "waiting")
    assert tomasz.get(path).status_code == 200


def test_leaving_and_being_removed(riverbend: Stage, tomasz: Client, maren: Client) -> None:
    for browser, path in ((tomasz, "my/waitlist/{}/leave/"), (maren, "desk/waitlist/{}/remove/")):
        entry = waits_on(riverbend, f"{day(7, 6)}T10:00")
        assert browser.post(f"/p/riverbend/{path.format(entry)}").status_code == 302
        with tenancy.scope(practice_id=riverbend.practice.id):
            assert WaitlistEntry.objects.get(pk=entry).state == "left"
