"""The diary of day and week, and whether it says when something changed."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.booking.views.conftest import DESK, a_monday, days_to
from unknot.availability.models import DayException
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.zones import local

MAYA, ANDERS, BEA = "maya@clients.example", "anders@clients.example", "bea@clients.example"


def columns(page: str) -> list[str]:
    return re.findall(r'data-column\s.*?data-name="([^"]*)"', page, re.DOTALL)


def test_a_column_for_everybody_who_works_and_the_others_by_name(sam: Client) -> None:
    page = sam.get(f"{DESK}day/?date={a_monday()}&therapist=").content.decode()
    assert columns(page) == ["Dev Malhotra", "Ivan Petrov", "Noor Haddad", "Owen Blackwood"]
    assert "Not working: Celeste Arsenault, Sofia Marchetti" in page
    assert "Break" in page
    assert page.count("Edmonton time") >= 1


def test_a_therapist_sees_their_own_day_and_may_look_at_others(noor: Client) -> None:
    assert columns(noor.get(f"{DESK}day/?date={a_monday()}").content.decode()) == ["Noor Haddad"]
    two = noor.get(f"{DESK}day/?date={a_monday()}&therapist=noor-haddad&therapist=ivan-petrov").content.decode()
    assert columns(two) == ["Ivan Petrov", "Noor Haddad"]


def test_rooms_have_columns_too(foothills: Stage, sam: Client, a_visit: Callable[..., Any]) -> None:
    room = foothills.rooms["clinic"][2]
    a_visit(foothills, MAYA, days=days_to(a_monday()), room=room)
    page = sam.get(f"{DESK}day/?date={a_monday()}&by=rooms").content.decode()
    assert columns(page) == ["Aspen", "Birch", "Cedar", "Dogwood"]
    assert page.index('data-name="Cedar"') < page.index("Maya Thorne") < page.index('data-name="Dogwood"')
    one = sam.get(f"{DESK}day/?date={a_monday()}&by=rooms&room={room.pk}&room=x").content.decode()
    assert columns(one) == ["Cedar"]


def test_a_week_of_one_and_of_many(foothills: Stage, sam: Client, a_visit: Callable[..., Any]) -> None:
    a_visit(foothills, MAYA, days=days_to(a_monday()) + 2)
    one = sam.get(f"{DESK}week/?date={a_monday()}&therapist=noor-haddad").content.decode()
    assert [name.split()[0] for name in columns(one)] == [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]  # fmt: skip
    many = sam.get(f"{DESK}week/?date={a_monday()}&therapist=").content.decode()
    assert many.count('class="week-line"') == 6
    assert many.count("10:00 a.m.</time> Maya Thorne") == 1


@pytest.mark.parametrize("view", ["day/?therapist=&date=", "week/?therapist=&date=", "week/?by=rooms&date="])
def test_the_number_of_queries_does_not_depend_on_what_is_shown(
    foothills: Stage, sam: Client, a_visit: Callable[..., Any], django_assert_num_queries: Any, view: str
) -> None:
    asked = f"{DESK}{view}{a_monday()}"
    a_visit(foothills, MAYA, days=days_to(a_monday()), hour=8)
    sam.get(asked)
    with django_assert_num_queries(33):
        sam.get(asked)
    for number, email in enumerate((ANDERS, BEA), start=1):
        other = list(foothills.therapists.values())[number]
        visit = a_visit(foothills, email, days=days_to(a_monday()) + number, hour=13, therapist=other)
        assert visit.therapist_id == other.pk
    with django_assert_num_queries(33):
        sam.get(asked)


def test_a_kept_time_says_until_when_and_one_that_ran_out_is_gone(
    foothills: Stage, sam: Client, a_visit: Callable[..., Any]
) -> None:
    until = timezone.now() + timedelta(minutes=7)
    held = a_visit(foothills, MAYA, days=days_to(a_monday()), state="held", hold_expires_at=until)
    shown = local(until, "America/Edmonton")
    page = sam.get(f"{DESK}day/?date={a_monday()}&therapist=").content.decode()
    assert f"kept until {shown.hour % 12 or 12}:{shown.minute:02d}" in page
    with tenancy.scope(practice_id=foothills.practice.id):
        Appointment.objects.filter(pk=held.pk).update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    assert "kept until" not in sam.get(f"{DESK}day/?date={a_monday()}&therapist=").content.decode()


def test_time_off_shows_with_its_word(foothills: Stage, sam: Client) -> None:
    with tenancy.scope(practice_id=foothills.practice.id):
        DayException.objects.create(
            practice=foothills.practice,
            therapist=foothills.therapists["noor-haddad"],
            date=a_monday(),
            kind="closed",
            reason="Course in Banff",
        )
    page = sam.get(f"{DESK}day/?date={a_monday()}&therapist=noor-haddad").content.decode()
    assert "Course in Banff" in page
    assert 'class="free ' not in page


def test_another_practice_s_time_is_only_busy(
    foothills: Stage, riverbend: Stage, sam: Client, a_visit: Callable[..., Any]
) -> None:
    noor = foothills.therapists["noor-haddad"]
    with tenancy.scope(practice_id=riverbend.practice.id):
        maren = next(iter(riverbend.therapists.values()))
        a_visit(riverbend, "tomasz@clients.example", days=days_to(a_monday()), hour=9)
        Appointment.objects.filter(therapist=maren).update(practitioner_id=noor.account_id)
    page = sam.get(f"{DESK}day/?date={a_monday()}&therapist=noor-haddad").content.decode()
    assert page.count("Busy at another practice") == 1
    assert "Tomasz" not in page
    assert "Riverbend" not in page


def test_the_pulse_beats_only_when_something_changed(
    foothills: Stage, sam: Client, a_visit: Callable[..., Any], django_assert_num_queries: Any
) -> None:
    asked = f"{DESK}day/?date={a_monday()}&therapist="
    pulse = re.findall(r'hx-get="([^"]*pulse[^"]*)"', sam.get(asked).content.decode())[0].replace("&amp;", "&")
    with django_assert_num_queries(20):
        assert sam.get(pulse).status_code == 204
    visit = a_visit(foothills, MAYA, days=days_to(a_monday()))
    changed = sam.get(pulse)
    assert (changed.status_code, changed["HX-Trigger"]) == (200, "diary-changed")
    again = re.findall(r"seen=(\w+)", sam.get(asked).content.decode())[0]
    newer = re.sub(r"seen=\w+", f"seen={again}", pulse)
    assert sam.get(newer).status_code == 204
    with tenancy.scope(practice_id=foothills.practice.id):
        Appointment.objects.filter(pk=visit.pk).update(state="arrived")
    assert sam.get(newer).status_code == 200


def test_a_free_spot_leads_to_a_booking_with_everything_filled_in(sam: Client) -> None:
    page = sam.get(f"{DESK}day/?date={a_monday()}&therapist=noor-haddad").content.decode()
    link = re.findall(r'href="([^"]*/desk/book/\?at=[^"]*)"', page)[0].replace("&amp;", "&")
    form = sam.get(f"{link}&service=therapeutic-60").content.decode()
    assert '<option value="noor-haddad" selected>' in form
    assert f'value="{a_monday()}"' in form
    assert 'name="time" value="08:00"' in form
    assert "Free." in form


@pytest.mark.parametrize("back", ["//evil.example/desk/", "https://evil.example", "/p/riverbend/desk/day/", "x", ""])
def test_the_way_back_stays_in_this_desk(foothills: Stage, sam: Client, a_visit: Callable[..., Any], back: str) -> None:
    visit = a_visit(foothills, MAYA)
    done = sam.post(f"{DESK}visits/{visit.pk}/mark/", {"event": "arrive", "back": back})
    assert done["Location"].startswith(f"{DESK}day/?date={visit.local_start[:10]}")


def test_marking_leads_back_to_the_same_look(foothills: Stage, sam: Client, a_visit: Callable[..., Any]) -> None:
    visit = a_visit(foothills, MAYA)
    back = f"{DESK}week/?date={visit.local_start[:10]}&by=rooms"
    done = sam.post(f"{DESK}visits/{visit.pk}/mark/", {"event": "arrive", "back": back})
    assert done["Location"] == f"{back}#visit-{visit.pk}"


@pytest.mark.parametrize("query", ["date=x", "date=0001-01-01", "by=rooms&room=1", "therapist=%27&view=year"])
def test_odd_questions_get_an_answer(sam: Client, query: str) -> None:
    for page in ("day/", "week/", "pulse/"):
        assert sam.get(f"{DESK}{page}?{query}").status_code == 200
