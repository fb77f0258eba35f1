"""The client's pages without JavaScript."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from unknot.booking.queries import VisitFacts
from unknot.kernel.actors import Actor
from unknot.treatment import actions, queries
from unknot.treatment.models import CheckIn, ComfortEvent, Session

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)


@pytest.fixture
def browser(tomasz: Actor, signed_in: Callable[..., Client]) -> Client:
    """Tomasz's phone, signed in."""
    return signed_in(tomasz.account_id)


@pytest.fixture
def session_id(visit: VisitFacts, begin: Callable[..., UUID]) -> UUID:
    """A running session."""
    return begin(visit, START)


def test_a_phone_comes_in_by_code_which_does_not_linger(session_id: UUID) -> None:
    phone = Client()
    code = queries.join_code(session_id)
    joined = phone.get(f"/p/riverbend/s/{code}/")
    assert (joined.status_code, joined["Location"]) == (302, "/p/riverbend/s/")
    page = phone.get("/p/riverbend/s/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "Maren sees this" in text
    assert code not in text
    assert "Tomasz" not in text
    for signal in ("lighter", "stop"):  # the same page pressed twice: two signals, two taps
        sent = phone.post("/p/riverbend/s/", {"signal": signal, "idempotency_key": "k"}, follow=True)
        assert sent.status_code == 200
    phone.post("/p/riverbend/s/", {"signal": "stop", "idempotency_key": "k"})
    assert list(ComfortEvent.objects.order_by("id").values_list("signal", flat=True)) == ["lighter", "stop"]


def test_a_phone_without_a_code_gets_nowhere(session_id: UUID, browser: Client) -> None:
    assert Client().get("/p/riverbend/s/").status_code == 404
    assert Client().get("/p/riverbend/s/made-up/").status_code == 404
    assert Client().post("/p/riverbend/s/", {"signal": "stop"}).status_code == 404
    assert browser.get("/p/riverbend/s/").status_code == 404
    assert ComfortEvent.objects.count() == 0


def test_the_script_is_told_in_json(visit: VisitFacts, session_id: UUID, browser: Client, maren: Actor) -> None:
    address = f"/p/riverbend/my/visits/{visit.id}/comfort/"
    form = {"signal": "deeper", "pressed_at": "nonsense", "idempotency_key": str(uuid4())}
    assert browser.post(address, form, HTTP_ACCEPT="application/json").json()["signal"] == "deeper"
    actions.end_session(by=maren, session_id=session_id, ended_by="plan", now=START)
    late = browser.post(address, form | {"idempotency_key": "2"}, HTTP_ACCEPT="application/json")
    assert late.status_code == 409
    assert "say it aloud" in late.json()["detail"]
    assert "The session is over" in browser.get(address).content.decode()


def test_the_client_ends_it_without_a_script(session_id: UUID) -> None:
    phone = Client()
    phone.get(f"/p/riverbend/s/{queries.join_code(session_id)}/")
    form = {"do": "end", "why": "I feel unwell", "words": " light in\n the head "}
    for _ in range(2):
        assert "The session is over" in phone.post("/p/riverbend/s/", form, follow=True).content.decode()
    row = Session.objects.get()
    assert (row.ended_by, row.end_reason) == ("client", "I feel unwell, light in the head")


@pytest.mark.parametrize("form", [{"why": "no such reason"}, {"words": "w" * 600}, {}])
def test_no_reason_holds_up_the_end(session_id: UUID, form: dict[str, str]) -> None:
    phone = Client()
    phone.get(f"/p/riverbend/s/{queries.join_code(session_id)}/")
    assert phone.post("/p/riverbend/s/", form | {"do": "end"}).status_code == 302
    assert (Session.objects.get().ended_by, Session.objects.get().end_reason) == ("client", None)


def test_other_clients_find_nothing(
    visit: VisitFacts, session_id: UUID, priya: Actor, maren: Actor, signed_in: Callable[..., Client]
) -> None:
    actions.end_session(by=maren, session_id=session_id, ended_by="plan", now=START)
    check_in = CheckIn.objects.order_by("due_at")[0].pk
    other = signed_in(priya.account_id)
    for page in (f"visits/{visit.id}/comfort/", f"visits/{visit.id}/aftercare/", f"check-ins/{check_in}/"):
        assert other.get(f"/p/riverbend/my/{page}").status_code == 404
        assert Client().get(f"/p/riverbend/my/{page}").status_code == 302


def test_a_check_in_from_form_to_kind_answer(
    visit: VisitFacts, session_id: UUID, browser: Client, maren: Actor
) -> None:
    actions.end_session(by=maren, session_id=session_id, ended_by="plan", now=START + timedelta(minutes=60))
    row = CheckIn.objects.filter(kind="day_after").get()
    CheckIn.objects.filter(pk=row.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    address = f"/p/riverbend/my/check-ins/{row.pk}/"
    page = browser.get(address).content.decode()
    [hint] = re.findall(r'<p class="hint" id="words-hint">([^<]*)</p>', page)
    assert "Nobody reads free text here in real time" in hint
    assert re.search(r'<textarea [^>]*aria-describedby="words-hint"', page), "it is said at the field itself"
    assert "911" in page
    assert browser.post(address, {"bruise": "none"}).status_code == 422
    form = {"soreness": "2", "pain": "3", "bruise": "none", "new_symptoms": ["weakness"], "words": "left foot"}
    told = browser.post(address, form, follow=True).content.decode()
    assert "Please read this now" in told
    assert "A foot you can" in told
    assert browser.post(address, {"R01": "no"}).status_code == 422
    flags = dict.fromkeys(("R01", "R02", "R03", "R04", "R05"), "no") | {"R06": "yes"}
    done = browser.post(address, flags, follow=True).content.decode()
    assert "A foot you can" not in done
    assert "medical assessment today" in done
    row.refresh_from_db()
    assert row.escalation == "urgent"


def test_aftercare_names_what_was_done_and_links_the_open_check_in(
    visit: VisitFacts, session_id: UUID, browser: Client, maren: Actor
) -> None:
    actions.move_to_segment(by=maren, session_id=session_id, leave="s01", key="s02", now=START)
    actions.end_session(by=maren, session_id=session_id, ended_by="client", now=START + timedelta(minutes=7))
    CheckIn.objects.filter(kind="day_after").update(due_at=timezone.now())
    text = browser.get(f"/p/riverbend/my/visits/{visit.id}/aftercare/").content.decode()
    assert "Low back" in text
    assert "Shoulder" not in text
    assert "/my/check-ins/" in text
    assert "Checked against its source. Cambron 2007" in text
