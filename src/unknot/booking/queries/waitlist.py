"""Who waits, in turn, and what is offered to whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from unknot.booking.domain.lifecycle import BLOCKING, State
from unknot.booking.domain.limits import hold_is_over
from unknot.booking.domain.waitlist import Span, Wish, clear_of, kept_until, order_words
from unknot.booking.domain.wording import visit_words, wish_words
from unknot.booking.models import Appointment, GivenUp, WaitlistEntry, WaitlistOffer
from unknot.booking.policies import can_see_visit, is_desk
from unknot.booking.queries.entry import entry_for
from unknot.booking.queries.facts import AT_HOME, RELATED, Slot, VisitFacts, visit_facts
from unknot.booking.queries.slots import open_slots
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.zones import local
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts
from unknot.travel.queries import Point

WAITING, OPEN = "waiting", "open"
ENTRY_ROWS = ("service", "therapist", "place", "client")


@dataclass(frozen=True)
class EntryFacts:
    """Somebody who waits, as they and the practice see it. `ahead`: how many who wait longer could want the same."""

    id: UUID
    client_id: UUID
    client_name: str
    state: str
    wish: Wish
    service_name: str
    therapist_name: str
    place_name: str
    home: Point | None
    joined_at: datetime
    ahead: int = 0
    offer: "OfferFacts | None" = None

    @property
    def when(self) -> str:
        """Days and time of day, in words."""
        return wish_words(self.wish)

    @property
    def order(self) -> str:
        """Where they stand, in words for them."""
        return order_words(self.ahead)


@dataclass(frozen=True)
class OfferFacts:
    """A time kept for somebody who waits. `is_open`: it can still be taken."""

    id: UUID
    entry_id: UUID
    client_id: UUID
    state: str
    is_open: bool
    offered_at: datetime
    expires_at: datetime
    visit: VisitFacts

    @property
    def until(self) -> Any:
        """Until when, as people read it."""
        shown = local(self.expires_at, self.visit.timezone)
        return visit_words(f"{shown:%Y-%m-%dT%H:%M}", 0, self.visit.timezone)


def anybody_waits() -> bool:
    """Whether somebody waits in the practice in scope, or has an open offer. One query."""
    return bool(WaitlistEntry.objects.filter(state=WAITING).exists())


def waiting(*, by: Actor, now: datetime) -> list[EntryFacts]:
    """Everybody who waits, in turn, with their open offers. For staff, else NotFoundError. Two queries."""
    if not is_desk(by):
        raise NotFoundError
    return _in_turn(now)


def own_wait(entry_id: UUID, *, by: Actor, now: datetime) -> EntryFacts:
    """One wish of the client `by` (or, for staff, of anybody): where it stands, or how it ended. Raises NotFoundError.
    At most three queries."""
    row = WaitlistEntry.objects.select_related(*ENTRY_ROWS).filter(pk=entry_id).first()
    if row is None or not can_see_visit(by, client_id=row.client_id, account_id=None):
        raise NotFoundError
    if row.state != WAITING:
        return entry_facts(row)
    return next((one for one in _in_turn(now) if one.id == row.pk), entry_facts(row))


def own_waits(*, by: Actor, now: datetime) -> list[EntryFacts]:
    """What the client `by` waits for. Raises NotFoundError for anybody who is no client here. Two queries."""
    if by.client_id is None:
        raise NotFoundError
    return [one for one in _in_turn(now) if one.client_id == by.client_id]


def _in_turn(now: datetime) -> list[EntryFacts]:
    rows = list(in_turn())
    offers = WaitlistOffer.objects.filter(state=OPEN, entry__in=[one.pk for one in rows])
    offers = offers.select_related(*("hold__" + name for name in RELATED))
    open_offers = {one.entry_id: offer_facts(one, now) for one in offers}
    found: list[EntryFacts] = []
    for row in rows:
        wish = wish_of(row)
        ahead = {one.client_id for one in found if one.client_id != row.client_id and one.wish.competes(wish)}
        found.append(entry_facts(row, ahead=len(ahead), offer=open_offers.get(row.pk)))
    return found


def in_turn() -> Any:
    """Rows that wait, longest first. For this room only."""
    return WaitlistEntry.objects.filter(state=WAITING).select_related(*ENTRY_ROWS).order_by("joined_at", "id")


def entry_facts(row: WaitlistEntry, *, ahead: int = 0, offer: OfferFacts | None = None) -> EntryFacts:
    """The facts of a row loaded with ENTRY_ROWS."""
    home = Point(row.home_lat, row.home_lon) if row.home_lat is not None and row.home_lon is not None else None
    return EntryFacts(
        id=row.pk,
        client_id=row.client_id,
        client_name=row.client.preferred_name or row.client.name,
        state=row.state,
        wish=wish_of(row),
        service_name=row.service.name,
        therapist_name=row.therapist.name if row.therapist else "",
        place_name="At home" if home else row.place.name if row.place else "",
        home=home,
        joined_at=row.joined_at,
        ahead=ahead,
        offer=offer,
    )


def wish_of(row: WaitlistEntry) -> Wish:
    """The wish of a row loaded with ENTRY_ROWS."""
    at_home = row.home_lat is not None
    return Wish(
        service=row.service.slug,
        first=row.first,
        last=row.last,
        therapist=row.therapist.slug if row.therapist else None,
        place=AT_HOME if at_home else row.place.slug if row.place else None,
        weekdays=tuple(row.weekdays),
        opens=row.opens,
        closes=row.closes,
    )


def offer_facts(row: WaitlistOffer, now: datetime) -> OfferFacts:
    """The facts of a row loaded with its hold."""
    open_now = row.state == OPEN and row.hold.state == State.HELD and not hold_is_over(row.expires_at, now)
    return OfferFacts(
        row.pk, row.entry_id, row.client_id, row.state, open_now, row.offered_at, row.expires_at, visit_facts(row.hold)
    )


def offer(offer_id: UUID, *, by: Actor, now: datetime) -> OfferFacts:
    """An offer, for whom it was made and for staff. Raises NotFoundError. One query."""
    rows = WaitlistOffer.objects.filter(pk=offer_id).select_related(*("hold__" + name for name in RELATED))
    row = rows.first()
    if row is None or not can_see_visit(by, client_id=row.client_id, account_id=None):
        raise NotFoundError
    return offer_facts(row, now)


# What fits


def fitting(
    wish: Wish, *, practice: PracticeFacts, client_id: UUID | None, home: Point | None, now: datetime
) -> list[Slot]:
    """Free starts that fit a wish and that this person may be offered, earliest first."""
    service = practices.service_at(wish.service)
    if client_id and entry_for(Actor(client_id=client_id), (service,), client_id=client_id) == "closed":
        return []  # they could not take it
    slots = open_slots(
        practice=practice,
        service=service,
        first=wish.first,
        last=wish.last,
        now=now,
        therapist_slug=wish.therapist,
        place_slug=wish.place,
        home=home,
    )
    fine = [
        one
        for one in slots
        if wish.fits(local_start=one.local_start, therapist=one.therapist_slug, place=one.place_slug)
        and kept_until(now=now, starts_at=one.starts_at, notice_minutes=practice.notice_minutes)
    ]
    if client_id is None or not fine:
        return fine
    shut = spans_not_for(client_id, since=fine[0].starts_at, until=max(one.ends_at for one in fine))
    return [one for one in fine if clear_of((one.starts_at, one.ends_at), shut)]


def spans_not_for(client_id: UUID, *, since: datetime, until: datetime) -> list[Span]:
    """Times that are not offered to this person: booked, cancelled or missed by them, moved away from, passed on."""
    around: dict[str, datetime] = {"ends_at__gt": since - timedelta(days=1), "starts_at__lt": until}
    own = Appointment.objects.filter(client_id=client_id, **around).filter(
        Q(state__in=[*sorted(BLOCKING - {State.HELD}), State.CANCELLED, State.NO_SHOW])
    )
    left = GivenUp.objects.filter(client_id=client_id, **around)
    passed = WaitlistOffer.objects.filter(
        client_id=client_id, hold__ends_at__gt=since - timedelta(days=1), hold__starts_at__lt=until
    )
    found: list[Span] = list(own.values_list("starts_at", "ends_at"))
    found += left.values_list("starts_at", "ends_at")
    found += passed.values_list("hold__starts_at", "hold__ends_at")
    return found


def next_in_turn(
    practice: PracticeFacts, *, but: Collection[UUID] = (), now: datetime
) -> tuple[WaitlistEntry, Slot] | None:
    """Who is asked next and about what: the longest waiting without an open offer whose wish some free start fits."""
    asked = set(WaitlistOffer.objects.filter(state=OPEN).values_list("client_id", flat=True))
    for row in in_turn():
        if row.client_id in asked or row.pk in but:
            continue
        facts = entry_facts(row)
        try:
            found = fitting(facts.wish, practice=practice, client_id=row.client_id, home=facts.home, now=now)
        except NotFoundError:  # no longer on the menu
            continue
        if found:
            return row, found[0]
    return None
