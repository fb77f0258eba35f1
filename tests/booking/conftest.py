"""What most tests of the diary need: a practice in scope, its facts, a client with valid answers."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from unknot.booking import actions
from unknot.booking.queries import VisitFacts
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.kernel.actors import Actor
from unknot.kernel.ids import new_id
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts


@pytest.fixture
def answered() -> Callable[..., UUID]:
    """`answered(stage, client_id, now=, outcome="clear")`: an intake of the client with that screening outcome."""

    def made(stage: Stage, client_id: UUID, *, now: datetime, outcome: str = "clear") -> UUID:
        row = Intake.objects.create(
            id=new_id(),
            practice=stage.practice,
            client_id=client_id,
            outcome=outcome,
            created_at=now,
            screened_at=now,
            valid_until=now + timedelta(days=60),
        )
        return UUID(str(row.pk))

    return made


@pytest.fixture
def river(riverbend: Stage) -> Iterator[Stage]:
    """Riverbend, in scope."""
    with tenancy.scope(practice_id=riverbend.practice.id):
        yield riverbend


@pytest.fixture
def hills(foothills: Stage) -> Iterator[Stage]:
    """Foothills, in scope."""
    with tenancy.scope(practice_id=foothills.practice.id):
        yield foothills


@pytest.fixture
def hands(openhands: Stage) -> Iterator[Stage]:
    """Open Hands, in scope."""
    with tenancy.scope(practice_id=openhands.practice.id):
        yield openhands


@pytest.fixture
def facts() -> Callable[[Stage], PracticeFacts]:
    """The practice's facts, as they are now."""
    return lambda stage: practices.practice(stage.practice.id)


@pytest.fixture
def tomasz(riverbend: Stage, client_of: Callable[..., Actor]) -> Actor:
    """A client of Riverbend."""
    return client_of(riverbend, "tomasz@clients.example")


@pytest.fixture
def priya(riverbend: Stage, client_of: Callable[..., Actor]) -> Actor:
    """Another client of Riverbend."""
    return client_of(riverbend, "priya@clients.example")


@pytest.fixture
def book(
    river: Stage,
    facts: Callable[[Stage], PracticeFacts],
    tomasz: Actor,
    now: datetime,
    answered: Callable[..., UUID],
) -> Callable[..., VisitFacts]:
    """`book(at="2026-11-19T09:00", **changes)`: books an hour at the studio for Tomasz, or `by` somebody."""

    def booked(at: str = "2026-11-19T09:00", **changes: Any) -> VisitFacts:
        by = changes.pop("by", tomasz)
        if "intake_id" not in changes:
            changes["intake_id"] = answered(river, by.client_id, now=now)
        usual: dict[str, Any] = {
            "service_slug": "therapeutic-60",
            "therapist_slug": "maren-oduya",
            "place_slug": "studio",
            "practice": facts(river),
            "local_start": at,
            "now": now,
        }
        return actions.book_directly(by=by, **(usual | changes))

    return booked
