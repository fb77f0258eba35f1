"""Writes of feeds. A secret is shown once, when it is made; only its digest is kept."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from unknot.audit import actions as audit
from unknot.interop.models import Feed
from unknot.interop.policies import own_diary
from unknot.kernel.actors import SYSTEM, Actor
from unknot.kernel.errors import InvalidError, NotFoundError
from unknot.kernel.ids import digest, new_secret

NOTE_EVERY = timedelta(minutes=10)


class UnknownShowError(InvalidError):
    """Choose what an event says: busy, or the client's initials. Nothing was changed."""

    code = "unknown-show"


def make_feed(*, by: Actor, now: datetime) -> str:
    """A new secret for the address of `by`'s own diary; an earlier one stops working at once. What it shows stays, and
    is "Busy" at first. Raises NotFoundError for anybody but a therapist.
    """
    therapist_id = _own(by)
    secret = new_secret()
    Feed.objects.update_or_create(
        practice_id=by.practice_id,
        therapist_id=therapist_id,
        defaults={"token_hash": digest(secret), "made_at": now, "read_at": None},
    )
    audit.record(by=by, verb="feed.made", subject="therapist", subject_id=therapist_id, now=now)
    return secret


def change_feed(*, by: Actor, shows: str, with_place: bool, now: datetime) -> None:
    """What the events of `by`'s own feed say. Raises NotFoundError, UnknownShowError."""
    therapist_id = _own(by)
    if shows not in dict(Feed.SHOWS):
        raise UnknownShowError(field="shows")
    if not Feed.objects.filter(therapist_id=therapist_id).update(shows=shows, with_place=with_place):
        raise NotFoundError
    audit.record(
        by=by,
        verb="feed.changed",
        subject="therapist",
        subject_id=therapist_id,
        now=now,
        shows=shows,
        with_place=with_place,
    )


def revoke_feed(*, by: Actor, now: datetime) -> None:
    """Ends `by`'s own feed at once; doing it twice is doing it once. Raises NotFoundError."""
    therapist_id = _own(by)
    gone, _ = Feed.objects.filter(therapist_id=therapist_id).delete()
    if gone:
        audit.record(by=by, verb="feed.revoked", subject="therapist", subject_id=therapist_id, now=now)


def note_reading(*, by: Actor, feed_id: UUID, now: datetime) -> None:
    """Keeps about when a feed was read last, so that its therapist sees whether anything still reads it."""
    if not by.has(SYSTEM):
        raise NotFoundError
    old = Q(read_at=None) | Q(read_at__lt=now - NOTE_EVERY)
    Feed.objects.filter(old, pk=feed_id).update(read_at=now)


def _own(by: Actor) -> UUID:
    therapist_id = own_diary(by)
    if therapist_id is None or by.practice_id is None:
        raise NotFoundError
    return therapist_id
