"""The therapist's pages without JavaScript."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from unknot.booking.queries import VisitFacts
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor
from unknot.treatment import actions
from unknot.treatment.models import CheckIn, ComfortEvent, Note, Plan, Session, SessionMark

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)


@pytest.fixture
def browser(maren: Actor, signed_in: Callable[..., Client]) -> Client:
    """Maren's browser."""
    return signed_in(maren.account_id)


def desk(visit: VisitFacts, page: str = "") -> str:
    return f"/p/riverbend/desk/visits/{visit.id}/{page}"


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found.group(1)


def test_from_the_opened_visit_to_the_signed_note(visit: VisitFacts, browser: Client) -> None:
    page = browser.get(desk(visit)).content.decode()
    assert "Tomasz Wieland" in page
    key = re.findall(r'name="key" value="(s\d+)"', page)[2]
    changed = browser.post(desk(visit, "plan/"), {"do": "longer", "key": key, "version": "0"}, follow=True)
    assert hidden(changed.content.decode(), "version") == "2"
    browser.post(desk(visit, "plan/"), {"do": "agree", "version": "2"})
    started = browser.post(desk(visit, "start/"), {"pain": "6"}, follow=True)
    assert started.redirect_chain[-1][0] == desk(visit, "session/")
    text = started.content.decode()
    assert 'data-running="true"' in text
    assert "<svg" in text
    moved = browser.post(desk(visit, "session/"), {"do": "next", "leave": "s01"}, follow=True).content.decode()
    assert 'data-part="s02"' in moved
    ended = browser.post(
        desk(visit, "session/end/"), {"ended_by": "client", "pain": "3", "words": "cramp"}, follow=True
    )
    assert ended.redirect_chain[-1][0] == desk(visit, "note/")
    text = ended.content.decode()
    form = {"version": hidden(text, "version"), "editor": hidden(text, "editor"), "assessment": "fine", "do": "sign"}
    form |= dict.fromkeys(re.findall(r'name="(d_s\d+_minutes)"', text), "7")
    assert browser.post(desk(visit, "note/"), form).status_code == 302
    assert Note.objects.get().signed_at is not None
    assert "Signed by Maren Oduya" in browser.get(desk(visit, "note/")).content.decode()
    assert "SHA-256" in browser.get(desk(visit, "note/print/")).content.decode()


def test_a_refused_change_is_said_and_the_plan_stays(visit: VisitFacts, browser: Client) -> None:
    answer = browser.post(desk(visit, "plan/"), {"do": "up", "key": "s02", "version": "0"}, follow=True)
    assert answer.status_code == 200
    assert "Warm-up opens and cool-down closes the session" in answer.content.decode()
    old = browser.post(desk(visit, "plan/"), {"do": "agree", "version": "7"}, follow=True).content.decode()
    assert "changed on another screen" in old
    assert Plan.objects.count() == 0


def test_what_is_said_and_written_down_needs_no_script(
    visit: VisitFacts, browser: Client, begin: Callable[..., UUID]
) -> None:
    begin(visit, START)
    key = hidden(browser.get(desk(visit, "session/")).content.decode(), "key")
    said = {"do": "said", "key": key, "signal": "lighter"}
    for _ in range(2):  # a double press of the same page is one
        assert browser.post(desk(visit, "session/"), said).status_code == 302
    browser.post(desk(visit, "session/"), {"do": "note", "key": key, "words": "left side tender"})
    empty = browser.post(desk(visit, "session/"), {"do": "note", "key": key, "words": " "}, follow=True)
    assert "There was nothing to write down" in empty.content.decode()
    assert "left side tender" in empty.content.decode()
    assert [(one.signal, one.spoken) for one in ComfortEvent.objects.all()] == [("lighter", True)]
    assert browser.post(desk(visit, "session/"), {"do": "dance"}).status_code == 404


def test_a_rating_off_the_scale_does_not_start_the_session(visit: VisitFacts, browser: Client) -> None:
    browser.post(desk(visit, "plan/"), {"do": "agree", "version": "0"})
    answer = browser.post(desk(visit, "start/"), {"pain": "11"}, follow=True)
    assert "Pain runs from 0 to 10. The session was not started" in answer.content.decode()
    assert Session.objects.count() == 0


def test_marks_are_answered_in_json(visit: VisitFacts, browser: Client, begin: Callable[..., UUID]) -> None:
    begin(visit, START)
    made = {"id": str(uuid4()), "kind": "move", "content": {"leave": "s01", "key": "s02"}, "at": "2026-11-19T17:01:00Z"}
    bad = {"id": str(uuid4()), "kind": "move", "content": {"leave": "s01", "key": "s77"}, "at": "9999-99-99"}
    form = {"marks": json.dumps([bad, made]), "sent_at": "2026-11-19T17:02:00Z"}
    first, again = (browser.post(desk(visit, "session/marks/"), form).json() for _ in range(2))
    assert [one["outcome"] for one in first["answers"]] == ["refused", "done"]
    assert (again["answers"][1]["outcome"], again["part"], again["running"]) == ("done", "s02", True)
    for text in ("", "{}", "[1]", '[{"id": 7}]', "[" * 5000, json.dumps([made] * 201)):
        assert browser.post(desk(visit, "session/marks/"), form | {"marks": text}).status_code == 422
    assert SessionMark.objects.count() == 1
    worker = browser.get("/session-worker.js")
    assert worker["Content-Type"].startswith("text/javascript")


