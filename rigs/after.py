"""After the storm: is what is offered now bookable, and does nothing that is over stand in anybody's way?"""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from rigs.house import House
from unknot.booking.domain.lifecycle import BLOCKING

TRIED = 25


class Undo(Exception):
    """Takes a booking back that worked."""


def leftovers(house: House, dice: random.Random) -> Iterator[str]:
    """I6 and I12: makes every hold that is left run out, then asks the program itself, by the doors it uses.

    The time of a hold that ran out, and of a cancelled visit that nobody else took, is offered again; what is offered
    can be booked.
    """
    import django.db

    django.db.connection.close()
    with house.connect() as db:
        db.execute("UPDATE booking_appointment SET hold_expires_at = now() - interval '1 second' WHERE state = 'held'")
        gone = db.execute(
            "SELECT a.*, t.slug AS therapist, s.slug AS service FROM booking_appointment a "
            "JOIN practice_therapist t ON t.id = a.therapist_id JOIN practice_service s ON s.id = a.service_id "
            "WHERE state IN ('held', 'expired', 'cancelled') AND starts_at > now() + interval '3 hours' "
            "AND NOT EXISTS (SELECT 1 FROM booking_appointment b WHERE b.practitioner_id = a.practitioner_id "
            "AND b.state = ANY(%s) AND NOT (b.state = 'held' AND b.hold_expires_at <= now()) "
            "AND tstzrange(b.starts_at - interval '30 minutes', b.ends_at + interval '30 minutes') "
            "&& tstzrange(a.starts_at, a.ends_at))",
            [sorted(BLOCKING)],
        ).fetchall()
    dice.shuffle(gone)
    offered = list(_offered(house))
    for one in gone:
        rooms = _free_rooms(house, one)
        if rooms and (one["service"], one["therapist"], one["local_start"]) not in {key for key, _ in offered}:
            yield f"{one['local_start']} with {one['therapist']} was let go ({one['state']}) and is not offered"
    dice.shuffle(offered)
    yield from _book_some(house, [slot for _, slot in offered[:TRIED]])


def _free_rooms(house: House, one: dict[str, Any]) -> int:
    """How many rooms are free with room to spare around a start."""
    with house.connect() as db:
        row = db.execute(
            "SELECT count(*) AS free FROM practice_room r WHERE NOT EXISTS (SELECT 1 FROM booking_appointment b "
            "WHERE b.room_id = r.id AND b.state = ANY(%s) AND NOT (b.state = 'held' AND b.hold_expires_at <= now()) "
            "AND tstzrange(b.starts_at - interval '30 minutes', b.ends_at + interval '30 minutes') && "
            "tstzrange(%s, %s))",
            [sorted(BLOCKING), one["starts_at"], one["ends_at"]],
        ).fetchone()
    return int(row["free"]) if row else 0


def _offered(house: House) -> Iterator[tuple[tuple[str, str, str], Any]]:
    from django.utils import timezone

    from unknot.booking import queries
    from unknot.db import tenancy
    from unknot.practice import queries as practices

    now, practice_id = timezone.now(), UUID(house.practice_id)
    with tenancy.scope(practice_id=practice_id):
        practice = practices.practice(practice_id)
        for service in practices.services():
            for slot in queries.open_slots(
                practice=practice, service=service, first=date.min, last=now.date() + timedelta(days=61), now=now
            ):
                yield (service.slug, slot.therapist_slug, slot.local_start), (service.slug, slot)


def _book_some(house: House, wishes: list[Any]) -> Iterator[str]:
    """Books each wish in a transaction that is rolled back, so that one does not stand in the other's way."""
    from django.utils import timezone

    from unknot.booking import actions
    from unknot.db import tenancy
    from unknot.kernel.actors import system
    from unknot.kernel.errors import UnknotError
    from unknot.practice import queries as practices

    practice_id = UUID(house.practice_id)
    now: datetime = timezone.now()
    for service, slot in wishes:
        try:
            with tenancy.scope(practice_id=practice_id):
                actions.book_directly(
                    by=system(practice_id),
                    practice=practices.practice(practice_id),
                    service_slug=service,
                    therapist_slug=slot.therapist_slug,
                    place_slug=slot.place_slug,
                    local_start=slot.local_start,
                    client_id=UUID(house.people[0].client_id),
                    intake_id=None,
                    now=now,
                )
                raise Undo
        except Undo:
            continue
        except actions.ClientBusyError:
            continue  # writer 0's own visit, not the diary
        except UnknotError as error:
            yield f"{slot.local_start} with {slot.therapist_slug} is offered and refused: {error.code}"
