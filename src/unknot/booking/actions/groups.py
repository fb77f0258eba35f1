"""Two to four people at once: held, booked and moved as one, or not at all.

Every lock of everybody is taken first, in the one order; then the diary is read, and the same sweep that made the offer
says who goes to whom. A refusal anywhere leaves no row of any of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking.actions import messages
from unknot.booking.actions.booking import confirm, gate_event
from unknot.booking.actions.diary import OverlapError, expire_stale, in_diary, lock_diary
from unknot.booking.actions.holding import (
    Place,
    check_names,
    check_override,
    kit_of,
    make_room,
    parse_start,
    rooms_of,
    settle,
)
from unknot.booking.actions.refusals import REFUSED, TAKEN, NotFreeError, SlotTakenError
from unknot.booking.domain.lifecycle import Event, State, transition
from unknot.booking.domain.limits import hold_expires_at
from unknot.booking.domain.parts import Part
from unknot.booking.domain.wording import NEEDS
from unknot.booking.models import Appointment, Group, GroupVisit
from unknot.booking.policies import is_desk
from unknot.booking.queries.board import Board, Question
from unknot.booking.queries.groups import GroupFacts, group, join_token, kept_rows, still_kept
from unknot.booking.queries.together import (
    NOT_ALL,
    GroupQuestion,
    Seat,
    Taking,
    fill_all,
    group_starts,
    settings_of,
    taking_at,
)
from unknot.booking.queries.visits import HoldOverError, visit
from unknot.intake import queries as intake
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import InvalidError, NotFoundError, UnknotError
from unknot.kernel.ids import digest, new_secret
from unknot.people import actions as people
from unknot.people import queries as people_queries
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts
from unknot.travel.queries import Point

ALTERNATIVES, DAYS_AHEAD = 3, 14
TOGETHER = "That time no longer suits all of you at once. Nothing was booked; here are the nearest times that do."


class GroupPeopleError(InvalidError):
    """Say who comes: somebody for each place, everybody once. Nothing was booked; the times stay kept for you."""

    code = "group-people"


@dataclass(frozen=True, slots=True)
class Person:
    """Who takes a seat: a client whom the caller answers for, or somebody else by first name and e-mail address."""

    client_id: UUID | None = None
    called: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class GroupHold:
    """Times kept for all. `secret` is there only in the answer to the one who made it."""

    id: UUID
    secret: str
    expires_at: datetime
    visits: tuple[UUID, ...]


def hold_group(
    *,
    by: Actor,
    practice: PracticeFacts,
    seats: Sequence[Seat],
    place_slug: str | None,
    local_start: str,
    home: Point | None = None,
    home_address: str = "",
    replaces: tuple[UUID, str] | None = None,
    override_reason: str = "",
    now: datetime,
) -> GroupHold:
    """Keeps a start for everybody for the practice's `hold_minutes`, or for nobody.

    At one clinic place, or with `place_slug` "home" at one address, where each therapist comes with a table of their
    own. `override_reason`: staff book inside the notice or beyond the horizon. Raises SlotTakenError (with up to three
    starts that suit all), GroupSizeError, what `hold_slot` raises about a start and an address, StaffOnlyError,
    DiaryBusyError, and NotFoundError for an unknown service, therapist or place.
    """
    wall, starts_at = parse_start(local_start, practice.timezone)
    wish = GroupQuestion(
        practice,
        tuple(seats),
        now,
        place_slug=place_slug or None,
        home=home,
        freely=check_override(by, override_reason),
    )
    asked = wish.each(first=wall.date(), last=wall.date())
    secret = new_secret()
    try:
        with in_diary():
            boards = locked_boards(asked, replaces=replaces)
            found = pick_together(boards, starts_at)
            row = Group.objects.create(
                practice_id=practice.id, account_id=by.account_id, hold_hash=digest(secret), created_at=now
            )
            expires_at = hold_expires_at(now, minutes=practice.hold_minutes, starts_at=starts_at)
            made = []
            for question, one in zip(asked, found, strict=True):
                kept = _kept(question, one, starts_at, local_start, by=by)
                kept.hold_expires_at, kept.override_reason = expires_at, override_reason.strip() or None
                kept.home_address = home_address.strip()[:240] if kept.mode == "home" else ""
                kept.save(force_insert=True)
                made.append(kept)
            GroupVisit.objects.bulk_create(
                GroupVisit(practice_id=practice.id, group=row, number=number, appointment=one)
                for number, one in enumerate(made, 1)
            )
    except (NotFreeError, OverlapError) as error:
        raise lost(error, wish, starts_at) from error
    return GroupHold(row.pk, secret, expires_at, tuple(one.pk for one in made))


def locked_boards(
    asked: Sequence[Question], standing: Sequence[Appointment] = (), *, replaces: tuple[UUID, str] | None = None
) -> list[Board]:
    """The boards, filled after every lock of everybody was taken, those of `standing` visits among them."""
    boards = settings_of(asked)
    for board in boards:
        check_names(board)
    lock_diary(
        practitioners={
            *(one.account_id for board in boards for one in board.team),
            *(one.practitioner_id for one in standing),
        },
        rooms={
            *(room for board in boards for room in rooms_of(board)),
            *(one.room_id for one in standing if one.room_id),
        },
        kit={
            *(piece for board in boards for piece in kit_of(board)),
            *(piece for one in standing for piece in one.kit_units),
        },
        clients=[one.client_id for one in standing],
    )
    expire_stale(now=asked[0].now)
    if replaces is not None:
        _release(replaces, asked[0].now)
    fill_all(boards)
    return boards


def pick_together(boards: Sequence[Board], starts_at: datetime, ids: Sequence[UUID] = ()) -> tuple[Taking, ...]:
    """The way to give everybody this start, to visits with these ids (none given: new ones). Raises NotFreeError."""
    found, why = taking_at(boards, starts_at, ids)
    if found is None:
        raise NotFreeError(why or NOT_ALL)
    return found


def _kept(question: Question, one: Taking, starts_at: datetime, local_start: str, *, by: Actor) -> Appointment:
    """One person's hold, not saved yet; tables that others change for it are written."""
    practice, home = question.practice, question.home
    row = Appointment(
        id=one.visit,
        practice_id=practice.id,
        state=State.HELD,
        service_id=question.service.id,
        mode="clinic" if one.candidate.place else "home",
        home_lat=home.lat if home else None,
        home_lon=home.lon if home else None,
        access_needs=[need for need in NEEDS if need in question.needs] or None,
        parts=[Part.of(part).as_row() for part in question.parts],
        price_minor=question.price.minor,
        currency=question.price.currency,
        cancellation_tiers=practice.cancellation_tiers,
        change_hours=practice.change_hours,
        booked_by_id=by.account_id,
        created_at=question.now,
    )
    where = Place(one.candidate, one.uses)
    settle(row, question, starts_at, local_start=local_start, found=where)
    make_room(where)
    return row


