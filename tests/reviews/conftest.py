"""A client with a visit that took place."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.ids import new_id


@pytest.fixture
def visited() -> Callable[..., UUID]:
    """`visited(stage, email, at, state="completed")`: the id of an hour's visit of the stage's first therapist."""

    def visit(stage: Stage, email: str, at: datetime, state: str = "completed") -> UUID:
        therapist = next(iter(stage.therapists.values()))
        client = stage.clients[email]
        with tenancy.scope(practice_id=stage.practice.id):
            row = Appointment.objects.create(
                id=new_id(),
                practice=stage.practice,
                state=state,
                client=client,
                account_id=client.account_id,
                therapist=therapist,
                practitioner_id=therapist.account_id,
                service=stage.services["therapeutic-60"],
                place=next(place for place in stage.places.values() if place.kind == "clinic"),
                starts_at=at,
                ends_at=at + timedelta(hours=1),
                blocked=(at, at + timedelta(hours=1)),
                local_start="2026-11-10T09:00",
                timezone="America/Edmonton",
                zone_data="2026a",
                price_minor=11000,
                currency="CAD",
                created_at=at - timedelta(days=3),
                ended_at=at + timedelta(hours=1),
            )
        return row.pk

    return visit
