"""Keeping a time, and letting it go."""

import hmac
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F

from unknot.availability import queries as availability
from unknot.booking.actions.diary import OverlapError, expire_stale, in_diary, lock_diary, lock_visit
from unknot.booking.actions.refusals import LocalStartError, NotFreeError, SkippedHourError, refused
from unknot.booking.domain.lifecycle import Event, State, transition
from unknot.booking.domain.limits import hold_expires_at
from unknot.booking.domain.parts import Part
from unknot.booking.domain.spans import blocked_span
from unknot.booking.domain.wording import NEEDS
from unknot.booking.models import Appointment
from unknot.booking.policies import is_desk
from unknot.booking.queries.board import Board, Question, fill, setting
from unknot.booking.queries.entry import entry_for, not_for_new
from unknot.booking.queries.facts import AT_HOME, RELATED
from unknot.booking.queries.menu import chosen_parts
from unknot.booking.queries.pools import Found, find_all
from unknot.booking.queries.reasons import at, refusal
from unknot.booking.queries.slots import Candidate, by_load
from unknot.booking.queries.visits import Hold, UnknownHoldError, visit_written
from unknot.db.inserting import insert
from unknot.kernel.actors import Actor
from unknot.kernel.errors import InvalidError, NotAllowedError
from unknot.kernel.ids import digest, new_secret
from unknot.kernel.zones import exists, to_utc, zone_data_version
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts
from unknot.travel.queries import Point

YEARS = timedelta(days=3660)
ASIDE = 1000
"""Added to a table's number while visits change tables."""
WALL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


class StaffOnlyError(NotAllowedError):
    """Only the practice can book for somebody else or set its booking rules aside. Nothing was booked."""

    code = "staff-only"


class ReasonNeededError(InvalidError):
    """Setting a rule aside needs a reason, in a few words. Nothing was changed."""

    code = "reason-needed"


@dataclass(frozen=True)
class Place:
    """Where a start was found: whose diary, where, in which room, with what."""

    candidate: Candidate
    uses: Found


def hold_slot(
    *,
    by: Actor,
    practice: PracticeFacts,
    service_slug: str,
    therapist_slug: str | None,
    place_slug: str | None,
    local_start: str,
    home: Point | None = None,
    home_address: str = "",
    replaces: tuple[UUID, str] | None = None,
    override_reason: str = "",
    add: Sequence[str] = (),
    needs: Sequence[str] = (),
    now: datetime,
) -> Hold:
    """Keeps a start for the practice's `hold_minutes`, for anybody: also without an account.

    Everything is asked again under the locks, by the sweep that makes the offer. `therapist_slug` None takes whoever
    adds the least driving, then has the least to do; `place_slug` None any clinic place, "home" needs `home` and
    `home_address`. `replaces` is an earlier hold of the same visitor (id, secret) that ends with this one; a client's
    earlier holds end by themselves. `add`: slugs of what is added to the service, `needs`: of what the client needs to
    get in and be at ease (`NEEDS`). `override_reason`: staff book inside the notice or beyond the horizon.

    The secret is returned once. Raises SlotTakenError (with alternatives), LocalStartError, SkippedHourError,
    PastStartError, TooSoonError, TooFarAheadError, OffGridError, OutsideHoursError, OutsideAreaError, NotGivenError,
    HomeAddressNeededError, ClientBusyError, DiaryBusyError, ReasonNeededError, StaffOnlyError, NotForNewError (to a
    client who is known), what `chosen_parts` raises, and NotFoundError for an unknown service, therapist or place.
    """
    wall, starts_at = parse_start(local_start, practice.timezone)
    setup = practices.setup()
    service, extras = chosen_parts(service_slug, add, setup=setup)
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
    secret = new_secret()
    try:
        with in_diary():
            row = keep(
                question, starts_at, local_start=local_start, by=by, home_address=home_address, replaces=replaces
            )
            row.hold_hash = digest(secret)
            row.override_reason = override_reason.strip() or None
            insert(row)
    except NotFreeError as error:
        raise refused(error.reason.code, question, starts_at) from error
    except OverlapError as error:
        raise refused("taken", question, starts_at) from error
    assert row.hold_expires_at is not None  # noqa: S101 - `keep` sets it
    return Hold(row.pk, secret, row.hold_expires_at, visit_written(row, setup))


