"""A booking by telephone: people who are known already, exact times, what is read back."""

import re
from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.booking.views.conftest import DESK, a_monday
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.people.models import Client as ClientRow

MAYA = "maya@clients.example"


def asked(**more: str) -> dict[str, str]:
    return {
        "service": "therapeutic-60",
        "therapist": "noor-haddad",
        "place": "clinic",
        "date": a_monday().isoformat(),
        "time": "09:00",
        "slot": "exact",
        **more,
    }


def count(stage: Stage) -> tuple[int, int]:
    with tenancy.scope(practice_id=stage.practice.id):
        return Appointment.objects.count(), ClientRow.objects.count()


def test_the_booking_is_read_back_with_the_next_step(foothills: Stage, sam: Client) -> None:
    back = f"{DESK}day/?date={a_monday()}&therapist="
    done = sam.post(f"{DESK}book/", asked(client=str(foothills.clients[MAYA].pk), back=back))
    page = sam.get(done["Location"]).content.decode()
    for words in ("Read it back", "Maya Thorne", "9:00 a.m.", "Noor Haddad", "$115.50", MAYA, "Free to change"):
        assert words in page, words
    assert f'href="{back.replace("&", "&amp;")}#visit-' in page


def test_somebody_who_may_be_known_is_asked_about_first(foothills: Stage, sam: Client) -> None:
    before = count(foothills)
    new = asked(client="new", name="M. Thorne", phone="403 555 0199")
    doubtful = sam.post(f"{DESK}book/", new)
    page = doubtful.content.decode()
    assert doubtful.status_code == 409
    assert "Maya Thorne" in page
    assert 'value="403 555 0199"' in page, "nothing typed is lost"
    assert count(foothills) == before
    same_number = sam.post(f"{DESK}book/", asked(client="new", name="Somebody Else", phone="(403) 555-0130"))
    assert same_number.status_code == 409
    sure = sam.post(f"{DESK}book/", {**new, "client": "new-sure"})
    assert sure.status_code == 302
    assert count(foothills) == (before[0] + 1, before[1] + 1)


def test_clients_are_found_while_one_types(foothills: Stage, sam: Client) -> None:
    found = sam.get(f"{DESK}book/clients/?q=thor").content.decode()
    assert str(foothills.clients[MAYA].pk) in found
    assert "1 found" in found
    nobody = sam.get(f"{DESK}book/clients/?q=Rosa Lind").content.decode()
    assert re.search(r'name="name"[^>]*value="Rosa Lind"|value="Rosa Lind"[^>]*name="name"', nobody)
    assert re.search(r'value="555 9"', sam.get(f"{DESK}book/clients/?q=555 9").content.decode())


def test_why_a_typed_time_can_t_be_had(
    foothills: Stage,
    sam: Client,
    noor: Client,
    a_visit: Callable[..., Any],
) -> None:
    early = asked(time="06:00", show="1")
    assert "not wholly inside opening hours" in sam.post(f"{DESK}book/", early).content.decode()
    mine = noor.post(f"{DESK}book/", early).content.decode()
    assert f"day={a_monday()}#special" in mine, "the therapist may add hours"
    assert "#special" not in sam.post(f"{DESK}book/", early).content.decode(), "the front desk may not"
    ok = sam.post(f"{DESK}book/", asked(show="1")).content.decode()
    assert "Free." in ok
    assert count(foothills)[0] == 0, "looking books nothing"


def test_without_javascript_the_search_button_finds(foothills: Stage, sam: Client) -> None:
    page = sam.post(f"{DESK}book/", asked(show="1", q="thor", name="Half typed")).content.decode()
    assert str(foothills.clients[MAYA].pk) in page
    assert 'value="Half typed"' in page
