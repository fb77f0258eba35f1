"""What the therapist knows before the door opens: wishes about touch, newest answers, and what they ask for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from unknot.booking.queries import VisitFacts
from unknot.intake import actions as intake
from unknot.intake import queries as intake_queries
from unknot.kernel.actors import Actor
from unknot.notifications.models import Message
from unknot.treatment import actions, queries
from unknot.treatment.models import ComfortEvent, Session

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
MORNING = START - timedelta(hours=2)


def wish(by: Actor, now: datetime, **wishes: Any) -> None:
    assert by.client_id is not None
    intake.keep_touch_wishes(by=by, client_id=by.client_id, wishes=wishes, now=now)


def answer(by: Actor, now: datetime, **rows: str) -> None:
    asked = [question.id for group in intake_queries.booking_questions() for question in group.questions]
    intake.record_screening(by=by, answers=dict.fromkeys(asked, "no") | rows, now=now)


def opened(visit: VisitFacts, by: Actor, now: datetime = START) -> queries.OpenedVisit:
    return queries.opened_visit(visit.id, by=by, now=now)


def test_places_left_alone_and_positions_bind_the_plan(visit: VisitFacts, tomasz: Actor, maren: Actor) -> None:
    before = opened(visit, maren).plan
    assert before is not None
    assert "shoulder" in {one.region for one in before.plan.segments}
    wish(tomasz, MORNING, off_limits=["shoulder"], comforts=["no_prone"])
    found = opened(visit, maren)
    assert found.plan is not None
    assert "shoulder" not in {one.region for one in found.plan.plan.segments}
    assert "prone" not in {one.position for one in found.plan.plan.segments if one.on_table}
    assert found.limits.touch == ("No touch: the shoulder.", "Not face down.")


def test_said_after_agreeing_the_plan_is_made_anew(visit: VisitFacts, tomasz: Actor, maren: Actor) -> None:
    actions.agree_plan(by=maren, appointment_id=visit.id, version=0, now=MORNING)
    wish(tomasz, MORNING, off_limits=["shoulder"])
    with pytest.raises(actions.PlanOutdatedError):
        actions.start_session(by=maren, appointment_id=visit.id, now=START)


def test_in_mid_session_it_closes_at_once(
    visit: VisitFacts, tomasz: Actor, maren: Actor, begin: Callable[..., UUID]
) -> None:
    begin(visit, START)
    wish(tomasz, START + timedelta(minutes=3), off_limits=["shoulder"])
    screen = queries.session_screen(visit.id, by=maren)
    assert screen.withdrawn == ("shoulder",)
    assert "shoulder" not in {one.region for one in screen.session.plan.segments}
    assert ComfortEvent.objects.get().signal == "stop"


def test_what_changed_since_the_booking_counts(visit: VisitFacts, tomasz: Actor, maren: Actor) -> None:
    first = opened(visit, maren).limits
    answer(tomasz, MORNING, C12="yes", C20="yes")
    changed = opened(visit, maren).limits
    assert {line.rule for line in changed.precautions} - {line.rule for line in first.precautions} == {"C20"}
    assert changed.screened_at == MORNING
    answer(tomasz, visit.ends_at + timedelta(days=3), C12="yes", C01="yes")
    assert opened(visit, maren).limits == changed


@pytest.mark.parametrize(("row", "held"), [("C01", "not_today"), ("C04", "doctor_first"), ("R15", "emergency")])
def test_answers_that_ask_to_wait_stop_the_start(
    visit: VisitFacts, tomasz: Actor, maren: Actor, row: str, held: str
) -> None:
    actions.agree_plan(by=maren, appointment_id=visit.id, version=0, now=MORNING)
    answer(tomasz, MORNING, **{row: "yes"})
    assert opened(visit, maren).limits.held == held
    with pytest.raises(actions.HeldByAnswersError):
        actions.start_session(by=maren, appointment_id=visit.id, now=START)
    assert not Session.objects.exists()


def test_whoever_treats_next_is_told_before_setting_out(visit: VisitFacts, tomasz: Actor) -> None:
    def alerts() -> list[tuple[Any, Any]]:
        rows = Message.objects.filter(kind="therapist_alert", key__startswith="answers:")
        return [(row.appointment_id, row.account_id) for row in rows.order_by("id")]

    answer(tomasz, MORNING, C12="yes")
    assert alerts() == []
    answer(tomasz, MORNING, C01="yes")
    assert alerts() == [(visit.id, visit.practitioner_id)]
    answer(tomasz, visit.ends_at + timedelta(days=1), C01="yes")
    assert len(alerts()) == 1


def test_a_therapist_lifts_a_hold_with_a_reason_and_it_starts(visit: VisitFacts, tomasz: Actor, maren: Actor) -> None:
    answer(tomasz, MORNING, C04="yes")
    found = intake_queries.current_intake(client_id=tomasz.client_id)
    assert found is not None
    intake.relax(by=maren, intake_id=found.id, rule="C04", reason="Doctor's letter of today", scope="hold", now=MORNING)
    actions.agree_plan(by=maren, appointment_id=visit.id, version=0, now=MORNING)
    assert actions.start_session(by=maren, appointment_id=visit.id, now=START)


def test_the_page_says_it(visit: VisitFacts, tomasz: Actor, maren: Actor, signed_in: Callable[..., Client]) -> None:
    with time_machine.travel(MORNING + timedelta(minutes=5)):
        tablet = signed_in(maren.account_id)
        url = reverse("treatment:visit", args=["riverbend", visit.id])
        page = tablet.get(url).content.decode()
        assert "Ask what has changed" in page
        assert "No wishes about touch or covering on file" in page
        wish(tomasz, MORNING, covering="dressed")
        answer(tomasz, MORNING, C01="yes")
        page = tablet.get(url).content.decode()
        assert "I stay dressed: work through my clothes" in page
        assert "Not today" in page
        assert "Ask what has changed" not in page
        day = tablet.get(reverse("booking:day", args=["riverbend"]), {"date": "2026-11-19"}).content.decode()
        assert "Wishes about touch: read them first" in day
