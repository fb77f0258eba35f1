"""The waitlist: join, be asked in turn, take it or pass it on, leave.

A time is offered by keeping it: a hold under the diary's own constraints, so that nothing else can take it meanwhile.
Each offer is one transaction, so a worker that dies leaves either all of it or nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.booking import client_for, confirm
from unknot.booking.actions.diary import OverlapError, in_diary, lock_visit
from unknot.booking.actions.holding import keep
from unknot.booking.actions.refusals import NotFreeError
from unknot.booking.domain.lifecycle import Event, State, transition
from unknot.booking.domain.limits import hold_is_over
from unknot.booking.domain.waitlist import MOST_SILENT, Wish, is_civil, kept_until
from unknot.booking.models import GivenUp, WaitlistEntry, WaitlistOffer
from unknot.booking.policies import can_see_visit
from unknot.booking.queries.board import HomeAddressNeededError, Question
from unknot.booking.queries.entry import entry_for, not_for_new
from unknot.booking.queries.facts import AT_HOME, Slot, VisitFacts
from unknot.booking.queries.visits import visit
from unknot.booking.queries.waitlist import ENTRY_ROWS, OPEN, WAITING, anybody_waits, entry_facts, fitting, next_in_turn
from unknot.db import tenancy
from unknot.db.locks import lock_all
from unknot.intake import queries as intake
from unknot.jobs import queue
from unknot.kernel.actors import SYSTEM, Actor, system
from unknot.kernel.errors import ConflictError, NotFoundError
from unknot.kernel.ids import digest, new_secret
from unknot.kernel.zones import local
from unknot.people import queries as people
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts
from unknot.travel.queries import Point

MOST_WAITS = 5
AT_ONCE = 50
"""Offers made in one go at most; the next minute makes the rest."""


class TimesFreeError(ConflictError):
    """Times that fit are free right now, so there is nothing to wait for. Choose one of them, or narrow your wish."""

    code = "times-free"


class TooManyWaitsError(ConflictError):
    """You wait for five things already. Leave one of them first."""

    code = "too-many-waits"


class OfferOverError(ConflictError):
    """This time was kept as long as we said and has been passed on. You keep your place in line."""

    code = "offer-over"


@dataclass(frozen=True)
class Home:
    """Where a home visit goes."""

    point: Point
    address: str


def join_waitlist(
    *,
    by: Actor,
    practice: PracticeFacts,
    wish: Wish,
    home: Home | None = None,
    client_id: UUID | None = None,
    now: datetime,
) -> UUID:
    """Puts `by`'s client (or, for staff, `client_id`) in line for a wish; gives the entry's id. Once is enough: the
    same wish again is the same entry.

    Raises TimesFreeError (with alternatives) if something that fits is free, TooManyWaitsError, WaitlistWishError,
    HomeAddressNeededError, ClientNeededError, StaffOnlyError, NotForNewError, and NotFoundError for an unknown service,
    therapist or place.
    """
    whose = client_for(by, client_id)
    if (wish.place == AT_HOME) != (home is not None):
        raise HomeAddressNeededError(field="home")
    service = practices.service_at(wish.service)
    if entry_for(by, (service,), client_id=whose) == "closed":
        raise not_for_new(service)
    therapist = practices.therapist_at(wish.therapist) if wish.therapist else None
    place = None if home else _place(wish.place)
    with in_diary():
        lock_all("client", [whose])
        mine = list(WaitlistEntry.objects.filter(client_id=whose, state=WAITING).select_related(*ENTRY_ROWS))
        same = next((one for one in mine if entry_facts(one).wish == wish), None)
        if same is not None:
            return UUID(str(same.pk))
        if len(mine) >= MOST_WAITS:
            raise TooManyWaitsError
        free = fitting(wish, practice=practice, client_id=whose, home=home.point if home else None, now=now)
        if free:
            raise TimesFreeError(extra={"alternatives": [one.as_dict() for one in free[:3]]})
        row = WaitlistEntry.objects.create(
            practice_id=practice.id,
            client_id=whose,
            account_id=people.client(whose, by=system(practice.id)).account_id,
            service_id=service.id,
            therapist_id=therapist.id if therapist else None,
            place_id=place,
            home_address=home.address[:240] if home else "",
            home_lat=home.point.lat if home else None,
            home_lon=home.point.lon if home else None,
            first=wish.first,
            last=wish.last,
            weekdays=sorted(wish.weekdays),
            opens=wish.opens,
            closes=wish.closes,
            joined_at=now,
        )
        _record("waitlist.joined", row, by=by, now=now)
        return UUID(str(row.pk))


def _place(slug: str | None) -> UUID | None:
    if slug is None:
        return None
    found = next((one.id for one in practices.places() if one.slug == slug), None)
    if found is None:
        raise practices.UnknownPlaceError(field="place")
    return found


def leave_waitlist(*, by: Actor, entry_id: UUID, now: datetime) -> None:
    """Takes a wish out of the line; what was kept for it goes to the next. Leaving twice is leaving once.

    For the client and for staff; raises NotFoundError, DiaryBusyError.
    """
    entry = WaitlistEntry.objects.filter(pk=entry_id).first()
    if entry is None or not can_see_visit(by, client_id=entry.client_id, account_id=None):
        raise NotFoundError
    with in_diary():
        for open_offer in WaitlistOffer.objects.filter(entry=entry, state=OPEN):
            _let_go(open_offer, "declined", now)
        left = WaitlistEntry.objects.filter(pk=entry_id, state=WAITING).update(state="left", ended_at=now)
        if left:
            _record("waitlist.left", entry, by=by, now=now)


def accept_offer(*, by: Actor, offer_id: UUID, now: datetime) -> VisitFacts:
    """Books an offered time the ordinary way: the same gate, price and terms. Accepting twice gives the same visit.

    The wish is fulfilled and leaves the line, also if the visit is cancelled later. Raises NotFoundError,
    OfferOverError, ScreeningNeededError, NotSafeNowError, ClientBusyError, DiaryBusyError.
    """
    seen = _seen(offer_id, by)
    known = intake.current_intake(client_id=seen.client_id)
    try:
        with in_diary():
            row = lock_visit(seen.hold_id, by=None, clients=[seen.client_id])
            kept = WaitlistOffer.objects.select_for_update().get(pk=offer_id)
            if kept.state == "accepted":
                return visit(row.pk, by=system(row.practice_id))
            if kept.state != OPEN or row.state != State.HELD or hold_is_over(kept.expires_at, now):
                raise OfferOverError
            found = confirm(
                row,
                practices.practice(row.practice_id),
                by=by,
                client_id=seen.client_id,
                intake_id=known.id if known else None,
                now=now,
            )
            kept.state, kept.answered_at = "accepted", now
            kept.save(update_fields=["state", "answered_at"])
            WaitlistEntry.objects.filter(pk=kept.entry_id).update(state="booked", ended_at=now)
            _record("waitlist.accepted", kept.entry, by=by, now=now)
            return found
    except OverlapError as error:
        raise OfferOverError from error


def decline_offer(*, by: Actor, offer_id: UUID, now: datetime) -> None:
    """Passes an offered time on to the next. The place in line stays. Declining what is over changes nothing.

    Raises NotFoundError, DiaryBusyError.
    """
    seen = _seen(offer_id, by)
    with in_diary():
        if _let_go(seen, "declined", now):
            _record("waitlist.declined", seen.entry, by=by, now=now)


def _seen(offer_id: UUID, by: Actor) -> WaitlistOffer:
    row: WaitlistOffer | None = WaitlistOffer.objects.filter(pk=offer_id).first()
    if row is None or not can_see_visit(by, client_id=row.client_id, account_id=None):
        raise NotFoundError
    return row


def _let_go(seen: WaitlistOffer, state: str, now: datetime) -> bool:
    """Ends an open offer and frees its time. False if it was not open any more."""
    row = lock_visit(seen.hold_id, by=None)
    kept = WaitlistOffer.objects.select_for_update().get(pk=seen.pk)
    if kept.state != OPEN:
        return False
    kept.state, kept.answered_at = state, now
    kept.save(update_fields=["state", "answered_at"])
    if row.state == State.HELD:
        row.state, row.ended_at = transition(State.HELD, Event.EXPIRE), now
        row.save(update_fields=["state", "ended_at"])
    messages.withdraw(row.pk)
    events.tell(events.VisitNews("expired", row.practice_id, row.pk, row.state, now))
    return True


def wake_waitlist(*, by: Actor, now: datetime) -> bool:
    """Enqueues one look at the waitlist of the practice in scope, if anybody waits: for whoever may have freed a time,
    in their transaction. True if a look was enqueued. Raises NotFoundError for anybody but the system."""
    del now
    if not by.has(SYSTEM) or by.practice_id is None:
        raise NotFoundError
    if not anybody_waits():
        return False
    audit.queue_up(by.practice_id)  # the job's key makes writers wait for each other too: in this order everywhere
    key = f"waitlist:{by.practice_id}"
    return queue.enqueue("booking.run_waitlist", practice_id=by.practice_id, key=key)


def run_waitlist(*, by: Actor, now: datetime) -> int:
    """Asks whoever is next, as long as something free fits somebody; gives how many were asked.

    Ends what ran out first. Each step commits by itself: run it outside a transaction. Running it twice, or in two
    places at once, asks nobody twice. Raises NotFoundError for anybody but the system, DiaryBusyError.
    """
    if not by.has(SYSTEM) or by.practice_id is None:
        raise NotFoundError
    with tenancy.scope(practice_id=by.practice_id):
        practice = practices.practice(by.practice_id)
        today = local(now, practice.timezone).date()
        WaitlistEntry.objects.filter(state=WAITING, last__lt=today).update(state="over", ended_at=now)
        open_offers = list(WaitlistOffer.objects.filter(state=OPEN).select_related("hold"))
    for one in open_offers:
        if one.hold.state != State.HELD or hold_is_over(one.expires_at, now):
            with tenancy.scope(practice_id=by.practice_id):
                _run_out(one, now)
    asked: set[UUID] = set()
    made = 0
    while is_civil(now, practice.timezone) and len(asked) < AT_ONCE:
        with tenancy.scope(practice_id=by.practice_id):
            tried, offered = _ask_next(practice, asked, now)
        if tried is None:
            break
        asked.add(tried)
        made += offered
    return made


def _run_out(seen: WaitlistOffer, now: datetime) -> None:
    """An offer that nobody answered: the third one of an entry ends it."""
    with in_diary():
        if not _let_go(seen, "expired", now):
            return
        entry = WaitlistEntry.objects.select_for_update(of=("self",)).get(pk=seen.entry_id)
        entry.silent += 1
        if entry.silent >= MOST_SILENT and entry.state == WAITING:
            entry.state, entry.ended_at = "over", now
        entry.save(update_fields=["silent", "state", "ended_at"])


def _ask_next(practice: PracticeFacts, asked: set[UUID], now: datetime) -> tuple[UUID | None, bool]:
    """One offer: the hold, the row and the mail, together. Gives whose turn it was (None: nobody's) and whether they
    were asked: a time may be taken between looking and locking, and then the next minute looks again."""
    lock_all("waitlist", [practice.id])
    found = next_in_turn(practice, but=asked, now=now)
    if found is None:
        return None, False
    entry, slot = found
    try:
        with in_diary():
            return entry.pk, _offer(entry, slot, practice, now)
    except (NotFreeError, OverlapError):
        return entry.pk, False


def _offer(entry: WaitlistEntry, slot: Slot, practice: PracticeFacts, now: datetime) -> bool:
    day = datetime.fromisoformat(slot.local_start).date()
    question = Question(
        practice=practice,
        service=practices.service_at(entry.service.slug),
        first=day,
        last=day,
        now=now,
        therapist_slug=slot.therapist_slug,
        place_slug=slot.place_slug,
        home=entry_facts(entry).home,
    )
    by, until = (
        system(practice.id),
        kept_until(now=now, starts_at=slot.starts_at, notice_minutes=practice.notice_minutes),
    )
    if until is None:
        return False
    row = keep(question, slot.starts_at, local_start=slot.local_start, by=by, home_address=entry.home_address)
    row.hold_hash, row.hold_expires_at = digest(new_secret()), until
    row.save(force_insert=True)
    made = WaitlistOffer.objects.create(
        practice_id=practice.id,
        entry=entry,
        client_id=entry.client_id,
        hold=row,
        offered_at=now,
        expires_at=until,
    )
    kept = replace(visit(row.pk, by=by), client_id=entry.client_id, account_id=entry.account_id)
    messages.offer(kept, practice, offer_id=made.pk, until=until, now=now)
    _record("waitlist.offered", entry, by=by, now=now)
    return True


def give_up(practice_id: UUID, client_id: UUID | None, starts_at: datetime, ends_at: datetime) -> None:
    """Remembers, for whoever waits, the time that a visit was moved away from; in the mover's transaction."""
    if client_id and WaitlistEntry.objects.filter(client_id=client_id, state=WAITING).exists():
        GivenUp.objects.create(practice_id=practice_id, client_id=client_id, starts_at=starts_at, ends_at=ends_at)


def _record(verb: str, entry: WaitlistEntry, *, by: Actor, now: datetime) -> None:
    audit.record(by=by, verb=verb, subject="waitlist", subject_id=entry.pk, client_id=entry.client_id, now=now)
