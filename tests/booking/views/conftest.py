"""Visits in the diary, for pages: they run by the real clock, so everything is days from now."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils import timezone

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.zones import local, to_utc

ZONE = "America/Edmonton"
DESK = "/p/foothills/desk/"


def a_monday() -> date:
    """A Monday a week or two ahead: everybody's hours are known there."""
    today = local(timezone.now(), ZONE).date()
    return today + timedelta(days=14 - today.weekday())


def days_to(day: date) -> int:
    return (day - local(timezone.now(), ZONE).date()).days


@pytest.fixture
def a_visit() -> Callable[..., Appointment]:
    """`a_visit(stage, email, days=5, hour=10, state="confirmed")`: an hour with the practice's first therapist."""

    def make(stage: Stage, email: str, *, days: int = 5, hour: int = 10, state: str = "confirmed", **more: Any) -> Any:
        client, therapist = stage.clients[email], more.pop("therapist", next(iter(stage.therapists.values())))
        now = timezone.now()
        day = local(now, ZONE).date() + timedelta(days=days)
        wall = datetime(day.year, day.month, day.day, hour)  # noqa: DTZ001 - a wall time
        starts = to_utc(wall, ZONE)
        with tenancy.scope(practice_id=stage.practice.id):
            return Appointment.objects.create(
                practice=stage.practice,
                state=state,
                client=client,
                account_id=client.account_id,
                therapist=therapist,
                practitioner_id=therapist.account_id,
                service=stage.services["therapeutic-60"],
                place=next(iter(stage.places.values())),
                starts_at=starts,
                ends_at=starts + timedelta(minutes=60),
                blocked=DateTimeTZRange(starts, starts + timedelta(minutes=75)),
                local_start=f"{wall:%Y-%m-%dT%H:%M}",
                timezone=ZONE,
                zone_data="2026f",
                price_minor=11000,
                currency="CAD",
                cancellation_tiers=[[24, 50], [4, 100]],
                created_at=now,
                **more,
            )

    return make


@pytest.fixture
def sam(foothills: Stage, signed_in: Callable[..., Client]) -> Client:
    """The front desk."""
    return signed_in(next(person.pk for role, person in foothills.staff if role == "front_desk"))


@pytest.fixture
def noor(foothills: Stage, signed_in: Callable[..., Client]) -> Client:
    """A therapist."""
    return signed_in(next(person.pk for _, person in foothills.staff if person.name == "Noor Haddad"))
