"""`unknot doctor --deep`: what must never be, looked for in the data itself, over all practices.

The database keeps its constraints and the code its rules; this is the second look, for a set-up where a constraint was
dropped, a restore went wrong or a hand helped itself. It only reads.

A constraint that is there and valid was true of every row when it was made and of every row since, and what is appended
only cannot be changed by the application. So the catalogue is looked at first; with everything in its place only what
is new or near is compared: visits of the next two weeks, the states of those to come, the last day's entries of the
record, the messages of two days. If a constraint is missing, or with `--all`, it is everything there ever was
(decision 0026).
"""

import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg

from unknot.config import env
from unknot.config.doctor_record import LATE, RECENT, Ask, chains, outbox, record_gaps
from unknot.config.findings import FAIL, OK, WARN, Finding, named
from unknot.db.urls import APP_ROLE

ALWAYS = "true"
AHEAD = f"ends_at > now() - interval '{RECENT}'"
NEAR = "ends_at > now() - interval '1 day' AND ends_at < now() + interval '14 days'"
"""What is compared although the database vouches for it: each visit in the two weeks before it takes place."""
CARDS, CARD_SECONDS = 300, 0.15
"""So many cards of the search, of practices taken at random, are compared with their rows, or what time allows."""
ACTIVE = "('held', 'requested', 'confirmed', 'arrived', 'in_session', 'completed')"
RESTORE = (
    "Keep the rows for a look, mend them one by one in the diary, then find out who wrote them: the record says it."
)


def deep(*, everything: bool = False) -> Iterator[Finding]:
    """All sweeps, each timed by itself in its words. Needs a login that may look over the walls between practices."""
    url = env.text("UNKNOT_OWNER_URL", "") or os.environ["DATABASE_URL"]
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("SET default_transaction_read_only = on")

        def ask(statement: str) -> list[tuple[Any, ...]]:
            return connection.execute(statement).fetchall()

        try:
            yield from sweeps(ask, everything=everything)
        except psycopg.errors.InsufficientPrivilege:
            do = "Name a login that passes over the walls (as for `unknot backup`) in UNKNOT_OWNER_URL."
            yield Finding("deep", FAIL, "this login sees one practice at a time, so nothing was compared", do)
            return
    if everything:
        yield from chains()
    yield from cards(everything=everything)


def sweeps(ask: Ask, *, everything: bool = False) -> Iterator[Finding]:
    """What one reading connection can see: `ask` runs a statement and gives its rows."""
    ask("SELECT set_config('row_security', 'off', false), set_config('work_mem', '128MB', false)")
    missing = list(catalogue(ask))
    yield from missing or [Finding("catalogue", OK, "every constraint, wall and trigger is in place and valid")]
    everything = everything or any(one.says.startswith("constraint") for one in missing)
    yield from overlaps(ask, when=ALWAYS if everything else NEAR)
    yield from states(ask, when=ALWAYS if everything else AHEAD)
    yield from record_gaps(ask, everything=everything)
    yield from outbox(ask, everything=everything)


def catalogue(ask: Ask) -> Iterator[Finding]:
    """Constraints that the tables are declared with, and walls round every practice's rows. Only what is missing."""
    from django.apps import apps

    from unknot.db.tenancy import TenantModel

    there = {
        name
        for (name,) in ask(
            "SELECT c.conname FROM pg_constraint c LEFT JOIN pg_index i ON i.indexrelid = c.conindid "
            "WHERE c.convalidated AND coalesce(i.indisvalid AND i.indisready, true) "
            "UNION SELECT relname FROM pg_class JOIN pg_index ON indexrelid = oid WHERE indisvalid AND indisready"
        )
    }
    walls = {
        name
        for (name,) in ask(
            "SELECT relname FROM pg_class c WHERE relrowsecurity AND relforcerowsecurity "
            "AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = c.oid AND polname = 'practice_wall')"
        )
    }
    for model in apps.get_models():
        if not model.__module__.startswith("unknot."):
            continue
        for one in model._meta.constraints:
            if one.name not in there:
                do = "Make it again as the room's migrations do; rows that it refuses are named below or by PostgreSQL."
                yield Finding("catalogue", FAIL, f"constraint {one.name} is missing or not valid", do)
        if issubclass(model, TenantModel) and model._meta.db_table not in walls:
            do = "Close the site until the wall stands again: practices could see each other's rows."
            yield Finding("catalogue", FAIL, f"the wall round {model._meta.db_table} is missing or not forced", do)
    yield from _opened(ask)


