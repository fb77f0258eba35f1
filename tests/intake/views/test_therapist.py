"""The therapist's pages about what a client told."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from unknot.intake import actions, queries
from unknot.intake.models import Intake, Relaxation
from unknot.kernel.actors import Actor


@pytest.fixture
def tablet(maren: Actor, signed_in: Callable[..., Client]) -> Client:
    """The therapist's browser."""
    return signed_in(maren.account_id)


def url(page: str, client: Actor) -> str:
    return reverse(f"intake:{page}", args=["riverbend", client.client_id])


def answered(client: Actor, now: datetime, well: dict[str, Any], **rows: str) -> str:
    return str(actions.record_screening(by=client, answers={**well, **rows}, now=now).id)


def test_answers_with_sources_and_a_decision_with_name_and_reason(
    tablet: Client, tomasz: Actor, now: datetime, well: dict[str, Any]
) -> None:
    intake_id = answered(tomasz, now, well, C04="yes", C12="yes")
    page = tablet.get(url("answers", tomasz)).content.decode()
    assert "A doctor or nurse practitioner first." in page
    assert "Source:" in page
    form = {"intake": intake_id, "rule": "C04", "scope": "hold", "cap": "", "reason": "Letter of 20 November"}
    page = tablet.post(url("answers", tomasz), form, follow=True).content.decode()
    assert "Letter of 20 November" in page
    assert "Maren Oduya" in page
    assert "Talk with them before you begin." in page
    assert Intake.objects.get().outcome == "review"
    assert queries.gate(Intake.objects.get().pk, now=now).may_book


def test_a_refused_decision_keeps_what_was_typed(
    tablet: Client, tomasz: Actor, now: datetime, well: dict[str, Any]
) -> None:
    intake_id = answered(tomasz, now, well, C12="yes", R15="yes")
    page = tablet.get(url("answers", tomasz)).content.decode()
    assert "Nobody can set this aside here" in page
    assert 'id="reason-R15"' not in page
    for change, said in (
        ({"reason": ""}, "needs a reason"),
        ({"rule": "R15"}, "An emergency sign"),
        ({"rule": "C20"}, "no effect with these answers"),
        ({"cap": "9"}, "level from 0 to 5"),
        ({"intake": "made-up"}, "answered anew meanwhile"),
    ):
        form = {"intake": intake_id, "rule": "C12", "scope": "hold", "cap": "", "reason": "typed words"} | change
        refused = tablet.post(url("answers", tomasz), form)
        text = refused.content.decode()
        assert (refused.status_code, said in text) == (422, True), said
        if change.get("rule", "C12") == "C12" and change.get("reason", "x"):
            assert "typed words" in text
    assert not Relaxation.objects.exists()


def test_asked_in_the_room_it_is_the_clients_and_named(
    tablet: Client, tomasz: Actor, maren: Actor, now: datetime, well: dict[str, Any]
) -> None:
    page = tablet.get(url("ask", tomasz)).content.decode()
    assert "You ask Tomasz" in page
    cards = queries.booking_questions()
    for step, name in (("signs", "warning_signs"), ("health", "health")):
        none = [card.id for card in cards if card.page == name]
        carried = page.split('name="carried" value="')[1].split('"')[0].replace("&quot;", '"')
        answer = tablet.post(url("ask", tomasz), {"step": step, "none": none, "carried": carried}, follow=True)
        page = answer.content.decode()
    found = queries.current_intake(client_id=tomasz.client_id)
    assert found is not None
    assert found.outcome == "clear"
    assert "Nothing in the answers stands in the way." in page


def test_wishes_written_down_by_the_therapist_are_the_clients(
    tablet: Client, tomasz: Actor, signed_in: Callable[..., Client]
) -> None:
    page = tablet.post(url("touch", tomasz), {"off_limits": ["foot"], "signal": "two taps"}, follow=True)
    assert "Saved." in page.content.decode()
    own = signed_in(tomasz.account_id).get(reverse("intake:my_touch", args=["riverbend"])).content.decode()
    assert 'value="foot" checked' in own
    assert "two taps" in own
    refused = tablet.post(url("touch", tomasz), {"words": "w" * 700})
    assert (refused.status_code, "w" * 700 in refused.content.decode()) == (422, True)


def test_nobody_else_opens_them(tomasz: Actor, other: Actor, signed_in: Callable[..., Client]) -> None:
    for browser, wanted in ((signed_in(other.account_id), 404), (Client(), 302)):
        found = {browser.get(url(name, tomasz)).status_code for name in ("answers", "ask", "touch")}
        assert found == {wanted}