def parse_start(local_start: str, zone: str) -> tuple[datetime, datetime]:
    """The wall time and its instant. Raises LocalStartError, SkippedHourError."""
    if not WALL.fullmatch(local_start):
        raise LocalStartError(field="local_start")
    try:
        wall = datetime.fromisoformat(local_start)
        starts_at = to_utc(wall, zone)
        wall + YEARS, wall - YEARS
    except (ValueError, OverflowError) as error:
        raise LocalStartError(field="local_start") from error
    if not exists(wall, zone):
        raise SkippedHourError(field="local_start")
    return wall, starts_at


def check_override(by: Actor, reason: str) -> bool:
    """True if staff set a rule aside and say why. Raises StaffOnlyError."""
    if not reason.strip():
        return False
    if not is_desk(by):
        raise StaffOnlyError
    return True


def keep(
    question: Question,
    starts_at: datetime,
    *,
    local_start: str,
    by: Actor,
    home_address: str,
    replaces: tuple[UUID, str] | None = None,
    client_id: UUID | None = None,
) -> Appointment:
    """An unsaved hold for a start that is free, after taking every lock; to be saved by the caller in the same
    transaction. Raises NotFreeError, NotForNewError."""
    client_id = client_id or by.client_id
    if client_id and entry_for(by, question.parts, client_id=client_id) == "closed":
        raise not_for_new(question.service)
    mine = earlier_holds(by, replaces)
    found = find(
        question, starts_at, clients=[client_id], also=mine.values(), first=lambda: _clear(list(mine), question.now)
    )
    place = found.candidate.place
    service, practice = question.service, question.practice
    row = Appointment(
        practice_id=practice.id,
        state=State.HELD,
        client_id=client_id,
        account_id=by.account_id if by.answers_for(client_id) else None,
        service_id=service.id,
        mode="clinic" if place else "home",
        home_address=home_address.strip()[:240] if place is None else "",
        home_lat=question.home.lat if place is None and question.home else None,
        home_lon=question.home.lon if place is None and question.home else None,
        access_needs=[one for one in NEEDS if one in question.needs] or None,
        parts=[Part.of(one).as_row() for one in question.parts],
        price_minor=question.price.minor,
        currency=question.price.currency,
        cancellation_tiers=practice.cancellation_tiers,
        change_hours=practice.change_hours,
        booked_by_id=by.account_id,
        created_at=question.now,
        hold_expires_at=hold_expires_at(question.now, minutes=practice.hold_minutes, starts_at=starts_at),
    )
    settle(row, question, starts_at, local_start=local_start, found=found)
    make_room(found)
    return row


def find(
    question: Question,
    starts_at: datetime,
    *,
    clients: Iterable[UUID | None],
    also: Iterable[UUID] = (),
    first: Callable[[], None] | None = None,
) -> Place:
    """Locks whoever and whatever could take the start, reads the diary, picks. `also`: practitioners whose diaries
    `first` changes. Raises NotFreeError, NotFoundError."""
    board = setting(question)
    check_names(board)
    people = {*(one.account_id for one in board.team), *also}
    lock_diary(practitioners=people, rooms=rooms_of(board), kit=kit_of(board), clients=clients)
    expire_stale(now=question.now)
    if first is not None:
        first()
    board.opening = availability.opening([one.id for one in board.team], first=question.first, last=question.last)
    fill(board)
    return pick(board, starts_at)


def check_names(board: Board) -> None:
    """Raises NotFoundError for a therapist or place the practice does not have."""
    if board.question.therapist_slug and not board.team:
        practices.therapist_at(board.question.therapist_slug)  # is there, but does not give this
    slug = board.question.place_slug
    if slug not in (None, AT_HOME) and slug not in {one.slug for one in board.places.values()}:
        raise practices.UnknownPlaceError(field="place")


def rooms_of(board: Board) -> list[UUID]:
    """The rooms that the visit in question could take."""
    if board.question.at_home:
        return []
    wanted = board.question.place_slug
    return [
        room.id
        for place_id, rooms in board.rooms.items()
        for room in rooms
        if place_id in board.places and wanted in (None, board.places[place_id].slug)
    ]


def kit_of(board: Board) -> list[int]:
    """The pieces of kit that the visit in question could take."""
    return [one.id for alike in board.kit.values() for one in alike]


def pick(board: Board, starts_at: datetime) -> Place:
    """The best way to give this start. Raises NotFreeError."""
    for one in by_load(board, at(board, starts_at)):
        uses = find_all(board, one.place, starts_at)
        if uses is not None:
            return Place(one, uses)
    raise NotFreeError(refusal(board, starts_at))


