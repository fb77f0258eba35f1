"""Reads of the record."""

from uuid import UUID

from unknot.audit.models import Entry, link
from unknot.kernel.actors import OWNER, SYSTEM, Actor
from unknot.kernel.errors import NotFoundError


def entries_about(client_id: UUID, *, by: Actor, limit: int = 200) -> list[Entry]:
    """Who saw or changed a client's record, newest first: for the client themselves and the owner. Raises
    NotFoundError.
    """
    if not by.answers_for(client_id) and not by.has(OWNER, SYSTEM):
        raise NotFoundError
    return list(Entry.objects.filter(practice_id=by.practice_id, client_id=client_id).order_by("-number")[:limit])


def entries_of_run(run: UUID, *, verb: str, by: Actor) -> list[Entry]:
    """What one run of a command did in the practice in scope, oldest first. For the system, else NotFoundError."""
    if not by.has(SYSTEM):
        raise NotFoundError
    found = Entry.objects.filter(practice_id=by.practice_id, verb=verb, facts__run=str(run))
    return list(found.order_by("number"))


def first_broken_link(practice_id: UUID | None, *, last: int | None = None) -> int | None:
    """The number of the first entry whose chain does not follow from the one before, or None if all do.

    `last`: looks at so many of the newest entries only.
    """
    rows, before = Entry.objects.filter(practice_id=practice_id).order_by("number"), ""
    newest = rows.last() if last is not None else None
    if last is not None and newest is not None and newest.number > last:
        rows = rows.filter(number__gte=newest.number - last)
        first = rows.first()
        before, rows = (first.chain, rows.filter(number__gt=first.number)) if first is not None else ("", rows)
    for entry in rows.iterator():
        if entry.chain != link(before, entry):
            return entry.number
        before = entry.chain
    return None
