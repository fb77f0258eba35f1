"""A made-up house with a million visits, its record and its messages, in a schema of its own.

The schema stands before the real one on one connection only, so that nothing else sees it: 400 therapists with five
visits a day, the last forty days of which are still to come; three entries of the record for each visit that is over;
a confirmation and a reminder for each. The indexes are the real ones, but for the exclusion constraints: what the
sweep reads does not use them, and to build them over a million rows takes minutes.
"""

from typing import Any
from uuid import UUID

import psycopg

from unknot.audit.models import Entry, link

TABLES = (
    "booking_appointment",
    "audit_entry",
    "notifications_message",
    "procrastinate_jobs",
)
VISITS = """
INSERT INTO deep.booking_appointment (id, practice_id, state, client_id, therapist_id, practitioner_id, service_id,
    mode, place_id, room_id, room_unit, kit_units, home_address, starts_at, ends_at, blocked, buffer_before,
    buffer_after, local_start, timezone, zone_data, parts, price_minor, currency, cancellation_tiers, hold_hash,
    closing, change_hours, sequence, fee_minor, fee_floor_minor, created_at)
SELECT gen_random_uuid(), md5('p' || l / 20)::uuid, CASE WHEN s < now() THEN 'completed' ELSE 'confirmed' END,
    md5('c' || l || '-' || n %% 200)::uuid, md5('t' || l)::uuid, md5('a' || l)::uuid, md5('s')::uuid, 'clinic',
    md5('pl' || l / 20)::uuid, md5('r' || l)::uuid, 0, '{}', '', s, s + interval '60 min',
    tstzrange(s, s + interval '75 min'), 0, 15, '2026-01-01T10:00', 'America/Edmonton', '2026e', '[]', 10000, 'CAD',
    '[]', '', '', 0, 0, 0, 0,
    least(s, now()) - (n * 7919 + l * 31) %% 41 * interval '1 day' - (l + 1) * interval '1 min'
FROM generate_series(0, %(days)s * 5 - 1) n, generate_series(0, 399) l,
    LATERAL (SELECT date_trunc('day', now()) + (n / 5 - %(days)s + %(days)s * 2 / 25) * interval '1 day'
        + n %% 5 * interval '90 min' AS s) x
"""
PLACES = """
CREATE TABLE deep.practice_room AS
    SELECT DISTINCT room_id AS id, place_id, true AS active FROM deep.booking_appointment;
CREATE TABLE deep.practice_therapist AS SELECT DISTINCT therapist_id AS id, practitioner_id AS account_id, practice_id
    FROM deep.booking_appointment;
"""
RECORD = """
INSERT INTO deep.audit_entry (id, practice_id, actor_id, actor_roles, verb, subject_kind, subject_id, client_id, facts,
    at, number, chain)
SELECT gen_random_uuid(), practice_id, client_id, 'client', verb, 'appointment', id, client_id,
    '{"starts_at": "2026-11-17T16:00:00+00:00"}', at, row_number() OVER (PARTITION BY practice_id ORDER BY at),
    repeat('0', 64)
FROM (
    SELECT id, practice_id, client_id, 'visit.booked' AS verb, created_at AS at FROM deep.booking_appointment
    UNION ALL SELECT id, practice_id, client_id, 'visit.seen', starts_at FROM deep.booking_appointment
        WHERE ends_at < now()
    UNION ALL SELECT id, practice_id, client_id, 'visit.complete', ends_at FROM deep.booking_appointment
        WHERE ends_at < now()
) said ORDER BY at;
INSERT INTO deep.notifications_message (id, practice_id, key, kind, channel, client_id, appointment_id, facts, state,
    due_at, sent_at, tries, provider_id, reason)
SELECT gen_random_uuid(), practice_id, kind || ':' || id, kind, 'email', client_id, id, '{}',
    CASE WHEN due > now() THEN 'waiting' ELSE 'sent' END, due, due, 1, '', ''
FROM (
    SELECT id, practice_id, client_id, 'booking_confirmed' AS kind, created_at AS due FROM deep.booking_appointment
    UNION ALL SELECT id, practice_id, client_id, 'reminder', starts_at - interval '1 day' FROM deep.booking_appointment
) told;
INSERT INTO deep.procrastinate_jobs (id, queue_name, task_name, args, status, scheduled_at)
SELECT row_number() OVER (), 'default', 'notifications.send', jsonb_build_object('message_id', id), 'todo', due_at
FROM deep.notifications_message WHERE state = 'waiting';
"""


def fill(db: "psycopg.Connection[Any]", days: int) -> None:
    """Makes the schema `deep` with 2 000 visits a day; `db` is a connection as the tables' owner."""
    db.execute("CREATE SCHEMA deep")
    for table in TABLES:
        db.execute(f"CREATE TABLE deep.{table} (LIKE public.{table} INCLUDING DEFAULTS)")
    db.execute(VISITS, {"days": days})
    db.execute(PLACES)
    db.execute(RECORD)
    for table in TABLES:
        for (definition,) in db.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s "
            "AND indexdef NOT LIKE '%%USING gist%%'",
            [table],
        ).fetchall():
            db.execute(definition.replace(" ON public.", " ON deep."))
    _tie(db)
    for table in TABLES:
        db.execute(f"VACUUM ANALYZE deep.{table}")


def _tie(db: "psycopg.Connection[Any]") -> None:
    """The chain of the newest entries: what the sweep computes anew has to hold."""
    db.execute("CREATE TABLE deep.tied (id uuid PRIMARY KEY, chain text)")
    rows = db.execute(
        "SELECT id, practice_id, actor_id, actor_roles, verb, subject_kind, subject_id, client_id, facts, at, number "
        "FROM deep.audit_entry WHERE at > now() - interval '2 days' ORDER BY practice_id, number"
    ).fetchall()
    names = ("id", "practice_id", "actor_id", "actor_roles", "verb", "subject_kind", "subject_id", "client_id")
    before: dict[UUID, str] = {}
    with db.cursor() as cursor, cursor.copy("COPY deep.tied FROM STDIN") as copy:
        for row in rows:
            entry = Entry(**dict(zip((*names, "facts", "at", "number"), row, strict=True)))
            chain = before[row[1]] = link(before.get(row[1], ""), entry)
            copy.write_row((row[0], chain))
    db.execute("UPDATE deep.audit_entry e SET chain = t.chain FROM deep.tied t WHERE t.id = e.id")