def settle(row: Appointment, question: Question, starts_at: datetime, *, local_start: str, found: Place) -> None:
    """Writes the time, the diary, the place and the room of a start on the row."""
    therapist, place = found.candidate.therapist, found.candidate.place
    span = blocked_span(
        starts_at,
        question.minutes,
        before=question.before,
        after=question.after,
        buffer_rule=question.practice.buffer_rule,
    )
    row.therapist_id, row.practitioner_id = therapist.id, therapist.account_id
    row.place_id = place.id if place else None
    row.room_id = found.uses.room.id if found.uses.room else None
    row.room_unit, row.kit_units = found.uses.room_unit, list(found.uses.kit_units)
    row.starts_at, row.ends_at = starts_at, starts_at + timedelta(minutes=question.minutes)
    row.blocked = DateTimeTZRange(*span)
    row.buffer_before, row.buffer_after = question.before, question.after
    row.local_start, row.timezone, row.zone_data = local_start, question.practice.timezone, zone_data_version()


def make_room(found: Place) -> None:
    """Writes the tables and pieces of kit that other visits change to, under the locks of all of them.

    First they let go of what they have, so that no two meet on the way.
    """
    change_units(found.uses)


def change_units(uses: Found) -> None:
    """`make_room` for what was found without a question of who and when."""
    if uses.room_moves:
        rows = Appointment.objects.filter(pk__in=uses.room_moves)
        rows.update(room_unit=F("room_unit") + ASIDE)
        for visit_id, unit in uses.room_moves.items():
            Appointment.objects.filter(pk=visit_id).update(room_unit=unit)
    if uses.kit_moves:
        kit = dict(Appointment.objects.filter(pk__in=uses.kit_moves).values_list("pk", "kit_units"))
        Appointment.objects.filter(pk__in=kit).update(kit_units=[])
        for visit_id, units in kit.items():
            new = [uses.kit_moves[visit_id].get(unit, unit) for unit in units]
            Appointment.objects.filter(pk=visit_id).update(kit_units=new)


def earlier_holds(by: Actor, replaces: tuple[UUID, str] | None = None) -> dict[UUID, UUID]:
    """The earlier holds of whoever asks, which `keep` ends, with their practitioners. Whoever keeps several times in
    one transaction locks them before the first."""
    mine = Appointment.objects.filter(state=State.HELD, moves__isnull=True)
    found: dict[UUID, UUID] = {}
    if by.client_id:
        found.update(mine.filter(client_id=by.client_id).values_list("pk", "practitioner_id"))
    if replaces is not None:
        row = mine.filter(pk=replaces[0]).first()
        if row is not None and opens_hold(row, replaces[1]):
            found[row.pk] = row.practitioner_id
    return found


def _clear(ids: list[UUID], now: datetime) -> None:
    """Ends the earlier holds of whoever asks, so that nobody stands in their own way."""
    if ids:
        mine = Appointment.objects.filter(state=State.HELD)
        locked = mine.filter(pk__in=ids).select_for_update(skip_locked=True).values_list("pk", flat=True)
        mine.filter(pk__in=list(locked)).update(state=transition(State.HELD, Event.EXPIRE), ended_at=now)


def opens_hold(row: Appointment, secret: str) -> bool:
    """Whether this is the hold's secret."""
    return bool(row.hold_hash) and hmac.compare_digest(row.hold_hash, digest(secret))


def release_hold(*, by: Actor, hold_id: UUID, secret: str, now: datetime) -> None:
    """Lets a kept time go at once. Letting go of what is gone already, or was booked, changes nothing.

    Raises UnknownHoldError, also for a wrong secret.
    """
    del by  # whoever has the secret
    known_hold(hold_id, secret)
    with in_diary():
        row = lock_visit(hold_id, by=None)
        if row.state == State.HELD:
            row.state, row.ended_at = transition(State.HELD, Event.EXPIRE), now
            row.save(update_fields=["state", "ended_at"])


def take_hold(*, hold_id: UUID, secret: str, now: datetime) -> None:
    """Takes the locks that `book` will need. Call it first in a transaction that writes something else before it books
    (a new client, an intake), so that locks are taken in the same order everywhere. Raises UnknownHoldError.
    """
    del now
    row = known_hold(hold_id, secret)
    with in_diary():
        rooms = [row.room_id] if row.room_id else []
        lock_diary(practitioners=[row.practitioner_id], rooms=rooms, kit=row.kit_units)


def known_hold(hold_id: UUID, secret: str) -> Appointment:
    """The hold's row as it is now, not locked. Raises UnknownHoldError."""
    row: Appointment | None = Appointment.objects.select_related(*RELATED).filter(pk=hold_id).first()
    if row is None or not opens_hold(row, secret):
        raise UnknownHoldError
    return row
