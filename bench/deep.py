"""The sweep of `unknot doctor --deep` over a million visits, against the one scan that counts them.

The visits are made up in a schema of their own that stands before the real one, so that nothing else sees them: 400
therapists with five visits a day over 500 days, the last forty of which are still to come.
"""

import time
from collections.abc import Callable
from typing import Any

import psycopg

from unknot.config import doctor_deep

Row = dict[str, Any]
VISITS = """
INSERT INTO deep.booking_appointment (id, practice_id, state, client_id, therapist_id, practitioner_id, service_id,
    mode, place_id, room_id, room_unit, kit_units, home_address, starts_at, ends_at, blocked, buffer_before,
    buffer_after, local_start, timezone, zone_data, parts, price_minor, currency, cancellation_tiers, hold_hash,
    closing, change_hours, sequence, fee_minor, fee_floor_minor, created_at)
SELECT gen_random_uuid(), md5('p' || l / 20)::uuid, CASE WHEN s < now() THEN 'completed' ELSE 'confirmed' END,
    md5('c' || l || '-' || n %% 200)::uuid, md5('t' || l)::uuid, md5('a' || l)::uuid, md5('s')::uuid, 'clinic',
    md5('pl' || l / 20)::uuid, md5('r' || l)::uuid, 0, '{}', '', s, s + interval '60 min',
    tstzrange(s, s + interval '75 min'), 0, 15, '2026-01-01T10:00', 'America/Edmonton', '2026e', '[]', 10000, 'CAD',
    '[]', '', '', 0, 0, 0, 0, s - interval '60 days'
FROM generate_series(0, %(days)s * 5 - 1) n, generate_series(0, 399) l,
    LATERAL (SELECT date_trunc('day', now()) + (n / 5 - %(days)s + %(days)s * 2 / 25) * interval '1 day'
        + n %% 5 * interval '90 min' AS s) x
"""


def rows(url: str, days: int) -> list[Row]:
    """The sweep as it runs every day, and over everything; `url` of a login that sees all; 2 000 visits a day."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("CREATE SCHEMA deep")
        db.execute("CREATE TABLE deep.booking_appointment (LIKE public.booking_appointment)")
        try:
            return _measured(db, days)
        finally:
            db.execute("DROP SCHEMA deep CASCADE")


def _measured(db: "psycopg.Connection[Any]", days: int) -> list[Row]:
    db.execute(VISITS, {"days": days})
    kept = "FROM deep.booking_appointment"
    db.execute(f"CREATE TABLE deep.practice_room AS SELECT DISTINCT room_id AS id, place_id, true AS active {kept}")
    db.execute(
        f"CREATE TABLE deep.practice_therapist AS SELECT DISTINCT therapist_id AS id, practitioner_id AS account_id, "
        f"practice_id {kept}"
    )
    for column in ("id", "ends_at", "moves_id", "practitioner_id", "room_id", "client_id"):
        db.execute(f"CREATE INDEX ON deep.booking_appointment ({column})")
    db.execute("VACUUM ANALYZE deep.booking_appointment")
    db.execute("SET search_path = deep, public")
    [(count,)] = db.execute("SELECT count(*) FROM booking_appointment").fetchall()

    def ask(statement: str) -> list[tuple[Any, ...]]:
        return db.execute(statement).fetchall()

    def sweep(*, everything: bool) -> None:
        wrong = [one for one in doctor_deep.sweeps(ask, everything=everything) if one.check in ("overlaps", "states")]
        assert {one.status for one in wrong} == {"ok"}, wrong

    found = []
    for name, everything in (("R16 deep sweep", False), ("R16 deep sweep, all history", True)):
        peer = _best(lambda: ask("SELECT count(*) FROM booking_appointment"), 5)
        ours = _best(lambda everything=everything: sweep(everything=everything), 2 if everything else 5)  # type: ignore[misc]
        title = f"{name}, {count} visits, vs one scan"
        found.append({"name": title, "unit": "s", "ours": ours, "peer": peer, "ratio": peer / ours, "n": count})
    return found


def _best(work: Callable[[], Any], times: int) -> float:
    """The shortest of so many runs."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)
