"""The one way to add to the record."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from unknot.audit.models import Entry, link
from unknot.db.inserting import insert
from unknot.kernel.actors import Actor

_LAST = "SELECT number, chain FROM audit_entry WHERE practice_id = %s ORDER BY number DESC LIMIT 1"
_LAST_OF_NONE = "SELECT number, chain FROM audit_entry WHERE practice_id IS NULL ORDER BY number DESC LIMIT 1"


def queue_up(practice_id: UUID | None) -> None:
    """Takes the writer's place in the practice's record until the transaction ends. For whoever is about to wait for
    something else that other writers of the record hold: everybody then waits in the same order."""
    with connection.cursor() as cursor:
        name = f"audit:{practice_id or 'platform'}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [name])


def record(
    *,
    by: Actor,
    verb: str,
    subject: str,
    subject_id: UUID | None = None,
    client_id: UUID | None = None,
    now: datetime | None = None,
    **facts: Any,
) -> None:
    """Adds one entry in the open transaction: `by` did `verb` (`note.read`, `visit.booked`) to a subject.

    `facts` are ids, counts and codes, never text that a person wrote. Entries of one practice are chained by hash, so
    writers of a practice queue here until they commit.
    """
    queue_up(by.practice_id)
    with connection.cursor() as cursor:
        if by.practice_id:
            cursor.execute(_LAST, [by.practice_id])
        else:
            cursor.execute(_LAST_OF_NONE)
        number, chain = cursor.fetchone() or (0, "")
    entry = Entry(
        practice_id=by.practice_id,
        actor_id=by.account_id,
        actor_roles=",".join(sorted(by.roles)),
        verb=verb,
        subject_kind=subject,
        subject_id=subject_id,
        client_id=client_id,
        facts=json.loads(json.dumps(facts, default=str)),
        at=now or timezone.now(),
        number=number + 1,
    )
    entry.chain = link(chain, entry)
    insert(entry)
