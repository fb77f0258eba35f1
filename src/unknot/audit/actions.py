"""The one way to add to the record."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from unknot.audit.models import Entry, link
from unknot.kernel.actors import Actor


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
    with connection.cursor() as cursor:
        name = str(by.practice_id or "platform")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"audit:{name}"])
    last = Entry.objects.filter(practice_id=by.practice_id).order_by("-number").values("number", "chain").first()
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
        number=last["number"] + 1 if last else 1,
    )
    entry.chain = link(last["chain"] if last else "", entry)
    entry.save(force_insert=True)
