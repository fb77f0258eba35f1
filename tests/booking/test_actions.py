"""Hold, book, move, cancel, mark: what each does, refuses and leaves behind."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from unknot.audit.models import Entry
from unknot.booking import actions, queries
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.intake.models import Intake
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import new_id
from unknot.notifications.models import Message
from unknot.practice.queries import PracticeFacts

Facts = Callable[[Stage], PracticeFacts]
THURSDAY = "2026-11-19"
WISH: dict[str, Any] = {"service_slug": "therapeutic-60", "therapist_slug": "maren-oduya", "place_slug": "studio"}


def answered(stage: Stage, client_id: UUID | None, *, now: datetime, outcome: str = "clear") -> UUID:
    """An intake of the client with a screening outcome, valid for weeks."""
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


@pytest.fixture
def book(river: Stage, facts: Facts, tomasz: Actor, now: datetime) -> Callable[..., queries.VisitFacts]:
    """`book(at="2026-11-19T09:00", **changes)`: books for Tomasz."""

    def booked(at: str = f"{THURSDAY}T09:00", **changes: Any) -> queries.VisitFacts:
        by = changes.pop("by", tomasz)
        return actions.book_directly(
            **WISH
            | {
                "by": by,
                "practice": facts(river),
                "local_start": at,
                "intake_id": answered(river, by.client_id, now=now),
                "now": now,
            }
            | changes
        )

    return booked


def test_a_hold_becomes_a_visit(river: Stage, facts: Facts, tomasz: Actor, now: datetime) -> None:
    hold = actions.hold_slot(by=Actor(), practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **WISH)
    assert (hold.visit.state, hold.expires_at) == ("held", now + timedelta(minutes=10))
    intake_id = answered(river, tomasz.client_id, now=now)
    visit = actions.book(by=tomasz, hold_id=hold.id, secret=hold.secret, intake_id=intake_id, now=now)
    assert (visit.id, visit.state, visit.client_id) == (hold.id, "confirmed", tomasz.client_id)
    assert visit.starts_at == datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
    assert (visit.price.minor, visit.tiers, visit.room_name) == (11000, [[24, 50], [4, 100]], "Studio")
    assert [entry.verb for entry in Entry.objects.filter(subject_id=visit.id)] == ["visit.booked"]
    kinds = Message.objects.filter(appointment_id=visit.id).order_by("due_at").values_list("kind", flat=True)
    assert list(kinds) == ["booking_confirmed", "booking_reminder"]