def lost(error: Exception, wish: GroupQuestion, starts_at: datetime) -> UnknotError:
    """The error to raise for a start that can't be had, with the nearest ones that suit everybody."""
    code = error.reason.code if isinstance(error, NotFreeError) else "taken"
    if code in REFUSED:
        return REFUSED[code]()
    return SlotTakenError(
        TOGETHER,
        field="starts_at",
        extra={"reason": code if code in TAKEN else "taken", "alternatives": _nearest(wish, starts_at)},
    )


def _nearest(wish: GroupQuestion, starts_at: datetime) -> list[dict[str, object]]:
    day = starts_at.date() - timedelta(days=1)
    found = group_starts(wish, first=day, last=day + timedelta(days=DAYS_AHEAD))
    near = sorted(found, key=lambda one: abs(one.starts_at - starts_at))[:ALTERNATIVES]
    return [one.as_dict() for one in sorted(near, key=lambda one: one.starts_at)]


def _release(replaces: tuple[UUID, str], now: datetime) -> None:
    """Lets an earlier hold of the same visitor go, so that nobody stands in their own way."""
    row = Group.objects.filter(pk=replaces[0], hold_hash=digest(replaces[1]), booked_at=None).first()
    if row is not None:
        ids = list(GroupVisit.objects.filter(group=row).values_list("appointment_id", flat=True))
        mine = Appointment.objects.filter(pk__in=ids, state=State.HELD).select_for_update(skip_locked=True)
        free = list(mine.values_list("pk", flat=True))
        Appointment.objects.filter(pk__in=free).update(state=transition(State.HELD, Event.EXPIRE), ended_at=now)


