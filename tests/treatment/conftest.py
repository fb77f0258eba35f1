"""A booked visit of Tomasz with Maren, his answers, and the people around it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from unknot.booking import actions as booking
from unknot.booking.queries import VisitFacts
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake import actions as intake
from unknot.intake import queries as intake_queries
from unknot.kernel.actors import Actor
from unknot.practice import queries as practices
from unknot.treatment import actions, queries

ANSWERS: dict[str, Any] = {
    "G2": "yes",
    "D3": "yes",
    "C12": "yes",
    "regions": [
        {"region": "low_back", "laterality": "left", "intensity": 6, "quality": "aching"},
        {"region": "shoulder", "laterality": "right", "intensity": 3},
    ],
}


@pytest.fixture
def river(riverbend: Stage) -> Iterator[Stage]:
    """Riverbend, in scope."""
    with tenancy.scope(practice_id=riverbend.practice.id):
        yield riverbend


@pytest.fixture
def maren(river: Stage, staff_of: Callable[..., Actor]) -> Actor:
    """The therapist (and owner)."""
    return staff_of(river, "therapist")


@pytest.fixture
def tomasz(river: Stage, client_of: Callable[..., Actor]) -> Actor:
    """The client of the visit."""
    return client_of(river, "tomasz@clients.example")


@pytest.fixture
def priya(river: Stage, client_of: Callable[..., Actor]) -> Actor:
    """Another client."""
    return client_of(river, "priya@clients.example")


def screened(stage: Stage, by: Actor, *, now: datetime) -> UUID:
    """The client's answers, kept; the intake's id."""
    asked = [question.id for group in intake_queries.booking_questions() for question in group.questions]
    answers = dict.fromkeys(asked, "no") | ANSWERS
    intake.record_guide(by=by, answers=ANSWERS, now=now)
    return intake.record_screening(by=by, answers=answers, now=now).id


def book(stage: Stage, by: Actor, local_start: str, *, now: datetime, service: str = "therapeutic-60") -> VisitFacts:
    """A visit booked the ordinary way."""
    found = booking.book_directly(
        by=by,
        practice=practices.practice(stage.practice.id),
        service_slug=service,
        therapist_slug="maren-oduya",
        place_slug="studio",
        local_start=local_start,
        intake_id=screened(stage, by, now=now),
        now=now,
    )
    if found.state == "requested":
        maren = practices.actor(stage.therapists["maren-oduya"].account_id, stage.practice.id, strong=True)
        booking.mark(by=maren, appointment_id=found.id, event="confirm", now=now)
    return found


@pytest.fixture
def book_visit() -> Callable[..., VisitFacts]:
    """`book_visit(stage, client, local_start, now=...)`."""
    return book


@pytest.fixture
def visit(river: Stage, tomasz: Actor, now: datetime) -> VisitFacts:
    """Thursday 19 November 2026, 10:00, sixty minutes."""
    return book(river, tomasz, "2026-11-19T10:00", now=now)


@pytest.fixture
def begin(maren: Actor) -> Callable[..., UUID]:
    """`begin(visit, now)`: the plan agreed and the session started; the session's id."""

    def go(visit: VisitFacts, now: datetime, *, pain: int | None = None) -> UUID:
        actions.agree_plan(by=maren, appointment_id=visit.id, version=0, now=now)
        return actions.start_session(by=maren, appointment_id=visit.id, pain=pain, now=now)

    return go


@pytest.fixture
def finish(maren: Actor) -> Callable[..., None]:
    """`finish(session_id, appointment_id, starts, minutes_each)`: walks through all parts and ends as planned."""

    def go(visit: VisitFacts, session_id: UUID, start: datetime) -> datetime:
        plan = queries.session_screen(visit.id, by=maren).session.plan
        at = start
        for one, following in zip(plan.segments, plan.segments[1:], strict=False):
            at += timedelta(minutes=one.minutes)
            actions.move_to_segment(by=maren, session_id=session_id, leave=one.key, key=following.key, now=at)
        at += timedelta(minutes=plan.segments[-1].minutes)
        actions.end_session(by=maren, session_id=session_id, ended_by="plan", now=at)
        return at

    return go
