"""From a hold to a visit."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.availability import queries as availability
from unknot.booking import events
from unknot.booking.actions import messages
from unknot.booking.actions.diary import OverlapError, in_diary, lock_visit
from unknot.booking.actions.holding import (
    StaffOnlyError,
    check_override,
    keep,
    known_hold,
    parse_start,
)
from unknot.booking.actions.refusals import NotFreeError, alternatives, refused
from unknot.booking.domain.lifecycle import Event, State, transition
from unknot.booking.domain.limits import answer_by, hold_is_over
from unknot.booking.models import Appointment
from unknot.booking.policies import is_desk
from unknot.booking.queries.board import Question
from unknot.booking.queries.entry import entry_for, not_for_new, parts_of
from unknot.booking.queries.facts import VisitFacts, visit_facts
from unknot.booking.queries.menu import chosen_parts, extras_of
from unknot.booking.queries.visits import HoldOverError, visit, visit_written
from unknot.db.inserting import insert
from unknot.intake import queries as intake
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import ConflictError, InvalidError
from unknot.kernel.ids import digest, new_secret
from unknot.people import queries as people
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts
from unknot.travel.queries import Point


class ClientNeededError(InvalidError):
    """Say who the visit is for: sign in and tell us your name. The time stays kept for you meanwhile."""

    code = "client-needed"


class ScreeningNeededError(InvalidError):
    """A few safety questions come first. The time stays kept for you meanwhile; answer them and confirm again."""

    code = "screening-needed"


class CalendarSaysBusyError(ConflictError):
    """While we kept it, something came into the therapist's own day. Nothing was booked; these times are free."""

    code = "calendar-says-busy"


class NotSafeNowError(InvalidError):
    """Going by your answers, a massage has to wait. Nothing was booked."""

    code = "not-safe-now"


def book(
    *,
    by: Actor,
    hold_id: UUID,
    secret: str,
    intake_id: UUID | None,
    now: datetime,
    client_id: UUID | None = None,
) -> VisitFacts:
    """Turns a hold into a visit of `by`'s client, or of `client_id` when staff book. Repeating it gives the same visit.

    The answers of the intake decide: clear or adapted care is confirmed at once; answers that the therapist has to talk
    about first make it `requested`, which keeps the time until the practice answers or its deadline passes; without
    valid answers a client gets ScreeningNeededError. Staff may book before the questions were asked, never against a
    stop. A kept time over which an outside calendar has an event by now is not confirmed, and stays kept; see
    `availability.queries.says_busy` and decision 0035.

    Raises UnknownHoldError, HoldOverError and CalendarSaysBusyError (with alternatives), ClientNeededError,
    ScreeningNeededError, NotSafeNowError, NotForNewError, ClientBusyError, DiaryBusyError, StaffOnlyError.
    """
    whose = client_for(by, client_id)
    seen = known_hold(hold_id, secret)
    try:
        with in_diary():
            row = lock_visit(hold_id, by=None, clients=[whose])
            if row.state not in (State.HELD, State.EXPIRED) and row.client_id == whose:
                return visit(row.pk, by=system(row.practice_id))
            if row.state != State.HELD or hold_is_over(row.hold_expires_at or now, now):
                raise HoldOverError
            if availability.says_busy(row.therapist_id, since=row.starts_at, until=row.ends_at):
                raise CalendarSaysBusyError
            practice = practices.practice(row.practice_id)
            return confirm(row, practice, by=by, client_id=whose, intake_id=intake_id, now=now)
    except (HoldOverError, OverlapError) as error:
        raise HoldOverError(extra={"alternatives": _instead(seen, now)}) from error
    except CalendarSaysBusyError as error:
        raise CalendarSaysBusyError(extra={"alternatives": _instead(seen, now)}) from error


def _instead(seen: Appointment, now: datetime) -> list[dict[str, object]]:
    """Free starts near a kept one that ran out, for the same visit; its own among them if it is still free."""
    kept = visit_facts(seen)
    wall = datetime.fromisoformat(kept.local_start).date()
    question = Question(
        practice=practices.practice(kept.practice_id),
        service=kept.service,
        first=wall,
        last=wall,
        now=now,
        therapist_slug=kept.therapist_slug,
        place_slug=kept.place_slug,
        home=Point(kept.home_lat, kept.home_lon) if kept.home_lat is not None and kept.home_lon is not None else None,
        ignore=kept.id,
        length=(kept.minutes, kept.buffer_before, kept.buffer_after),
        extras=extras_of(kept),
        needs=kept.need_slugs,
    )
    return alternatives(question, kept.starts_at)