def take_group(*, group_id: UUID, secret: str, clients: Sequence[UUID] = (), now: datetime) -> None:
    """Takes the locks that `book_group` will need, those of `clients` who are known already among them. Call it first
    in a transaction that writes something else before (a new client, an intake). Raises UnknownHoldError,
    HoldOverError."""
    seen = kept_rows(group_id, secret=secret, now=now)
    with in_diary():
        lock_diary(
            practitioners=[one.practitioner_id for one in seen],
            rooms=[one.room_id for one in seen if one.room_id],
            kit=[piece for one in seen for piece in one.kit_units],
            clients=clients,
        )


def book_group(*, by: Actor, group_id: UUID, secret: str, people_coming: Sequence[Person], now: datetime) -> GroupFacts:
    """Turns the kept times into visits of these people, in the order of the seats: all of them, or none.

    For those whom `by` answers for, their own valid answers decide, as in `book`. Others get a request in their name
    and a link: they prove their address, answer for themselves, and are sure then (`answer_part`). The desk books for
    clients of the practice, before the questions were asked if need be; the group is then the first one's to change.
    Repeating it gives the same group.

    Raises UnknownHoldError, HoldOverError, GroupPeopleError, ClientNeededError, ScreeningNeededError, NotSafeNowError,
    ClientBusyError, DiaryBusyError, BadNameError, NoContactError.
    """
    seen = kept_rows(group_id, secret=secret, now=now)
    known = [one.client_id for one in people_coming if one.client_id is not None]
    if len(people_coming) != len(seen) or len(set(known)) != len(known):
        raise GroupPeopleError(field="people")
    if not all(by.answers_for(one) or is_desk(by) for one in known):
        raise NotFoundError
    try:
        with in_diary():
            lock_diary(
                practitioners=[one.practitioner_id for one in seen],
                rooms=[one.room_id for one in seen if one.room_id],
                kit=[piece for one in seen for piece in one.kit_units],
                clients=known,
            )
            row = Group.objects.select_for_update().get(pk=group_id)
            if row.booked_at is not None:
                return group(row.pk, by=by)
            parts = fresh_parts(row)
            if not still_kept([one.appointment for one in parts], now):
                raise HoldOverError
            row.account_id, row.booked_at = _organiser(known, by=by), now
            row.save(update_fields=["account_id", "booked_at"])
            practice = practices.practice(row.practice_id)
            for part, person in zip(parts, people_coming, strict=True):
                _seat(part, person, practice, by=by, now=now)
            return group(row.pk, by=by)
    except OverlapError as error:
        raise HoldOverError from error


def _organiser(known: Sequence[UUID], *, by: Actor) -> UUID | None:
    """Whose group it is: whoever books; of those for whom the desk books, the first, if they can sign in."""
    if not known or not is_desk(by) or any(by.answers_for(one) for one in known):
        return by.account_id
    return people_queries.client(known[0], by=by).account_id


def fresh_parts(row: Group) -> list[GroupVisit]:
    """The parts with their visits' rows, locked, by number."""
    parts = list(GroupVisit.objects.filter(group=row).order_by("number"))
    ids = [one.appointment_id for one in parts]
    rows = {one.pk: one for one in Appointment.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    for part in parts:
        part.appointment = rows[part.appointment_id]
    return parts


def _seat(part: GroupVisit, person: Person, practice: PracticeFacts, *, by: Actor, now: datetime) -> None:
    """Books one seat; the caller's transaction makes it all or nothing."""
    row = part.appointment
    if person.client_id is not None:
        answers = intake.current_intake(client_id=person.client_id)
        intake_id = answers.id if answers else None
        event = gate_event(by, person.client_id, intake_id, now)
        confirm(row, practice, by=by, client_id=person.client_id, intake_id=intake_id, now=now, event=event)
        part.answered_at = now
        part.called = person.called[:60] or _first_name(person.client_id)
    else:
        client_id = people.invite_client(by=by, name=person.called, email=person.email, now=now)
        confirm(row, practice, by=by, client_id=client_id, intake_id=None, now=now, event=Event.REQUEST, tell=False)
        part.called, part.invited = person.called.split(" ")[0][:60], True
    part.save(update_fields=["called", "invited", "answered_at"])
    if part.invited:
        path = f"/p/{practice.slug}/join/{join_token(part.pk)}/"
        messages.invite(visit(row.pk, by=system(practice.id)), practice, path=path, now=now)
    audit.record(
        by=by,
        verb="group.booked",
        subject="appointment",
        subject_id=row.pk,
        client_id=row.client_id,
        now=now,
        group_id=part.group_id,
        invited=part.invited,
    )


def _first_name(client_id: UUID) -> str:
    return people_queries.clients_named([client_id])[client_id].greeting[:60]
