"""`unknot doctor --deep`, its second half: the record of each practice, and the messages that are to leave."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC
from itertools import groupby
from types import SimpleNamespace
from typing import Any

from unknot.config.findings import WARN, Finding, named

NEW = "26 hours"
"""Entries of the record since then are looked at one by one: a day, and a night on which the doctor came late."""
RECENT = "7 days"
SOON = "2 days"
LATE = "15 minutes"
"""How long the worker may take for what is due."""
Ask = Callable[[str], list[tuple[Any, ...]]]
MISSING = "Lines were taken out of the record. Compare with the last backup, and change the owner's password."
CHANGED = "A line was changed after it was written. Compare with the last backup."


def record_gaps(ask: Ask, *, everything: bool = False) -> Iterator[Finding]:
    """Numbers that are missing in the record of a practice, lines that do not follow from those before them, and visits
    that nothing is written about. Unless `everything` is wanted, of the entries since NEW."""
    new = UNRECORDED.format(recent=RECENT)
    if everything:
        missing, unwritten = ask(GAPS), ask(new + NOWHERE)
    else:
        rows = ask(NEWEST.format(new=NEW, read=READ))
        missing, broken = _odd(rows)
        yield named("record", "chains are broken", broken, CHANGED, fine="the chains of new lines hold")
        written = {row[SUBJECT] for row in rows}
        unwritten = [row for row in ask(new) if row[0] not in written]
    yield named("record", "practices miss lines of their record", missing, MISSING, fine="no number is missing")
    do = "Keep the rows for a look, then find out who wrote them."
    fine = "every new visit is in it"
    yield named("record", "new visits are not in the record", unwritten, do, status=WARN, fine=fine)


GAPS = """
SELECT coalesce(practice_id::text, 'platform') FROM audit_entry GROUP BY practice_id
HAVING count(*) <> max(number) OR min(number) <> 1
"""
UNRECORDED = """
SELECT a.id FROM booking_appointment a
WHERE a.state NOT IN ('held', 'expired') AND a.created_at > now() - interval '1 day'
    AND a.ends_at > now() - interval '{recent}'
"""
NOWHERE = """
    AND NOT EXISTS (
        SELECT 1 FROM audit_entry e
        WHERE e.practice_id = a.practice_id AND e.client_id = a.client_id AND e.subject_id = a.id
    )
"""
COLUMNS = (
    "practice_id", "number", "chain", "actor_id", "actor_roles", "verb", "subject_kind", "subject_id", "client_id",
    "at", "facts",
)  # fmt: skip
READ = ", ".join(f"e.{name}" for name in COLUMNS) + "::text"
SUBJECT = COLUMNS.index("subject_id")
NEWEST = """
WITH since AS (
    SELECT practice_id, min(number) - 1 AS first FROM audit_entry WHERE at > now() - interval '{new}'
    GROUP BY practice_id
)
SELECT e.* FROM since s, LATERAL (
    SELECT {read} FROM audit_entry e WHERE e.practice_id = s.practice_id AND e.number >= s.first OFFSET 0
) e
UNION ALL
SELECT e.* FROM since s, LATERAL (
    SELECT {read} FROM audit_entry e WHERE e.practice_id IS NULL AND e.number >= s.first OFFSET 0
) e WHERE s.practice_id IS NULL
ORDER BY practice_id, number
"""
"""The newest entries of each practice and of the platform, and the one before them that they hang on. By number, not by
time: requests end in another order than they began. OFFSET 0 keeps it at one walk of the index for each practice."""


def _odd(rows: list[tuple[Any, ...]]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Whose newest numbers have gaps, and whose newest chain is broken, at which number."""
    missing, broken = [], []
    for practice_id, theirs in groupby(rows, key=lambda row: row[0]):
        whose = str(practice_id or "platform")
        what, number = _first_odd(list(theirs))
        if what == "missing":
            missing.append((whose,))
        elif what == "broken":
            broken.append((f"number {number} of {whose}",))
    return missing, broken


def _first_odd(rows: list[tuple[Any, ...]]) -> tuple[str, int]:
    """What is wrong first in neighbouring entries of one practice, and at which number; "" if nothing is."""
    from unknot.audit.models import link

    before = ""
    for place, row in enumerate(rows):
        entry: Any = SimpleNamespace(**dict(zip(COLUMNS, row, strict=True)))  # thousands of them: no models
        entry.at, entry.facts = entry.at.astimezone(UTC), json.loads(row[-1])
        if entry.number != rows[0][1] + place:
            return "missing", entry.number
        if (place or entry.number == 1) and entry.chain != link(before, entry):
            return "broken", entry.number
        before = entry.chain
    return "", 0


def outbox(ask: Ask, *, everything: bool = False) -> Iterator[Finding]:
    """Messages that nothing will send, and such as are late. Unless `everything` is wanted, of those due soon."""
    rows = ask(
        WAITING.format(late=LATE, until="timestamptz 'infinity'" if everything else f"now() + interval '{SOON}'")
    )
    lost, late = [row for row in rows if row[1]], [row for row in rows if not row[1]]
    do = "Their jobs failed for good or were deleted; the worker's log says why. Write to these people by hand."
    yield named("outbox", "messages wait, and no job will send them", lost, do, fine="each waiting message has its job")
    yield named("outbox", "messages are late", late, "Look at the worker.", status=WARN, fine="none is late")


WAITING = """
SELECT m.id, j.id IS NULL FROM notifications_message m
LEFT JOIN procrastinate_jobs j ON j.args->>'message_id' = m.id::text AND j.status IN ('todo', 'doing')
    AND coalesce(j.scheduled_at, '-infinity') < {until} + interval '1 day'
WHERE m.state = 'waiting' AND m.due_at < {until} AND (j.id IS NULL OR m.due_at < now() - interval '{late}')
"""


def chains() -> Iterator[Finding]:
    """The whole chain of each practice's record, computed anew, within that practice's walls."""
    from unknot.audit import queries as audit
    from unknot.db import tenancy
    from unknot.practice import queries as practices

    broken = []
    for practice_id in practices.every_practice():
        with tenancy.scope(practice_id=practice_id):
            number = audit.first_broken_link(practice_id)
        if number is not None:
            broken.append((f"number {number} of {practice_id}",))
    yield named("record", "chains are broken", broken, CHANGED, fine="all chains hold")
