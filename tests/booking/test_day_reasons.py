"""Why a time is not offered, start by start."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from unknot.booking import queries
from unknot.config.demo_data.build import Stage
from unknot.kernel.zones import local
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts
from unknot.travel.queries import Point

Facts = Callable[[Stage], PracticeFacts]
THURSDAY = date(2026, 11, 19)
HOME_DAY = date(2026, 11, 20)


def asked(stage: Stage, facts: Facts, now: datetime, **more: Any) -> list[queries.TherapistDay]:
    usual = {"service": practices.service_at("therapeutic-60"), "day": THURSDAY}
    return queries.day_reasons(practice=facts(stage), now=now, **(usual | more))


def told(day: queries.TherapistDay) -> list[tuple[str, str, str]]:
    return [(f"{one.first:%H:%M}", f"{one.last:%H:%M}", one.code) for one in day.stretches]


def test_a_day_reads_like_the_day_itself(
    river: Stage, facts: Facts, book: Callable[..., queries.VisitFacts], now: datetime
) -> None:
    book("2026-11-19T10:00")
    (day,) = asked(river, facts, now)
    assert told(day) == [
        ("09:00", "09:00", "own-buffer"),
        ("09:15", "10:45", "taken"),
        ("11:00", "11:00", "their-buffer"),
        ("11:15", "11:30", "free"),
        ("11:45", "13:00", "closed"),
        ("13:15", "16:00", "free"),
    ]
    assert day.free == 14
    assert (
        next(one.sentence for one in day.stretches if one.code == "taken") == "The time 10:00–11:00 is already taken."
    )


def test_free_here_is_exactly_what_is_offered(hills: Stage, facts: Facts, now: datetime) -> None:
    service = practices.service_at("deep-tissue-90")
    offered = queries.open_slots(practice=facts(hills), service=service, first=THURSDAY, last=THURSDAY, now=now)
    starts: dict[str, set[datetime]] = {}
    for day in asked(hills, facts, now, service=service):
        for one in day.stretches:
            moment = one.first
            while one.is_free and moment <= one.last:
                starts.setdefault(day.therapist.slug, set()).add(moment)
                moment += timedelta(minutes=15)
    wanted: dict[str, set[datetime]] = {}
    for slot in offered:
        wanted.setdefault(slot.therapist_slug, set()).add(datetime.fromisoformat(slot.local_start))
    assert starts == wanted
    assert len(starts) > 2


@pytest.mark.parametrize("count", [1, 6])
def test_the_number_of_queries_does_not_depend_on_the_team(
    hills: Stage, facts: Facts, now: datetime, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    keep = sorted(hills.therapists)[:count]
    for slug, row in hills.therapists.items():
        if slug not in keep:
            row.active = False
            row.save()
    practice, service = facts(hills), practices.service_at("therapeutic-60")
    queries.day_reasons(practice=practice, service=service, day=THURSDAY, now=now)
    with django_assert_num_queries(4):
        found = queries.day_reasons(practice=practice, service=service, day=THURSDAY, now=now)
    assert [one.therapist.slug for one in found] == keep


def test_the_page_for_staff(
    riverbend: Stage, signed_in: Callable[..., Client], a_visit_there: Callable[..., datetime]
) -> None:
    starts = a_visit_there(riverbend)
    maren = signed_in(riverbend.therapists["maren-oduya"].account_id)
    page = f"/p/riverbend/desk/why/?service=therapeutic-60&therapist=maren-oduya&date={starts:%Y-%m-%d}"
    shown = maren.get(page)
    assert "The time 10:00–11:00 is already taken." in shown.content.decode()
    assert "free" in shown.content.decode()
    assert maren.get("/p/riverbend/desk/why/").status_code == 200


@pytest.fixture
def a_visit_there(answered: Callable[..., Any]) -> Callable[[Stage], datetime]:
    """`a_visit_there(stage)`: an hour at ten on the next Thursday that is at least three days away."""
    from unknot.booking import actions
    from unknot.db import tenancy
    from unknot.kernel.actors import system

    def made(stage: Stage) -> datetime:
        now = timezone.now()
        day = local(now, "America/Edmonton").date() + timedelta(days=3)
        day += timedelta(days=(3 - day.weekday()) % 7)
        with tenancy.scope(practice_id=stage.practice.id):
            actions.book_directly(
                by=system(stage.practice.id),
                practice=practices.practice(stage.practice.id),
                service_slug="therapeutic-60",
                therapist_slug="maren-oduya",
                place_slug="studio",
                local_start=f"{day}T10:00",
                intake_id=None,
                client_id=stage.clients["tomasz@clients.example"].pk,
                now=now,
            )
        return datetime(day.year, day.month, day.day, 10)  # noqa: DTZ001 - a wall time

    return made


def test_a_home_visit_says_how_far_it_is_and_which_drive_does_not_fit(
    river: Stage, facts: Facts, now: datetime
) -> None:
    service = practices.service_at("home-therapeutic-60")
    base = next(one for one in practices.places(kind="base"))
    near, far = Point(base.lat + 0.05, base.lon), Point(base.lat + 2, base.lon)
    (day,) = asked(river, facts, now, service=service, place_slug="home", home=near, day=HOME_DAY)
    assert day.way.startswith("6 km from where the day starts, of ")
    assert day.free > 0
    words = {one.code: one.sentence for one in day.stretches}
    assert "minutes' drive" in words["unreachable"]
    starts = queries.open_slots(
        practice=facts(river), service=service, first=HOME_DAY, last=HOME_DAY, now=now, place_slug="home", home=near
    )
    assert len(starts) == day.free
    (day,) = asked(river, facts, now, service=service, place_slug="home", home=far, day=HOME_DAY)
    assert {one.code for one in day.stretches} == {"outside-area"}
    assert "further than" in day.stretches[0].sentence


def test_the_page_takes_a_home_and_keeps_its_postal_code_out_of_the_address(
    riverbend: Stage, signed_in: Callable[..., Client]
) -> None:
    maren = signed_in(riverbend.therapists["maren-oduya"].account_id)
    data = {"service": "home-therapeutic-60", "place": "home", "date": "", "postal_code": "nowhere"}
    wrong = maren.post("/p/riverbend/desk/why/", data)
    assert wrong.status_code == 422
    assert 'value="nowhere"' in wrong.content.decode()
    page = maren.post("/p/riverbend/desk/why/", data | {"postal_code": "T6E 1A1"}).content.decode()
    assert "km from where the day starts" in page
    assert 'method="post"' in page