def test_looking_changes_nothing(visit: VisitFacts, browser: Client) -> None:
    for _ in range(2):
        browser.get(desk(visit))
        browser.get(desk(visit, "note/"))
    assert browser.get(desk(visit, "plan/")).status_code == 405
    assert browser.get(desk(visit, "start/")).status_code == 405
    assert (Plan.objects.count(), Session.objects.count(), Note.objects.count()) == (0, 0, 0)


def test_a_stale_note_form_keeps_every_typed_word(
    visit: VisitFacts, browser: Client, begin: Callable[..., UUID], maren: Actor
) -> None:
    actions.end_session(by=maren, session_id=begin(visit, START), ended_by="client", now=START + timedelta(minutes=5))
    text = browser.get(desk(visit, "note/")).content.decode()
    form = {"version": "1", "editor": "a", "do": "save"} | dict.fromkeys(
        re.findall(r'name="(d_s\d+_minutes)"', text), "5"
    )
    assert browser.post(desk(visit, "note/"), form | {"assessment": "mine"}).status_code == 302
    stale = browser.post(desk(visit, "note/"), form | {"assessment": "typed here", "editor": "b"})
    shown = stale.content.decode()
    assert stale.status_code == 409
    assert "typed here" in shown
    assert "mine" in shown
    assert hidden(shown, "version") == "2"
    again = browser.post(desk(visit, "note/"), form | {"assessment": "typed here", "editor": "b", "version": "2"})
    assert again.status_code == 302


def test_saving_by_itself_answers_the_new_version(
    visit: VisitFacts, browser: Client, begin: Callable[..., UUID], maren: Actor
) -> None:
    actions.end_session(by=maren, session_id=begin(visit, START), ended_by="client", now=START)
    text = browser.get(desk(visit, "note/")).content.decode()
    form = {"version": "1", "editor": "a", "do": "autosave", "words": "half a sen"} | dict.fromkeys(
        re.findall(r'name="(d_s\d+_minutes)"', text), "5"
    )
    saved = browser.post(desk(visit, "note/"), form)
    assert (saved.status_code, saved["X-Saved-Version"]) == (200, "2")
    assert 'value="2"' in saved.content.decode()
    assert "half a sen" in browser.get(desk(visit, "note/")).content.decode()  # after a crash of the page


def test_the_pages_exist_for_therapists_only(
    visit: VisitFacts, river: Stage, tomasz: Actor, begin: Callable[..., UUID], signed_in: Callable[..., Client]
) -> None:
    begin(visit, START)
    pages = ["", "session/", "session/end/", "session/stream/", "note/", "note/print/"]
    client = signed_in(tomasz.account_id)
    assert {client.get(desk(visit, page)).status_code for page in pages} == {404}
    assert {Client().get(desk(visit, page)).status_code for page in pages} == {302}
    assert client.get("/p/riverbend/desk/check-ins/").status_code == 404


def test_front_desk_sees_nothing(foothills: Stage, now: datetime, signed_in: Callable[..., Client]) -> None:
    desk_account = next(person.pk for held, person in foothills.staff if held == "front_desk")
    browser = signed_in(desk_account)
    for page in (f"desk/visits/{uuid4()}/", f"desk/visits/{uuid4()}/note/", "desk/check-ins/"):
        assert browser.get(f"/p/foothills/{page}").status_code == 404


def test_made_up_and_foreign_visits_read_the_same(
    visit: VisitFacts, browser: Client, foothills: Stage, signed_in: Callable[..., Client]
) -> None:
    made_up = browser.get(f"/p/riverbend/desk/visits/{uuid4()}/")
    noor = signed_in(foothills.therapists["noor-haddad"].account_id)
    foreign = noor.get(f"/p/foothills/desk/visits/{visit.id}/")
    assert (made_up.status_code, foreign.status_code) == (404, 404)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_check_ins_takes_the_same_queries(
    visit: VisitFacts,
    browser: Client,
    begin: Callable[..., UUID],
    maren: Actor,
    rows: int,
    django_assert_num_queries: Any,
) -> None:
    actions.end_session(by=maren, session_id=begin(visit, START), ended_by="client", now=START)
    result = {
        "level": "watch",
        "rows": ["sore_high"],
        "texts": ["x"],
        "cap_next_delta": -1,
        "hold_next_for_review": False,
        "stop_deep": False,
        "red_flag_questions": [],
        "rules_version": "t",
    }
    answers = {
        "hours_after": 24.0,
        "soreness": 6,
        "pain": 2,
        "bruise": "none",
        "bruise_spreading": False,
        "function_loss": False,
        "new_symptoms": [],
        "red_flags": {},
        "words": "",
    }
    for row in CheckIn.objects.order_by("due_at")[:rows]:
        row.answered_at, row.answers, row.result, row.escalation = START, answers, result, "watch"
        row.save()
    browser.get("/p/riverbend/desk/check-ins/")
    with django_assert_num_queries(QUERIES):
        page = browser.get("/p/riverbend/desk/check-ins/")
    assert page.content.decode().count("Soreness 6 of 10") == rows


QUERIES = 24
