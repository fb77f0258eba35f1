"""The diary's rows as booking reads them under its locks: statements written out, since they run for every kept time.

Everything names the practice in scope, as the managers do; the walls stand besides.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from unknot.booking.domain.lifecycle import BLOCKING
from unknot.db import tenancy

_STALE = """
(a.state = 'held' AND a.hold_expires_at <= %(now)s
 OR a.state = 'requested' AND (a.answer_by <= %(now)s OR a.starts_at <= %(now)s))
"""
"""`queries.visits.stale_holds` in SQL."""
_DIARY = f"""
SELECT a.practitioner_id, a.starts_at, a.ends_at, a.buffer_before, a.buffer_after, lower(a.blocked), a.place_id,
       a.home_lat, a.home_lon, s.kind, CASE WHEN jsonb_array_length(a.parts) > 1 THEN a.parts::text END,
       a.id, a.room_id, a.room_unit, a.kit_units
FROM booking_appointment a JOIN practice_service s ON s.id = a.service_id
WHERE a.practice_id = %(practice)s AND a.state = ANY (%(states)s)
  AND a.starts_at < %(until)s AND a.starts_at > %(since)s - interval '1 day' AND a.ends_at > %(since)s
  AND NOT coalesce({_STALE}, false)
"""  # noqa: S608 - a text of ours
_WITHOUT = "  AND NOT (a.id = ANY (%(without)s) OR coalesce(a.moves_id = ANY (%(without)s), false))\n"
_WHOSE = "  AND a.practitioner_id = ANY (%(whose)s)\n"
_ENDED = f"""
SELECT a.id, a.state, a.moves_id FROM booking_appointment a
WHERE a.practice_id = %(practice)s AND {_STALE} FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - a text of ours


_HOLDS_UNTIL = """
SELECT practitioner_id,
       min(CASE state WHEN 'held' THEN hold_expires_at ELSE least(starts_at, coalesce(answer_by, starts_at)) END)
FROM booking_appointment
WHERE practice_id = %s AND state IN ('held', 'requested') AND practitioner_id = ANY (%s) GROUP BY practitioner_id
"""
_STALE_CARDS = """
SELECT id, therapist_id, place_id, base_cell, timezone FROM booking_card
WHERE practice_id = %s AND practitioner_id = ANY (%s) AND stale ORDER BY id FOR UPDATE
"""


def _practice() -> UUID:
    scope = tenancy.current()
    if scope is None or scope.practice_id is None:
        raise tenancy.UnscopedQueryError("the diary was read outside a practice's scope")
    return scope.practice_id


def diary_rows(
    since: datetime,
    until: datetime,
    *,
    now: datetime,
    without: Collection[UUID] = (),
    whose: Collection[UUID] | None = None,
) -> list[tuple[Any, ...]]:
    """What takes time, rooms or kit in the practice in scope between two instants, but not `without` these visits and
    the times kept for them, nor what has run out at `now`; of these practitioners alone if `whose` names them.

    One query: practitioner, start, end, buffers before and after (minutes), start of the stored range, place, point of
    a home visit (latitude, longitude), kind of massage, parts (JSON; None unless something was added), id, room, table,
    pieces of kit.
    """
    asked = _DIARY + (_WITHOUT if without else "") + (_WHOSE if whose is not None else "")
    given: dict[str, Any] = {
        "practice": _practice(),
        "states": sorted(BLOCKING),
        "since": since,
        "until": until,
        "now": now,
        "without": list(without),
        "whose": list(whose or ()),
    }
    with connection.cursor() as cursor:
        cursor.execute(asked, given)
        return list(cursor.fetchall())


def ended_by_now(now: datetime) -> list[tuple[UUID, str, UUID | None]]:
    """Holds of the practice in scope that ran out and requests nobody answered in time, locked: id, state, the visit
    a hold keeps a new time for. Rows that somebody is changing right now are left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, {"practice": _practice(), "now": now})
        return list(cursor.fetchall())


def holds_until(practitioners: Collection[UUID]) -> dict[UUID, datetime]:
    """When the first thing that runs out by itself does, in the practice in scope: a hold at its end, a request when
    nobody answered it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDS_UNTIL, [_practice(), list(practitioners)])
        return dict(cursor.fetchall())


def stale_cards(practitioners: Collection[UUID]) -> list[tuple[UUID, UUID, UUID | None, int, str]]:
    """Cards of these practitioners in the practice in scope whose diary changed, locked: id, therapist, place, first
    cell, zone. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_STALE_CARDS, [_practice(), list(practitioners)])
        return list(cursor.fetchall())
