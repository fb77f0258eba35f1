"""Maren's diary, with visits in it, and the calendar programs that read it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.ids import new_id
from unknot.kernel.zones import to_utc

HOME = {"mode": "home", "place": None, "home_address": "12 Wolf Willow Lane", "home_lat": 53.5, "home_lon": -113.5}


@pytest.fixture
def river(riverbend: Stage) -> Iterator[Stage]:
    """Riverbend, in scope."""
    with tenancy.scope(practice_id=riverbend.practice.id):
        yield riverbend


@pytest.fixture
def maren(riverbend: Stage, staff_of: Callable[..., Actor]) -> Actor:
    """Riverbend's therapist and owner."""
    return staff_of(riverbend, "therapist")


@pytest.fixture
def visit() -> Callable[..., Appointment]:
    """`visit(stage, "2026-11-19T10:00", state=, **fields)`: an hour of Tomasz with Maren at the studio."""

    def made(stage: Stage, wall: str, **fields: Any) -> Appointment:
        zone, client = stage.practice.timezone, stage.clients["tomasz@clients.example"]
        starts_at = to_utc(datetime.fromisoformat(wall), zone)
        therapist, service = stage.therapists["maren-oduya"], stage.services["therapeutic-60"]
        usual: dict[str, Any] = {
            "state": "confirmed",
            "client": client,
            "account_id": client.account_id,
            "place": stage.places["studio"],
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=60),
        }
        usual |= fields
        with tenancy.scope(practice_id=stage.practice.id):
            return Appointment.objects.create(
                id=new_id(),
                practice=stage.practice,
                therapist=therapist,
                practitioner_id=therapist.account_id,
                service=service,
                blocked=DateTimeTZRange(usual["starts_at"], usual["ends_at"]),
                local_start=wall,
                timezone=zone,
                zone_data="2026f",
                price_minor=11000,
                currency="CAD",
                created_at=datetime(2026, 11, 1, tzinfo=UTC),
                **usual,
            )

    return made
