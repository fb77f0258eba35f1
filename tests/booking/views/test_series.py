"""Series and the waitlist on pages, without a script."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

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


@pytest.mark.parametrize("path", [PATH, "/p/riverbend/book/"])
def test_an_address_that_is_needed_is_not_called_optional(riverbend: Stage, path: str) -> None:
    page = Client().get(path, rule(place="home", service="home-therapeutic-60")).content.decode()
    for name in ("street", "postal_code"):
        label = re.findall(rf'<label for="id_{name}">(.*?)</label>', page)[0]
        assert "optional" not in label
    assert "optional" in re.findall(r'<label for="id_lat">(.*?)</label>', page)[0]


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


def test_address_and_needs_stay_out_of_addresses(riverbend: Stage, tomasz: Client) -> None:
    home = {"place": "home", "street": "3 Aspen Drive", "postal_code": "T6R 1A1", "lat": "53.47", "lon": "-113.56"}
    asked = rule(date=day(7, 2).isoformat(), time="13:00") | home
    shown = tomasz.post(PATH, asked | {"add": ["foot-massage"], "needs": ["companion"], "show": "1"})
    assert shown.status_code == 302
    link = shown["Location"]
    assert "add=foot-massage" in link
    assert not any(word in link for word in ("Aspen", "T6R", "53.47", "companion"))
    page = tomasz.get(link).content.decode()
    assert "3 of 3 dates are free" in page
    assert '"3 Aspen Drive"' in page
    assert "$163.00" in page, "an hour at home and the addition"
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.split('id="dates"')[1]))
    done = tomasz.post(PATH, sent | {"book": "1"})
    assert done.status_code == 302, done.content.decode()
    with tenancy.scope(practice_id=riverbend.practice.id):
        rows = list(Appointment.objects.filter(state="confirmed").order_by("starts_at"))
    assert [(one.mode, one.home_address, one.access_needs, len(one.parts)) for one in rows] == [
        ("home", "3 Aspen Drive, T6R 1A1", ["companion"], 2)
    ] * 3
    moved = tomasz.get(f"{done['Location'].split('?')[0]}move/?from=2&scope=one")
    assert moved.status_code == 200
    assert "maren-oduya|home|" in moved.content.decode()


def test_a_visit_at_home_needs_its_address_and_nothing_is_lost(riverbend: Stage, tomasz: Client) -> None:
    page = tomasz.post(PATH, rule(place="home", count="5") | {"show": "1", "needs": ["quiet"]})
    assert page.status_code == 422
    text = page.content.decode()
    assert "Where shall the therapist come to?" in text
    assert 'value="quiet" checked' in text
    assert 'name="count" value="5"' in text


def test_an_addition_of_the_clinic_is_refused_at_home(riverbend: Stage, tomasz: Client) -> None:
    home = {"place": "home", "street": "3 Aspen Drive", "postal_code": "T6R 1A1"}
    page = tomasz.post(PATH, rule() | home | {"add": ["cupping"], "book": "1"})
    assert (page.status_code, starts(riverbend)) == (422, [])
    assert "not given at that kind of place" in page.content.decode()


def test_what_the_desk_typed_for_one_client_is_not_shown_with_another(riverbend: Stage, maren: Client) -> None:
    base = "/p/riverbend/desk/clients/{}/series/"
    home = {"place": "home", "street": "3 Aspen Drive", "postal_code": "T6R 1A1"}
    one, other = (base.format(riverbend.clients[email].pk) for email in (TOMASZ, PRIYA))
    link = maren.post(one, rule() | home | {"show": "1", "needs": ["quiet"]})["Location"]
    assert "3 Aspen Drive" in maren.get(link).content.decode()
    text = maren.get(f"{other}?{link.partition('?')[2]}").content.decode()
    assert "Aspen" not in text
    assert 'value="quiet" checked' not in text


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
    assert "Edmonton" in maren.get(f"{base}move/?from=2&scope=following").content.decode()
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


def test_the_calendar_file_has_what_is_still_to_come(riverbend: Stage, tomasz: Client) -> None:
    base = tomasz.post(PATH, rule(book="1"))["Location"].partition("?")[0]
    tomasz.post(f"{base}cancel/", {"from": "2", "scope": "one", "sure": "1"})
    assert "calendar.ics" in tomasz.get(base).content.decode()
    file = tomasz.get(f"{base}calendar.ics")
    assert file["Content-Type"] == "text/calendar; charset=utf-8"
    found = Calendar.from_ical(file.content).walk("VEVENT")
    wanted = [f"{day(7, 3)}T10:00", f"{day(7, 3) + timedelta(days=14)}T10:00"]
    assert [f"{local(one['dtstart'].dt, ZONE):%Y-%m-%dT%H:%M}" for one in found] == wanted
    tomasz.post(f"{base}cancel/", {"from": "1", "scope": "all", "sure": "1"})
    assert tomasz.get(f"{base}calendar.ics").status_code == 404


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
