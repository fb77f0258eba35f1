"""Taking a visit elsewhere: what dragging asks and what the form asks is one and the same."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.booking.views.conftest import DESK, a_monday, days_to
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.notifications.models import Message

MAYA, ANDERS = "maya@clients.example", "anders@clients.example"


@pytest.fixture
def visit(foothills: Stage, a_visit: Callable[..., Any]) -> Any:
    return a_visit(foothills, MAYA, days=days_to(a_monday()), hour=9, room=foothills.rooms["clinic"][0])


def now_at(stage: Stage, visit: Any) -> Any:
    with tenancy.scope(practice_id=stage.practice.id):
        return Appointment.objects.get(pk=visit.pk)


def test_it_asks_before_it_moves_and_says_what_changes(foothills: Stage, sam: Client, visit: Any) -> None:
    to = f"ivan-petrov||{a_monday()}T13:00"
    move, back = f"{DESK}visits/{visit.pk}/move/", f"{DESK}day/?date={a_monday()}&therapist="
    asked = sam.get(move, {"to": to, "back": back}).content.decode()
    for words in ("9:00 a.m.", "1:00 p.m.", "Noor Haddad", "Ivan Petrov", "moving costs nothing", MAYA, "Edmonton"):
        assert words in asked, words
    assert now_at(foothills, visit).local_start.endswith("T09:00")
    done = sam.post(move, {"to": to, "back": back, "sure": "1"})
    assert done["Location"] == f"{back}#visit-{visit.pk}"
    moved = now_at(foothills, visit)
    assert (moved.local_start[-5:], moved.therapist.slug, moved.sequence) == ("13:00", "ivan-petrov", 1)


def test_without_a_time_it_shows_free_ones(sam: Client, visit: Any) -> None:
    page = sam.get(f"{DESK}visits/{visit.pk}/move/?date={a_monday()}").content.decode()
    slots = re.findall(r'name="to" value="([^"]+)"', page)
    assert f"noor-haddad|clinic|{a_monday()}T10:30" in slots
    assert f"noor-haddad|clinic|{a_monday()}T09:00" not in slots, "where it stands is no move"
    anyone = sam.get(f"{DESK}visits/{visit.pk}/move/?date={a_monday()}&therapist=anyone").content.decode()
    assert len(re.findall(r'name="to"', anyone)) > len(slots)


def test_stretching_into_the_next_visit_is_refused_with_ways_out(
    foothills: Stage,
    sam: Client,
    visit: Any,
    a_visit: Callable[..., Any],
) -> None:
    beside = a_visit(foothills, ANDERS, days=days_to(a_monday()), hour=11, room=foothills.rooms["clinic"][1])
    asked = {"date": a_monday().isoformat(), "time": "09:00", "minutes": "150"}
    refused = sam.post(f"{DESK}visits/{visit.pk}/move/", {**asked, "sure": "1"})
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Anders Nyberg" in page
    assert f"{DESK}visits/{beside.pk}/move/" in page, "the way of moving the other one"
    assert "Make it 120 minutes, which fits" in page
    assert page.count("150 minutes</a>") >= 1, "the way of another time"
    assert "Nothing was moved." in page
    assert now_at(foothills, visit).ends_at == visit.ends_at
    link = re.findall(r'href="([^"]+)">Make it', page)[0].replace("&amp;", "&")
    assert "120 min" in sam.get(link).content.decode()


def test_a_stretch_that_fits_is_kept_with_its_price(foothills: Stage, sam: Client, visit: Any) -> None:
    asked = {"date": a_monday().isoformat(), "time": "09:00", "minutes": "90", "sure": "1"}
    assert sam.post(f"{DESK}visits/{visit.pk}/move/", asked).status_code == 302
    longer = now_at(foothills, visit)
    assert ((longer.ends_at - longer.starts_at).seconds, longer.price_minor) == (5400, 11000)


@pytest.mark.parametrize("state", ["arrived", "completed", "cancelled"])
def test_what_can_t_be_moved_stays(foothills: Stage, sam: Client, a_visit: Callable[..., Any], state: str) -> None:
    there = a_visit(foothills, MAYA, days=days_to(a_monday()), hour=9, state=state)
    answer = sam.post(f"{DESK}visits/{there.pk}/move/", {"to": f"||{a_monday()}T13:00", "sure": "1"})
    assert answer.status_code == 409
    assert now_at(foothills, there).local_start.endswith("T09:00")


def test_words_of_a_reason_stay_out_of_addresses(sam: Client, visit: Any) -> None:
    asked = {"date": a_monday().isoformat(), "time": "03:00", "reason": "a migraine in the morning"}
    page = sam.post(f"{DESK}visits/{visit.pk}/move/", asked).content.decode()
    assert "migraine" in page
    assert not re.search(r'href="[^"]*migraine', page)


def test_the_client_is_told_once(foothills: Stage, sam: Client, visit: Any) -> None:
    sam.post(f"{DESK}visits/{visit.pk}/move/", {"to": f"||{a_monday()}T13:00", "sure": "1"})
    with tenancy.scope(practice_id=foothills.practice.id):
        told = Message.objects.filter(appointment_id=visit.pk).exclude(kind="booking_reminder")
        assert [one.facts["starts_at"][11:16] for one in told] == ["19:00"], "1 p.m. in Edmonton, in UTC"
