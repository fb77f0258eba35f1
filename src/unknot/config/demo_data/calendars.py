"""Calendars of one therapist: her diary as a feed, and a copy of a calendar of hers that stands nowhere."""

from datetime import datetime, time, timedelta

from unknot.availability.models import OutsideBusy, OutsideCalendar
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.interop.models import CalendarQuestion, Feed
from unknot.kernel.ids import digest, new_secret
from unknot.kernel.zones import local, to_utc

THERAPISTS = {"riverbend": "maren-oduya"}
NEVER = timedelta(days=36_500)
"""How far ahead the next reading is put: the address leads nowhere, and the demo works without a network."""


def write(stage: Stage, *, now: datetime) -> None:
    """A feed that nothing has read, choir practice on four Sundays, and one event over a visit that asks a question."""
    slug = THERAPISTS.get(stage.role.slug)
    if slug is None:
        return
    therapist, zone = stage.therapists[slug], stage.practice.timezone
    today = local(now, zone).date()
    sunday = today + timedelta(days=6 - today.weekday())
    with tenancy.scope(practice_id=stage.practice.id):
        Feed.objects.create(practice=stage.practice, therapist=therapist, token_hash=digest(new_secret()), made_at=now)
        calendar = OutsideCalendar.objects.create(
            practice=stage.practice,
            therapist=therapist,
            address="https://calendar.example/maren/private.ics",
            host="calendar.example",
            made_at=now - timedelta(days=20),
            read_at=now,
            tried_at=now + NEVER,
        )
        spans = []
        for week in range(1, 5):
            starts = to_utc(datetime.combine(sunday + timedelta(days=7 * week), time(18)), zone)
            spans.append((starts, starts + timedelta(hours=2)))
        visits = Appointment.objects.filter(
            therapist=therapist, state="confirmed", starts_at__gt=now + timedelta(days=1)
        )
        if (visit := visits.order_by("starts_at", "id").first()) is not None:
            spans.append((visit.starts_at + timedelta(minutes=30), visit.ends_at + timedelta(minutes=30)))
            CalendarQuestion.objects.create(
                practice=stage.practice,
                kind="overlap",
                therapist=therapist,
                appointment=visit,
                sequence=visit.sequence,
                asked_at=now,
            )
        OutsideBusy.objects.bulk_create(
            OutsideBusy(practice=stage.practice, calendar=calendar, therapist=therapist, starts_at=starts, ends_at=ends)
            for starts, ends in spans
        )
