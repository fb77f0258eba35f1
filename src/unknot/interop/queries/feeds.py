"""Reads of feeds: how one is set, and what it says."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from unknot.booking import queries as booking
from unknot.interop.domain import FeedEvent, feed_file, initials
from unknot.interop.domain.feed import BUSY
from unknot.interop.models import Feed
from unknot.interop.policies import own_diary
from unknot.kernel.actors import THERAPIST, Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import digest
from unknot.kernel.zones import local
from unknot.notifications.queries import visit_uid
from unknot.people import queries as people
from unknot.practice import queries as practices

PAST = timedelta(days=30)
AHEAD = timedelta(days=366)
"""As far as staff may book."""
SHOWN = frozenset({"requested", "confirmed", "arrived", "in_session", "completed"})


class UnknownFeedError(NotFoundError):
    """There is no calendar at this address. If it was yours, make a new one on your calendars page."""

    code = "unknown-feed"


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """How a feed is set. The secret itself is not kept, so nobody can be shown it again."""

    id: UUID
    shows: str
    with_place: bool
    made_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class FeedContent:
    """A feed at this moment."""

    id: UUID
    content: bytes


def own_feed(*, by: Actor) -> FeedFacts | None:
    """The feed of `by`'s own diary, if there is one. Raises NotFoundError for anybody but a therapist."""
    therapist_id = own_diary(by)
    if therapist_id is None:
        raise NotFoundError
    row = Feed.objects.filter(therapist_id=therapist_id).first()
    return FeedFacts(row.pk, row.shows, row.with_place, row.made_at, row.read_at) if row else None


def read_feed(secret: str, *, by: Actor, now: datetime) -> FeedContent:
    """The diary at this secret address of the practice in scope: 30 days back, a year ahead, holds left out.

    Eight queries at most, however many visits. Raises UnknownFeedError for a wrong, replaced or removed secret and for
    that of somebody who does not work here any more, all alike.
    """
    practice_id = by.practice_id
    row = Feed.objects.filter(token_hash=digest(secret)).select_related("therapist__account").first()
    if row is None or practice_id is None or not _still_works_here(row, practice_id):
        raise UnknownFeedError
    practice = practices.practice(practice_id)
    today = local(now, practice.timezone).date()
    visits = [
        one
        for one in booking.between(
            by=system(practice_id), first=today - PAST, last=today + AHEAD, therapist_id=row.therapist_id
        )
        if one.state in SHOWN
    ]
    clients = people.clients_named([one.client_id for one in visits if one.client_id]) if row.shows != "busy" else {}
    names = {one.id: one.name for one in clients.values()}
    events = [_event(one, row, initials(names.get(one.client_id, "")) if one.client_id else "") for one in visits]
    return FeedContent(row.pk, feed_file(name=practice.name, events=events))


def _still_works_here(row: Feed, practice_id: UUID) -> bool:
    account = row.therapist.account
    if not (row.therapist.active and account.is_active):
        return False
    return people.actor(account.pk, practice_id, strong=False).has(THERAPIST)


def _event(visit: booking.VisitFacts, row: Feed, title: str) -> FeedEvent:
    starts_at, ends_at = visit.promised
    return FeedEvent(
        uid=visit_uid(visit.id),
        sequence=visit.sequence,
        starts_at=starts_at,
        ends_at=ends_at,
        stamp=visit.created_at,
        title=title or BUSY,
        place=f"{visit.place_name}, {visit.address}" if row.with_place and visit.mode == "clinic" else "",
        tentative=visit.state == "requested",
    )