def _opened(ask: Ask) -> Iterator[Finding]:
    """Triggers that are switched off, and tables to be added to only that the application could change."""
    from django.apps import apps

    off = ask(
        "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE t.tgenabled NOT IN ('O', 'A') AND c.relnamespace = 'public'::regnamespace"
    )
    do = "ALTER TABLE ... ENABLE TRIGGER ALL, as the owner; then look at everything with --all."
    for (table,) in off:
        yield Finding("catalogue", FAIL, f"triggers of {table} are switched off", do)
    only = ",".join(one._meta.db_table for one in apps.get_models() if getattr(one, "append_only", False))
    open_ones = ask(CHANGEABLE.format(role=APP_ROLE, only=only))
    do = "Run `unknot migrate`, which takes the right back; then look at everything with --all."
    for (table,) in open_ones:
        yield Finding("catalogue", FAIL, f"the application may change {table}, which is to be added to only", do)


CHANGEABLE = """
SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.rolname = '{role}'
WHERE c.relname = ANY(string_to_array('{only}', ',')) AND c.relnamespace = 'public'::regnamespace
    AND has_table_privilege(r.oid, c.oid, 'UPDATE, DELETE')
"""
LANES = {
    "therapist": ("practitioner_id", "blocked", "true", "booking_appointment"),
    "room": ("room_id", "blocked", "room_id IS NOT NULL", "booking_appointment"),
    "client": ("client_id", "tstzrange(starts_at, ends_at)", "client_id IS NOT NULL", "booking_appointment"),
    "kit": ("piece", "blocked", "kit_units <> '{}'", "booking_appointment, LATERAL unnest(kit_units) piece"),
}
"""Who or what can be in one visit at a time: the column, the range that is kept, of which rows, from where."""


def overlaps(ask: Ask, *, when: str) -> Iterator[Finding]:
    """Visits that meet on a therapist, a table of a room, a piece of kit or a client, and visits that lack a part.

    Each visit is compared with the latest end before it in its lane. The new time that is kept for a visit while a
    change waits may meet the visit it belongs to, and nothing else, so these few are compared one by one.
    """
    for name, (key, span, which, source) in LANES.items():
        unit = ", room_unit" if name == "room" else ""
        words = {"key": key, "unit": unit, "span": span, "which": which, "source": source}
        rows = ask(MEETING.format(**words, active=ACTIVE, when=when))
        if name != "kit":
            same = f"o.{key} = h.{key}" + (" AND o.room_unit = h.room_unit" if unit else "")
            rows += ask(MOVING.format(same=same, span=MOVING_SPAN[name == "client"], active=ACTIVE))
        what = f"visits meet an earlier one of the same {name}"
        yield named("overlaps", what, rows, RESTORE, fine=f"no {name} is in two visits at once")
    rows = ask(ALLOCATIONS.format(active=ACTIVE, when=when))
    yield named("allocations", "visits lack a part, or have somebody else's", rows, RESTORE, fine="all whole")


