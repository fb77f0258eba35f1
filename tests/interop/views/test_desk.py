"""The page of calendars, for everybody at the desk."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from unknot.availability.models import OutsideBusy, OutsideCalendar, OutsideRule
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.interop import actions
from unknot.kernel.actors import system
from unknot.kernel.zones import local

pytestmark = pytest.mark.django_db
PAGE = "/p/riverbend/desk/calendars/"


@pytest.fixture
def maren(riverbend: Stage, signed_in: Callable[..., Client]) -> Client:
    return signed_in(riverbend.therapists["maren-oduya"].account_id)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def calendars(stage: Stage) -> list[OutsideCalendar]:
    with tenancy.scope(practice_id=stage.practice.id):
        return list(OutsideCalendar.objects.all())


def test_joined_read_removed(riverbend: Stage, maren: Client) -> None:
    answer = maren.post(f"{PAGE}outside/", {"address": "webcal://cal.example/secret.ics"}, follow=True)
    assert "Joined. It is being read" in text(answer)
    assert "cal.example" in text(answer)
    assert "secret.ics" not in text(answer)
    assert "Not read yet" in text(answer)
    (row,) = calendars(riverbend)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'availability.read_outside'")
        ((args,),) = cursor.fetchall()
    assert str(args).count("-") == 8  # two ids, nothing else
    assert "being read" in text(maren.post(f"{PAGE}outside/{row.pk}/", {"do": "read"}, follow=True))
    assert "Removed" in text(maren.post(f"{PAGE}outside/{row.pk}/", {"do": "remove"}, follow=True))
    assert calendars(riverbend) == []


def test_a_wrong_address_is_said_and_kept(riverbend: Stage, maren: Client) -> None:
    answer = maren.post(f"{PAGE}outside/", {"address": "file:///etc/passwd"})
    assert answer.status_code == 422
    assert "This is no address of a calendar" in text(answer)
    assert 'value="file:///etc/passwd"' in text(answer)
    assert calendars(riverbend) == []


@pytest.mark.parametrize(
    ("hours", "failure", "said"),
    [
        (0, "", "tag good"),
        (3, "refused-there", "The other side refuses to show this address"),
        (30, "too-slow", "The last good copy counts"),
        (30, "", "This copy is old"),
    ],
)
def test_the_age_of_the_copy_is_always_said(
    riverbend: Stage, maren: Client, hours: int, failure: str, said: str
) -> None:
    maren.post(f"{PAGE}outside/", {"address": "https://cal.example/x.ics"})
    with tenancy.scope(practice_id=riverbend.practice.id):
        OutsideCalendar.objects.update(read_at=timezone.now() - timedelta(hours=hours), failure=failure)
    assert said in text(maren.get(PAGE))


def test_the_owner_sets_the_rule(riverbend: Stage, maren: Client) -> None:
    assert maren.post(f"{PAGE}rule/", {"when_stale": "stop", "hours": "0"}).status_code == 422
    maren.post(f"{PAGE}rule/", {"when_stale": "stop", "hours": "6"})
    with tenancy.scope(practice_id=riverbend.practice.id):
        row = OutsideRule.objects.get()
    assert (row.when_stale, row.hours, row.look_again) == ("stop", 6, False)
    assert 'value="6"' in text(maren.get(PAGE))


def test_the_owner_says_whether_calendars_are_looked_at_again(riverbend: Stage, maren: Client) -> None:
    """On until somebody says otherwise; a box that is not ticked is sent as nothing."""
    box = re.compile(r'<input[^>]*name="look_again"[^>]*>')
    kept: list[bool] = []
    for more in ({}, {"look_again": "on"}):
        kept.append("checked" in box.findall(text(maren.get(PAGE)))[0])
        maren.post(f"{PAGE}rule/", {"when_stale": "warn", "hours": "24", **more})
    assert [*kept, "checked" in box.findall(text(maren.get(PAGE)))[0]] == [True, False, True]


def test_the_front_desk_answers_questions_and_sees_no_addresses(
    foothills: Stage, signed_in: Callable[..., Client]
) -> None:
    sam = signed_in(next(person.pk for role, person in foothills.staff if role == "front_desk"))
    page = text(sam.get("/p/foothills/desk/calendars/"))
    assert "Calendars</h1>" in page
    assert "Secret address" not in page
    assert sam.post("/p/foothills/desk/calendars/outside/", {"address": "https://cal.example/"}).status_code == 404


def ask(stage: Stage, visit: Callable[..., Appointment]) -> tuple[Appointment, UUID]:
    from unknot.interop.models import CalendarQuestion

    day = local(timezone.now(), "America/Edmonton").date() + timedelta(days=3)
    made = visit(stage, f"{day}T10:00")
    with tenancy.scope(practice_id=stage.practice.id):
        own: dict[str, Any] = {"practice": stage.practice, "therapist_id": made.therapist_id}
        calendar = OutsideCalendar.objects.create(
            address="https://cal.example/", host="cal.example", made_at=timezone.now(), **own
        )
        OutsideBusy.objects.create(calendar=calendar, starts_at=made.starts_at, ends_at=made.ends_at, **own)
        actions.compare(by=system(stage.practice.id), therapist_id=made.therapist_id, now=timezone.now())
        return made, CalendarQuestion.objects.get().pk


def test_a_question_is_shown_and_answered(riverbend: Stage, maren: Client, visit: Callable[..., Appointment]) -> None:
    made, question = ask(riverbend, visit)
    page = text(maren.get(PAGE))
    assert "An event in Maren Oduya's own calendar stands over this visit. Nothing was changed here." in page
    assert f"/p/riverbend/desk/visits/{made.pk}/cancel/" in page
    assert "The visit stays as it is" in text(maren.post(f"{PAGE}questions/{question}/", follow=True))
    assert "stands over this visit" not in text(maren.get(PAGE))
