"""Changing what is added to a visit, at the desk and by its client: length and price before anything changes."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.test import Client

from tests.booking.views.conftest import DESK, a_monday, days_to
from unknot.config.demo_data.build import Stage


def test_the_desk_sees_length_and_price_before_anything_changes(
    foothills: Stage, sam: Client, a_visit: Callable[..., Any]
) -> None:
    visit = a_visit(foothills, "maya@clients.example", days=days_to(a_monday()), room=foothills.rooms["clinic"][0])
    url, back = f"{DESK}visits/{visit.pk}/additions/", f"{DESK}day/?date={a_monday()}&therapist="
    assert "Foot massage" in sam.get(url).content.decode()
    shown = sam.post(url, {"add": ["foot-massage"], "sequence": "0", "back": back}).content.decode()
    assert "11:10 a.m." in shown
    assert "70 min" in shown
    assert sam.post(url, {"add": ["foot-massage"], "sequence": "7", "sure": "1"}).status_code == 409
    done = sam.post(url, {"add": ["foot-massage"], "sequence": "0", "sure": "1", "back": back})
    assert done["Location"] == f"{back}#visit-{visit.pk}"
    assert "with foot massage" in sam.get(f"{DESK}visits/{visit.pk}/sheet/").content.decode()


def test_a_client_adds_to_their_own_visit_only(
    foothills: Stage, a_visit: Callable[..., Any], signed_in: Callable[..., Client]
) -> None:
    visit = a_visit(foothills, "maya@clients.example", days=days_to(a_monday()), room=foothills.rooms["clinic"][0])
    url = f"/p/foothills/my/visits/{visit.pk}/additions/"
    maya, anders = (signed_in(foothills.clients[f"{one}@clients.example"].account_id) for one in ("maya", "anders"))
    assert url in maya.get(f"/p/foothills/my/visits/{visit.pk}/").content.decode()
    assert anders.post(url, {"add": "foot-massage", "sure": "1"}).status_code == 404
    assert maya.post(url, {"add": "foot-massage", "sequence": "0", "sure": "1"}).status_code == 302
    assert "and Foot massage, 10 minutes" in maya.get(f"/p/foothills/my/visits/{visit.pk}/").content.decode()
    assert date.fromisoformat(visit.local_start[:10]) == a_monday()