MEETING = """
SELECT id FROM (
    SELECT id, since, max(until) OVER (
        PARTITION BY key{unit} ORDER BY since ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before
    FROM (
        SELECT id, {key} AS key{unit}, lower({span}) AS since, upper({span}) AS until FROM {source}
        WHERE state IN {active} AND {when} AND moves_id IS NULL AND {which}
    ) active
) seen WHERE before > since
"""
MOVING_SPAN = (
    "o.blocked && h.blocked",
    "tstzrange(o.starts_at, o.ends_at) && tstzrange(h.starts_at, h.ends_at)",
)
MOVING = """
SELECT h.id FROM booking_appointment h JOIN booking_appointment o
    ON {same} AND o.id <> h.id AND o.id <> h.moves_id AND o.moves_id IS DISTINCT FROM h.moves_id
    AND {span}
WHERE h.moves_id IS NOT NULL AND h.state = 'held' AND o.state IN {active}
"""
ALLOCATIONS = """
SELECT a.id FROM booking_appointment a
LEFT JOIN practice_room r ON r.id = a.room_id LEFT JOIN practice_therapist t ON t.id = a.therapist_id
WHERE a.state IN {active} AND {when} AND (
    t.account_id IS DISTINCT FROM a.practitioner_id OR t.practice_id <> a.practice_id
    OR r.place_id <> a.place_id OR (a.mode = 'home' AND a.room_id IS NOT NULL)
    OR NOT a.blocked @> tstzrange(a.starts_at, a.ends_at)
    OR (a.mode = 'clinic' AND a.room_id IS NULL AND a.starts_at > now()
        AND EXISTS (SELECT 1 FROM practice_room x WHERE x.place_id = a.place_id AND x.active))
)
"""


def states(ask: Ask, *, when: str) -> Iterator[Finding]:
    """States that no way of the life cycle leads to, pairs of rows that have to agree, and what ran out long ago and
    still keeps its time."""
    rows = ask(ROWS.format(active=ACTIVE, late=LATE, when=when)) + ask(PAIRS)
    wrong = [(one,) for one, overdue in rows if not overdue]
    yield named("states", "visits stand in a state that nothing leads to", wrong, RESTORE, fine="all reachable")
    do = "Start `unknot worker`, or look at its log: `booking.expire_holds` runs every minute."
    old = [(one,) for one, overdue in rows if overdue]
    yield named("holds", "ran out long ago and still keep their time", old, do, status=WARN, fine="none overstays")


ROWS = """
SELECT id, overdue AND moves_ok FROM (
    SELECT id, state, client_id, (moves_id IS NULL OR state IN ('held', 'expired')) AS moves_ok,
        (state = 'held' AND hold_expires_at < now() - interval '{late}')
        OR (state = 'requested' AND least(answer_by, starts_at) < now() - interval '{late}') AS overdue
    FROM booking_appointment WHERE {when}
) a
WHERE overdue OR NOT moves_ok OR (client_id IS NULL AND state NOT IN ('held', 'expired'))
    OR (state NOT IN {active} AND state NOT IN ('cancelled', 'no_show', 'expired'))
"""
PAIRS = """
SELECT h.id, false FROM booking_appointment h LEFT JOIN booking_change c ON c.hold_id = h.id AND c.state = 'waiting'
WHERE h.state = 'held' AND h.moves_id IS NOT NULL AND c.id IS NULL
UNION ALL
SELECT c.visit_id, false FROM booking_change c JOIN booking_appointment h ON h.id = c.hold_id
JOIN booking_appointment v ON v.id = c.visit_id
WHERE c.state = 'waiting' AND (h.state <> 'held' OR v.state <> 'confirmed')
UNION ALL
SELECT o.hold_id, false FROM booking_waitlistoffer o JOIN booking_appointment h ON h.id = o.hold_id
WHERE o.state = 'open' AND h.state <> 'held'
"""


def cards(*, everything: bool = False) -> Iterator[Finding]:
    """A sample of the search's cards, or all, against the diaries they are made from."""
    from django.utils import timezone

    from unknot.booking import queries as booking

    few = {"limit": 10**6} if everything else {"limit": CARDS, "seconds": CARD_SECONDS}
    wrong = booking.wrong_cards(**few, now=timezone.now())
    rows = [(f"{one.what} of therapist {one.therapist_id}",) for one in wrong]
    do = "Nobody can book wrongly by them, but search misleads: make the cards anew with `unknot reindex`."
    yield named("cards", "cards of the search are wrong", rows, do, fine="the cards looked at are right")
