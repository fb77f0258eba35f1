"""One tap at the desk, and the page on which a client chooses."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from unknot.booking import actions
from unknot.booking.models import Appointment, Group, GroupVisit, LateVisit
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.practice import queries as practices
from unknot.travel.queries import Point

MAYA, ANDERS = "maya@clients.example", "anders@clients.example"
DESK = "/p/foothills/desk/"


@pytest.fixture(autouse=True)
def _clock(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=True):
        yield


@pytest.fixture
def sam(foothills: Stage, signed_in: Callable[..., Client]) -> Client:
    """The front desk."""
    return signed_in(next(person.pk for role, person in foothills.staff if role == "front_desk"))


@pytest.fixture
def maya(foothills: Stage, signed_in: Callable[..., Client]) -> Client:
    return signed_in(foothills.clients[MAYA].account_id)


@pytest.fixture
def visit(foothills: Stage, a_visit: Callable[..., Any]) -> Appointment:
    """Maya today at ten, with an hour of patience before it."""
    made: Appointment = a_visit(foothills, MAYA, days=0, hour=10)
    return made


def tap(sam: Client, minutes: str = "20", **more: str) -> Any:
    page = sam.get(f"{DESK}late/").content.decode()
    key = re.findall(r'name="key" value="([^"]+)"', page)[0]
    assert '<option value="noor-haddad"' in page
    return sam.post(f"{DESK}late/", {"therapist": "noor-haddad", "minutes": minutes, "key": key, **more})


def late(stage: Stage) -> LateVisit:
    with tenancy.scope(practice_id=stage.practice.id):
        row: LateVisit = LateVisit.objects.select_related("visit").get(
            answer__in=["", "keep", "cancel", "shorter", "undone"]
        )
        return row


def test_one_tap_and_the_plan(foothills: Stage, sam: Client, visit: Appointment) -> None:
    assert f'href="{DESK}late/?therapist="' in sam.get(f"{DESK}day/").content.decode()
    done = tap(sam)
    assert done.status_code == 302
    page = " ".join(sam.get(done["Location"]).content.decode().split())
    for words in ("Maya Thorne", "Was 10:00 a.m.", "10:20 a.m.", "not answered, the new time stands", "+14035550130"):
        assert words in page, words
    assert late(foothills).visit.local_start == f"{visit.local_start[:10]}T10:20"


def test_a_wrong_number_is_told(sam: Client, visit: Appointment) -> None:
    for minutes in ("", "-5", "0", "9999", "x"):
        answer = tap(sam, minutes)
        assert (answer.status_code, "from 5 to 240" in answer.content.decode()) == (422, True)


def test_the_day_is_named_unless_it_is_today(foothills: Stage, sam: Client, maya: Client, visit: Appointment) -> None:
    tap(sam)
    path = f"/p/foothills/my/late/{late(foothills).pk}/"
    page = " ".join(maya.get(path).content.decode().split())
    assert "We are running late: 10:20 a.m. today" in page
    with tenancy.scope(practice_id=foothills.practice.id):
        tomorrow = datetime.fromisoformat(f"{visit.local_start[:10]}T10:20") + timedelta(days=1)
        Appointment.objects.filter(pk=visit.pk).update(local_start=f"{tomorrow:%Y-%m-%dT%H:%M}")
    page = " ".join(maya.get(path).content.decode().split())
    assert f"We are running late: {tomorrow:%A} {tomorrow.day} {tomorrow:%B}, 10:20 a.m." in page
    assert "today" not in page.partition("<h1")[2].partition("</h1>")[0]


@pytest.mark.parametrize(("key", "state"), [("keep", "confirmed"), ("shorter", "confirmed"), ("cancel", "cancelled")])
def test_the_client_chooses(
    foothills: Stage, sam: Client, maya: Client, visit: Appointment, key: str, state: str
) -> None:
    tap(sam)
    address = f"/p/foothills/my/late/{late(foothills).pk}/"
    assert address in maya.get(f"/p/foothills/my/visits/{visit.pk}/").content.decode()
    page = maya.get(address).content.decode()
    assert "10:20 a.m." in page
    assert set(re.findall(r'name="choice"\s+value="(\w+)', page)) >= {"keep", "shorter", "cancel", "other", "day"}
    done = maya.post(address, {"choice": key})
    assert done["Location"] == f"/p/foothills/my/visits/{visit.pk}/"
    assert (late(foothills).answer, late(foothills).visit.state) == (key, state)
    assert "this is settled" in maya.get(address).content.decode()
    assert address not in maya.get(f"/p/foothills/my/visits/{visit.pk}/").content.decode()


def test_a_choice_that_is_gone_brings_fresh_ones(
    foothills: Stage, sam: Client, maya: Client, visit: Appointment
) -> None:
    tap(sam)
    address = f"/p/foothills/my/late/{late(foothills).pk}/"
    answer = maya.post(address, {"choice": "other:nobody|clinic|2026-11-17T10:00"})
    page = answer.content.decode()
    assert (answer.status_code, "here is what is possible now" in page) == (409, True)
    assert 'value="keep"' in page


def test_the_page_is_for_its_client_alone(
    foothills: Stage, sam: Client, visit: Appointment, signed_in: Callable[..., Client]
) -> None:
    """The link in the mail shows nothing without signing in, and nothing to anybody else."""
    tap(sam)
    address = f"/p/foothills/my/late/{late(foothills).pk}/"
    assert Client().get(address).status_code == 302
    assert signed_in(foothills.clients[ANDERS].account_id).get(address).status_code == 404


def test_a_couple_moves_as_one_and_whoever_booked_chooses(
    foothills: Stage, sam: Client, maya: Client, visit: Appointment, a_visit: Callable[..., Any], signed_in: Any
) -> None:
    """Maya booked for herself and Anders, with another therapist each."""
    therapist = next(one for one in foothills.therapists.values() if one.slug == "celeste-arsenault")
    with_her = a_visit(foothills, ANDERS, days=0, hour=10, therapist=therapist)
    with tenancy.scope(practice_id=foothills.practice.id):
        of = {"practice": foothills.practice}
        group = Group.objects.create(
            **of, account_id=visit.account_id, hold_hash="x", created_at=visit.created_at, booked_at=visit.created_at
        )
        for number, one in enumerate((visit, with_her), 1):
            GroupVisit.objects.create(**of, group=group, number=number, appointment=one, called=f"Person {number}")
    tap(sam)
    with tenancy.scope(practice_id=foothills.practice.id):
        parts = {one.visit_id: one for one in LateVisit.objects.all()}
    anders = signed_in(foothills.clients[ANDERS].account_id)
    own, mine = (f"/p/foothills/my/late/{parts[one.pk].pk}/" for one in (with_her, visit))
    theirs, hers = anders.get(own).content.decode(), maya.get(mine).content.decode()
    assert "Whoever booked can choose another time for all of you" in theirs
    assert set(re.findall(r'name="choice"\s+value="([\w-]+)', theirs)) == {"keep", "cancel"}
    assert "for all of you at once, with the same therapists" in hers
    assert "shorter" not in re.findall(r'name="choice"\s+value="([\w-]+)', hers)
    assert "Anders" not in hers
    assert maya.post(mine, {"choice": "cancel-all"}).status_code == 302
    with tenancy.scope(practice_id=foothills.practice.id):
        assert set(Appointment.objects.values_list("state", "fee_minor")) == {("cancelled", 0)}
    page = sam.get(f"{DESK}late/").content.decode()
    assert "cancelled for all of them, free of charge" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_plan_takes_the_same_queries_for_one_and_three(
    foothills: Stage,
    sam: Client,
    a_visit: Callable[..., Any],
    django_assert_num_queries: Callable[..., Any],
    count: int,
) -> None:
    for number in range(count):
        a_visit(foothills, MAYA, days=0, hour=10 + 2 * number)
    tap(sam, "240")
    with django_assert_num_queries(20):
        sam.get(f"{DESK}late/")


def test_a_wrong_tap_is_taken_back(foothills: Stage, sam: Client, maya: Client, visit: Appointment) -> None:
    page = sam.get(tap(sam)["Location"]).content.decode()
    (path,) = re.findall(rf'action="({DESK}late/[^"]+/undo/)"', page)
    address = f"/p/foothills/my/late/{late(foothills).pk}/"
    done = sam.post(path)
    assert done.status_code == 302
    page = " ".join(sam.get(done["Location"]).content.decode().split())
    assert "Taken back: Noor Haddad" in page
    assert "undo/" not in page
    mine = maya.get(address).content.decode()
    assert "We are not late after all" in mine
    assert "10:00 a.m." in mine
    assert 'name="choice"' not in mine
    assert maya.post(address, {"choice": "cancel"}).status_code == 409
    with tenancy.scope(practice_id=foothills.practice.id):
        assert Appointment.objects.get(pk=visit.pk).local_start == visit.local_start


def test_what_was_answered_is_not_taken_back(foothills: Stage, sam: Client, maya: Client, visit: Appointment) -> None:
    (path,) = re.findall(rf'action="({DESK}late/[^"]+/undo/)"', sam.get(tap(sam)["Location"]).content.decode())
    maya.post(f"/p/foothills/my/late/{late(foothills).pk}/", {"choice": "keep"})
    assert "undo/" not in sam.get(f"{DESK}late/").content.decode()
    answer = sam.post(path)
    assert (answer.status_code, "Somebody has answered already" in answer.content.decode()) == (409, True)


def test_a_visit_at_home_is_planned_anew_and_its_client_chooses(
    riverbend: Stage, signed_in: Callable[..., Client], now: datetime
) -> None:
    """Tuesday is Maren's day at the studio; Wednesday she drives."""
    by, wednesday = system(riverbend.practice.id), now + timedelta(days=1)
    with tenancy.scope(practice_id=riverbend.practice.id):
        home = actions.book_directly(
            by=by,
            practice=practices.practice(riverbend.practice.id),
            service_slug="home-therapeutic-60",
            therapist_slug="maren-oduya",
            place_slug="home",
            local_start="2026-11-18T14:00",
            home=Point(53.47, -113.56),
            home_address="3 Aspen Drive",
            client_id=riverbend.clients["hana@clients.example"].pk,
            intake_id=None,
            now=now,
        )
    with time_machine.travel(wednesday, tick=True):
        maren = signed_in(riverbend.staff[0][1].pk)
        hana = signed_in(riverbend.clients["hana@clients.example"].account_id)
        key = "7d3f6f0e-2f9f-4bb0-8f0c-0a54e0f0a009"
        sent = {"therapist": "maren-oduya", "minutes": "30", "key": key}
        assert maren.post("/p/riverbend/desk/late/", sent).status_code == 302
        address = f"/p/riverbend/my/late/{late(riverbend).pk}/"
        page = hana.get(address).content.decode()
        assert "2:30 p.m." in page
        assert set(re.findall(r'name="choice"\s+value="(\w+)', page)) == {"keep", "later", "day", "shorter", "cancel"}
        later = re.findall(r'value="(day:[^"]+)"', page)[0]
        assert later.split("|")[1] == "home"
        hana.post(address, {"choice": later})
    with tenancy.scope(practice_id=riverbend.practice.id):
        row = Appointment.objects.get(pk=home.id)
        assert (row.mode, row.home_address, row.local_start) == ("home", "3 Aspen Drive", later.split("|")[2])