def book_directly(
    *,
    by: Actor,
    practice: PracticeFacts,
    service_slug: str,
    therapist_slug: str | None,
    place_slug: str | None,
    local_start: str,
    intake_id: UUID | None,
    home: Point | None = None,
    home_address: str = "",
    client_id: UUID | None = None,
    override_reason: str = "",
    add: Sequence[str] = (),
    needs: Sequence[str] = (),
    now: datetime,
) -> VisitFacts:
    """Holds and books in one transaction. Arguments and errors as in `hold_slot` and `book`."""
    whose = client_for(by, client_id)
    wall, starts_at = parse_start(local_start, practice.timezone)
    service, extras = chosen_parts(service_slug, add)
    question = Question(
        practice=practice,
        service=service,
        extras=extras,
        first=wall.date(),
        last=wall.date(),
        now=now,
        therapist_slug=therapist_slug or None,
        place_slug=place_slug or None,
        home=home,
        freely=check_override(by, override_reason),
        needs=tuple(needs),
    )
    try:
        with in_diary():
            row = keep(question, starts_at, local_start=local_start, by=by, home_address=home_address, client_id=whose)
            row.hold_hash = digest(new_secret())
            row.override_reason = override_reason.strip() or None
            return confirm(row, practice, by=by, client_id=whose, intake_id=intake_id, now=now)
    except NotFreeError as error:
        raise refused(error.reason.code, question, starts_at) from error
    except OverlapError as error:
        raise refused("taken", question, starts_at) from error


def client_for(by: Actor, client_id: UUID | None) -> UUID:
    """Whose visit it becomes: `by`'s own, or that of the client named by staff. Raises StaffOnlyError,
    ClientNeededError."""
    if client_id is not None and client_id != by.client_id:
        if not is_desk(by) and not by.answers_for(client_id):
            raise StaffOnlyError
        return client_id
    if by.client_id is None:
        raise ClientNeededError(field="client")
    return by.client_id


def confirm(
    row: Appointment,
    practice: PracticeFacts,
    *,
    by: Actor,
    client_id: UUID,
    intake_id: UUID | None,
    now: datetime,
    tell: bool = True,
    event: Event | None = None,
) -> VisitFacts:
    """Writes the visit, the record, the messages and the news. A new row is inserted, a hold updated. The answers
    decide whether it is sure or a request, unless `event` says so.

    Without `tell` nobody is written to now: whoever books several visits at once says so once. Reminders stand.
    """
    event = event or gate_event(by, client_id, intake_id, now)
    setup = practices.setup()
    parts = parts_of(row, setup)
    way_in = entry_for(by, parts, client_id=client_id)
    if way_in == "closed":
        raise not_for_new(parts[0])
    event = Event.REQUEST if way_in == "ask" else event
    client = people.client(client_id, by=system(row.practice_id))
    row.state = transition(State(row.state), event)
    row.client_id, row.account_id = client_id, client.account_id
    row.intake_id, row.booked_by_id = intake_id, by.account_id
    row.confirmed_at = now if row.state == State.CONFIRMED else None
    if row.state == State.REQUESTED:
        row.answer_by = answer_by(now, hours=practice.answer_hours, starts=[row.starts_at])
    if row._state.adding:
        insert(row)
    else:
        row.save()
    found = visit_written(row, setup)
    requested = row.state == State.REQUESTED
    if not requested:
        messages.announce(found, practice, tell=tell, now=now)
    elif tell:
        messages.alert_therapist(found, practice, now=now)
    audit.record(
        by=by,
        verb="visit.requested" if requested else "visit.booked",
        subject="appointment",
        subject_id=row.pk,
        client_id=client_id,
        now=now,
        therapist_id=row.therapist_id,
        starts_at=row.starts_at.isoformat(),
        override="notice" if row.override_reason else "",
    )
    verb = "requested" if requested else "booked"
    events.tell(events.VisitNews(verb, row.practice_id, row.pk, row.state, now))
    return found


def gate_event(by: Actor, client_id: UUID, intake_id: UUID | None, now: datetime) -> Event:
    """What valid answers lead to: a sure visit, or a request. Raises NotSafeNowError, ScreeningNeededError."""
    gate = intake.gate(intake_id, now=now, client_id=client_id)
    if gate.needs == "stop":
        raise NotSafeNowError(gate.message, extra={"needs": "stop"})
    if not gate.may_book and not (is_desk(by) and client_id != by.client_id):
        raise ScreeningNeededError(gate.message, field="screening", extra={"needs": gate.needs})
    return Event.REQUEST if gate.needs == "review" else Event.CONFIRM
