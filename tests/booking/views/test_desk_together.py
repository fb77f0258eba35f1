"""A telephone booking for several people at once: all of them or nobody, and nothing typed is lost."""

from typing import Any

from django.test import Client

from tests.booking.views.conftest import DESK, a_monday
from unknot.booking.models import Appointment, Group
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.zones import local
from unknot.notifications.models import Message
from unknot.people.models import Client as ClientRow

MAYA = "maya@clients.example"
URL = f"{DESK}together/"


def asked(foothills: Stage, **more: str) -> dict[str, str]:
    """Maya and somebody new, on a Monday at ten."""
    return {
        "people": "2",
        "place": "clinic",
        "date": a_monday().isoformat(),
        "time": "10:00",
        "slot": "exact",
        "p1-service": "therapeutic-60",
        "p1-client": str(foothills.clients[MAYA].pk),
        "p2-service": "therapeutic-75",
        "p2-client": "new",
        "p2-name": "Wim Aalders",
        "p2-phone": "403-555-0177",
        "p2-email": "wim@clients.example",
        **more,
    }


def rows(stage: Stage) -> list[Appointment]:
    with tenancy.scope(practice_id=stage.practice.id):
        return list(Appointment.objects.filter(state__in=["confirmed", "held", "requested"]).order_by("id"))


def clients(stage: Stage) -> int:
    with tenancy.scope(practice_id=stage.practice.id):
        return int(ClientRow.objects.count())


def test_two_are_booked_and_read_back(foothills: Stage, sam: Client) -> None:
    done = sam.post(URL, asked(foothills))
    assert done.status_code == 302, done.content.decode()
    page = sam.get(done["Location"]).content.decode()
    for words in ("Read it back", "2 visits at once", "Maya Thorne", "Wim Aalders", "10:00 a.m.", MAYA, "wim@clients"):
        assert words in page, words
    found = rows(foothills)
    assert {one.state for one in found} == {"confirmed"}
    assert len({one.practitioner_id for one in found}) == len({one.room_id for one in found}) == 2
    with tenancy.scope(practice_id=foothills.practice.id):
        group = Group.objects.get()
        assert group.account_id == foothills.clients[MAYA].account_id, "hers to move and cancel, not the desk's"
        assert Message.objects.filter(kind="booking_confirmed").count() == 2
    sheet = sam.get(f"{DESK}visits/{found[0].pk}/sheet/").content.decode()
    assert f"{URL}{group.pk}/" in sheet


def test_nobody_is_booked_if_one_can_t_and_nothing_typed_is_lost(foothills: Stage, sam: Client) -> None:
    before = clients(foothills)
    same = asked(foothills, **{"p1-therapist": "noor-haddad", "p2-therapist": "noor-haddad"})
    refused = sam.post(URL, same)
    page = refused.content.decode()
    assert refused.status_code in (409, 422)
    for typed in ("Wim Aalders", "403-555-0177", "wim@clients.example", str(foothills.clients[MAYA].pk)):
        assert typed in page, typed
    assert rows(foothills) == []
    assert clients(foothills) == before, "no client without a visit either"


def test_who_may_be_known_is_asked_about_first(foothills: Stage, sam: Client) -> None:
    new = asked(foothills, **{"p1-client": "new", "p1-name": "M. Thorne", "p1-phone": "403-555-0150"})
    doubtful = sam.post(URL, new)
    assert doubtful.status_code == 409
    assert "Maya Thorne" in doubtful.content.decode()
    assert rows(foothills) == []
    sure = sam.post(URL, new | {"p1-client": "new-sure", "p2-client": "new-sure"})
    assert sure.status_code == 302


def test_inside_the_notice_only_with_a_reason_that_is_kept(foothills: Stage, sam: Client) -> None:
    with tenancy.scope(practice_id=foothills.practice.id):
        type(foothills.practice).objects.filter(pk=foothills.practice.pk).update(notice_minutes=30 * 24 * 60)
    early = asked(foothills)
    refused = sam.post(URL, early)
    assert refused.status_code == 422
    assert rows(foothills) == []
    shown = sam.post(URL, early | {"show": "1"}).content.decode()
    assert "Say below why" in shown
    assert sam.post(URL, early | {"reason": "They fly home on Tuesday"}).status_code == 302
    found = rows(foothills)
    assert len(found) == 2
    assert {one.override_reason for one in found} == {"They fly home on Tuesday"}


def test_times_for_all_and_people_are_found_without_a_script(foothills: Stage, sam: Client) -> None:
    looking = asked(foothills, slot="", time="", show="1", **{"p2-q": "ander", "p2-client": ""})
    page = sam.post(URL, looking).content.decode()
    assert str(foothills.clients["anders@clients.example"].pk) in page
    assert f'value="clinic|{a_monday()}T10:00"' in page
    assert sam.post(URL, looking | {"people": "4"}).content.decode().count("Find a client") == 4
    assert rows(foothills) == [], "looking books nothing"


def test_all_are_moved_and_cancelled_at_once(foothills: Stage, sam: Client) -> None:
    sheet = sam.post(URL, asked(foothills))["Location"].partition("?")[0]
    to = {"date": a_monday().isoformat(), "time": "13:00"}
    shown = sam.post(f"{sheet}move/", to).content.decode()
    assert "1:00 p.m." in shown
    assert {local(one.starts_at, one.timezone).hour for one in rows(foothills)} == {10}, "nothing moves before the yes"
    assert sam.post(f"{sheet}move/", to | {"sure": "1"}).status_code == 302
    assert {local(one.starts_at, one.timezone).hour for one in rows(foothills)} == {13}
    early = sam.post(f"{sheet}move/", {"date": a_monday().isoformat(), "time": "05:00", "sure": "1"})
    assert early.status_code == 422
    assert "Nothing was moved." in early.content.decode()
    assert "Maya" in sam.get(f"{sheet}cancel/").content.decode()
    assert len(rows(foothills)) == 2, "looking cancels nothing"
    assert sam.post(f"{sheet}cancel/").status_code == 302
    assert rows(foothills) == []


def test_therapists_and_desk_may_and_clients_may_not(foothills: Stage, noor: Client, signed_in: Any) -> None:
    assert noor.get(URL).status_code == 200
    maya = signed_in(foothills.clients[MAYA].account_id)
    assert maya.get(URL).status_code == 404
