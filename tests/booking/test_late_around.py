"""Running late beside everything that is taken: other calendars and practices, kit, rooms, and the client's own day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from tests.booking.test_lateness import tap
from unknot.availability.models import OutsideBusy, OutsideCalendar
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor, system
from unknot.kernel.zones import to_utc
from unknot.practice.models import Room

pytestmark = pytest.mark.django_db
DAY, ZONE = "2026-11-19", "America/Edmonton"  # a Thursday
NOOR, DEV = "noor-haddad", "dev-malhotra"
STONES = 900_001


def moment(at: str) -> datetime:
    return to_utc(datetime.fromisoformat(f"{DAY}T{at}"), ZONE)


def put(stage: Stage, therapist: str, email: str, at: str, **more: Any) -> Appointment:
    """An hour in the diary, with a quarter of an hour after it."""
    who, client, starts = stage.therapists[therapist], stage.clients[email], moment(at)
    made: Appointment = Appointment.objects.create(
        practice=stage.practice,
        state="confirmed",
        client=client,
        account_id=client.account_id,
        therapist=who,
        service=stage.services["therapeutic-60"],
        starts_at=starts,
        ends_at=starts + timedelta(minutes=60),
        blocked=DateTimeTZRange(starts, starts + timedelta(minutes=75)),
        buffer_after=15,
        local_start=f"{DAY}T{at}",
        timezone=ZONE,
        zone_data="2026f",
        price_minor=11000,
        currency="CAD",
        cancellation_tiers=[[24, 50]],
        created_at=starts - timedelta(days=2),
        **{"practitioner_id": who.account_id, "place": next(iter(stage.places.values())), **more},
    )
    return made


def after(row: Appointment) -> str:
    """At what time the visit begins now."""
    row.refresh_from_db()
    return row.local_start[11:]


def late(stage: Stage, minutes: int = 30, therapist: str = NOOR) -> Any:
    return tap(system(stage.practice.id), minutes, moment("08:55"), therapist_slug=therapist)


def test_what_stands_in_an_outside_calendar_is_not_moved_over(
    river: Stage, staff_of: Callable[..., Actor], now: datetime
) -> None:
    own: dict[str, Any] = {"practice": river.practice, "therapist": river.therapists["maren-oduya"]}
    calendar = OutsideCalendar.objects.create(
        address="https://cal.example/x.ics",
        host="cal.example",
        made_at=now,
        read_at=moment("08:00"),
        tried_at=moment("08:00"),
        **own,
    )
    OutsideBusy.objects.create(calendar=calendar, starts_at=moment("10:20"), ends_at=moment("11:20"), **own)
    row = put(river, "maren-oduya", "tomasz@clients.example", "09:00")
    late(river, 30, "maren-oduya")
    assert after(row) >= "11:20"


def test_nor_what_stands_in_another_practice(river: Stage, openhands: Stage) -> None:
    maren = river.therapists["maren-oduya"].account_id
    with tenancy.scope(practice_id=openhands.practice.id):
        put(openhands, "lin-zhou", "ines@clients.example", "10:20", practitioner_id=maren)
    row = put(river, "maren-oduya", "tomasz@clients.example", "09:00")
    late(river, 30, "maren-oduya")
    assert after(row) >= "11:35"


def test_the_one_set_of_stones_is_not_needed_twice(hills: Stage) -> None:
    row = put(hills, NOOR, "maya@clients.example", "09:00", kit_units=[STONES])
    other = put(hills, DEV, "anders@clients.example", "10:15", kit_units=[STONES])
    late(hills)
    assert (after(row), after(other)) == ("11:30", "10:15")


def test_nobody_is_in_two_places(hills: Stage) -> None:
    row = put(hills, NOOR, "maya@clients.example", "09:00")
    other = put(hills, DEV, "maya@clients.example", "10:15")
    late(hills)
    assert (after(row), after(other)) == ("11:15", "10:15")


def test_a_lesser_room_is_no_room(hills: Stage) -> None:
    """The one room that offers what this visit had is taken: it waits for it instead of going next door."""
    first, *others = hills.rooms["clinic"]
    Room.objects.filter(pk__in=[one.pk for one in others]).update(attributes=[])
    Room.objects.filter(pk=first.pk).update(attributes=["table_lift"], capacity=1)
    row = put(hills, NOOR, "maya@clients.example", "09:00", room_id=first.pk)
    put(hills, DEV, "anders@clients.example", "10:15", room_id=first.pk)
    late(hills)
    assert (after(row), row.room_id) == ("11:30", first.pk)


def test_a_room_that_offers_as_much_will_do(hills: Stage) -> None:
    first, second, *_ = hills.rooms["clinic"]
    Room.objects.filter(pk__in=[first.pk, second.pk]).update(attributes=["table_lift"], capacity=1)
    row = put(hills, NOOR, "maya@clients.example", "09:00", room_id=first.pk)
    put(hills, DEV, "anders@clients.example", "10:15", room_id=first.pk)
    late(hills)
    assert (after(row), row.room_id) == ("09:30", second.pk)


def test_tomorrow_is_another_day(hills: Stage) -> None:
    row = put(hills, NOOR, "maya@clients.example", "09:00")
    coming = put(hills, NOOR, "anders@clients.example", "15:00")
    night = timedelta(hours=18)  # from three in the afternoon to nine the next morning
    Appointment.objects.filter(pk=coming.pk).update(
        starts_at=coming.starts_at + night,
        ends_at=coming.ends_at + night,
        blocked=DateTimeTZRange(coming.blocked.lower + night, coming.blocked.upper + night),
        local_start="2026-11-20T09:00",
    )
    delay = tap(system(hills.practice.id), 30, moment("15:00"), therapist_slug=NOOR)
    assert delay.visits == ()
    assert (after(row), after(coming)) == ("09:00", "09:00")
