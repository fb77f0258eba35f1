"""Another room or table by hand: refused with a reason when it is taken or does not suit, told to nobody."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.booking.views.conftest import DESK, a_monday, days_to
from unknot.audit.models import Entry
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.notifications.models import Message
from unknot.practice.models import Room

MAYA, ANDERS = "maya@clients.example", "anders@clients.example"


@pytest.fixture
def visit(foothills: Stage, a_visit: Callable[..., Any]) -> Any:
    return a_visit(foothills, MAYA, days=days_to(a_monday()), hour=9, room=foothills.rooms["clinic"][0])


@pytest.fixture
def beside(foothills: Stage, a_visit: Callable[..., Any]) -> Any:
    ivan = foothills.therapists["ivan-petrov"]
    second = foothills.rooms["clinic"][1]
    return a_visit(foothills, ANDERS, days=days_to(a_monday()), hour=9, room=second, therapist=ivan)


def url(visit: Any) -> str:
    return f"{DESK}visits/{visit.pk}/room/"


def stored(stage: Stage, visit: Any) -> Any:
    with tenancy.scope(practice_id=stage.practice.id):
        return Appointment.objects.get(pk=visit.pk)


def test_to_a_free_room_and_nobody_is_written_to(foothills: Stage, sam: Client, visit: Any) -> None:
    third = foothills.rooms["clinic"][2]
    before = stored(foothills, visit)
    assert sam.post(url(visit), {"to": str(third.pk)}).status_code == 302
    after = stored(foothills, visit)
    assert after.room_id == third.pk
    facts = ("starts_at", "ends_at", "blocked", "therapist_id", "price_minor", "sequence")
    assert [getattr(after, one) for one in facts] == [getattr(before, one) for one in facts]
    with tenancy.scope(practice_id=foothills.practice.id):
        assert not Message.objects.filter(appointment_id=visit.pk).exists()
        entry = Entry.objects.order_by("-number").first()
    assert entry is not None
    assert (entry.verb, entry.facts["room_id"]) == ("visit.room-changed", str(third.pk))


def test_a_taken_room_says_who_is_there(foothills: Stage, sam: Client, visit: Any, beside: Any) -> None:
    page = sam.get(url(visit)).content.decode()
    assert "Taken then. Anders Nyberg, 9:00 a.m. to 10:00 a.m." in " ".join(page.split())
    refused = sam.post(url(visit), {"to": str(beside.room_id)})
    assert refused.status_code == 409
    assert "That table is taken at that time" in refused.content.decode()
    assert stored(foothills, visit).room_id == visit.room_id


def test_what_the_client_needs_is_kept_unless_staff_say_why(foothills: Stage, sam: Client, visit: Any) -> None:
    second = foothills.rooms["clinic"][1]
    with tenancy.scope(practice_id=foothills.practice.id):
        visit.access_needs = ["quiet", "companion"]
        visit.save()
        Room.objects.filter(pk=second.pk).update(attributes=[])
    assert "Without a quiet room." in " ".join(sam.get(url(visit)).content.decode().split())
    refused = sam.post(url(visit), {"to": str(second.pk)})
    assert refused.status_code == 422
    assert "has not what the client needs: a quiet room" in refused.content.decode()
    assert stored(foothills, visit).room_id == visit.room_id
    assert sam.post(url(visit), {"to": str(second.pk), "reason": "she agreed on the phone"}).status_code == 302
    after = stored(foothills, visit)
    assert (after.room_id, after.override_reason) == (second.pk, "she agreed on the phone")


def test_a_certain_table_or_any(foothills: Stage, sam: Client, visit: Any, beside: Any) -> None:
    second = foothills.rooms["clinic"][1]
    with tenancy.scope(practice_id=foothills.practice.id):
        Room.objects.filter(pk=second.pk).update(capacity=2)
    assert sam.post(url(visit), {"to": f"{second.pk}:0"}).status_code == 409
    assert sam.post(url(visit), {"to": f"{second.pk}:1"}).status_code == 302
    after = stored(foothills, visit)
    assert (after.room_id, after.room_unit) == (second.pk, 1)
    assert f"{second.name}, table 2" in " ".join(sam.get(f"{DESK}visits/{visit.pk}/sheet/").content.decode().split())
    assert sam.post(url(visit), {"to": f"{second.pk}:2"}).status_code == 404


def test_out_of_a_room_that_was_put_away_and_not_into_one(foothills: Stage, sam: Client, visit: Any) -> None:
    first, second = foothills.rooms["clinic"][:2]
    with tenancy.scope(practice_id=foothills.practice.id):
        Room.objects.filter(pk=first.pk).update(active=False)
    assert sam.post(url(visit), {"to": str(second.pk)}).status_code == 302
    assert sam.post(url(visit), {"to": str(first.pk)}).status_code == 404
    assert stored(foothills, visit).room_id == second.pk


def test_not_into_another_practice_s_room(foothills: Stage, riverbend: Stage, sam: Client, visit: Any) -> None:
    theirs = next(iter(riverbend.rooms.values()))[0]
    assert sam.post(url(visit), {"to": str(theirs.pk)}).status_code == 404
    assert stored(foothills, visit).room_id == visit.room_id


@pytest.mark.parametrize(("state", "status"), [("arrived", 302), ("completed", 409), ("cancelled", 409)])
def test_only_while_it_stands(foothills: Stage, sam: Client, a_visit: Any, state: str, status: int) -> None:
    one, two = foothills.rooms["clinic"][:2]
    visit = a_visit(foothills, MAYA, days=days_to(a_monday()), hour=9, room=one, state=state)
    assert sam.post(url(visit), {"to": str(two.pk)}).status_code == status


def test_as_many_queries_for_one_room_as_for_more(
    foothills: Stage, sam: Client, visit: Any, beside: Any, django_assert_num_queries: Any
) -> None:
    sam.get(url(visit))
    with django_assert_num_queries(22):
        sam.get(url(visit))
    with tenancy.scope(practice_id=foothills.practice.id):
        Room.objects.filter(pk__in=[one.pk for one in foothills.rooms["clinic"][2:]]).update(active=False)
    sam.get(url(visit))  # the practice as it is now, in memory
    with django_assert_num_queries(22):
        sam.get(url(visit))
