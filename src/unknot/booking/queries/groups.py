"""Visits that start together: which starts suit everybody at once, and who sees what of a group."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import QuerySet

from unknot.availability import queries as availability
from unknot.availability.queries import busy_between
from unknot.booking.domain.groups import FEWEST, assign, check_size
from unknot.booking.domain.lifecycle import BLOCKING, State
from unknot.booking.domain.limits import hold_is_over
from unknot.booking.domain.parts import joined
from unknot.booking.models import Appointment, Group, GroupVisit
from unknot.booking.policies import is_desk
from unknot.booking.queries.board import Board, Question, fill, setting
from unknot.booking.queries.facts import AT_HOME, RELATED, VisitFacts, visit_facts
from unknot.booking.queries.menu import chosen_parts, extras_of
from unknot.booking.queries.pools import Found, ways, with_use
from unknot.booking.queries.slots import Candidate, by_load, candidates
from unknot.booking.queries.visits import HoldOverError, UnknownHoldError
from unknot.kernel.actors import Actor
from unknot.kernel.errors import InvalidError, NotFoundError
from unknot.kernel.ids import digest, new_id
from unknot.kernel.zones import instant_of, local
from unknot.practice.queries import PlaceFacts, PracticeFacts

INVITE_DAYS = 180
_SALT = "unknot.group.join"


class GroupAtClinicError(InvalidError):
    """Visits together take place at the clinic. Nothing was booked; choose a place there."""

    code = "group-at-clinic"


@dataclass(frozen=True, slots=True)
class Seat:
    """What one person of a group wants: a service with what is added to it, and one therapist or any (None),
    and what they need of a room."""

    service_slug: str
    therapist_slug: str | None = None
    add: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taking:
    """One person's part of a start: whose hands, where, which table and pieces of kit, under which visit's id."""

    visit: UUID
    candidate: Candidate
    uses: Found


@dataclass(frozen=True, slots=True)
class GroupStart:
    """A start that suits everybody at once. `therapists`: names in the order of the seats."""

    starts_at: datetime
    local_start: str
    timezone: str
    place_slug: str
    place_name: str
    therapists: tuple[str, ...]

    @property
    def therapist_name(self) -> str:
        """All of them, in words."""
        return joined(self.therapists)

    @property
    def key(self) -> str:
        """Names the start in forms."""
        return f"{self.place_slug}|{self.local_start}"


def questions(
    practice: PracticeFacts,
    seats: Sequence[Seat],
    *,
    first: date,
    last: date,
    now: datetime,
    place_slug: str | None,
    without: Iterable[UUID] = (),
    fewest: int = FEWEST,
) -> list[Question]:
    """Each person's own question. Raises GroupSizeError, GroupAtClinicError, NotFoundError for an unknown service."""
    check_size(len(seats), fewest=fewest)
    if place_slug == AT_HOME:
        raise GroupAtClinicError(field="place")
    found = []
    for seat in seats:
        service, extras = chosen_parts(seat.service_slug, seat.add)
        found.append(
            Question(
                practice=practice,
                service=service,
                extras=extras,
                first=first,
                last=last,
                now=now,
                therapist_slug=seat.therapist_slug or None,
                place_slug=place_slug or None,
                without=frozenset(without),
                needs=seat.needs,
            )
        )
    return found


def settings_of(asked: Sequence[Question]) -> list[Board]:
    """A board for each question, no diary yet; equal questions share theirs."""
    made: dict[tuple[object, ...], Board] = {}
    found = []
    for one in asked:
        same = (one.therapist_slug, one.needs, one.length, *(part.id for part in one.parts))
        if same not in made:
            made[same] = setting(one)
        found.append(made[same])
    return found


def fill_all(boards: Sequence[Board]) -> None:
    """Reads opening hours and diary of each board once."""
    for board in {id(one): one for one in boards}.values():
        question = board.question
        board.opening = availability.opening([one.id for one in board.team], first=question.first, last=question.last)
        fill(board)


class Together:
    """The sweep for several people: what is offered, and the same question asked again under the locks.

    Who takes whom is a matching of its own; tables and kit are given one person after the other, on a board that knows
    what the ones before got, trying every room until all have one.
    """

    def __init__(self, boards: Sequence[Board], ids: Sequence[UUID] = ()) -> None:
        self.boards = boards
        self.ids = ids or [new_id() for _ in boards]
        swept = {id(one): _by_minute(one) for one in boards}
        self._ways = [swept[id(one)] for one in boards]

    def minutes(self) -> list[int]:
        """Starts (UTC minutes) at which each by themselves could come, earliest first."""
        return sorted(set.intersection(*(set(ways) for ways in self._ways)))

    def at(self, minute: int) -> tuple[Taking, ...] | None:
        """How all of them can start then at one place, with a therapist and a table each; None if they can't."""
        mine = [ways.get(minute, []) for ways in self._ways]
        places = {one.place.id: one.place for ways in mine for one in ways if one.place is not None}
        for place in sorted(places.values(), key=lambda one: (one.name, one.slug)):
            hands = self._hands([[one for one in ways if one.place == place] for ways in mine])
            uses = self._uses(list(self.boards), place, instant_of(minute)) if hands is not None else None
            if hands is not None and uses is not None:
                return tuple(Taking(*one) for one in zip(self.ids, hands, uses, strict=True))
        return None

    def _hands(self, here: Sequence[Sequence[Candidate]]) -> list[Candidate] | None:
        """A therapist for each, none twice."""
        ordered = [by_load(board, ways) for board, ways in zip(self.boards, here, strict=True)]
        found = assign([[one.therapist.account_id for one in ways] for ways in ordered])
        if found is None:
            return None
        return [
            next(one for one in ways if one.therapist.account_id == hand)
            for ways, hand in zip(ordered, found, strict=True)
        ]

    def _uses(self, boards: list[Board], place: PlaceFacts, starts_at: datetime) -> tuple[Found, ...] | None:
        """A table and everything else for each of the last `boards`."""
        if not boards:
            return ()
        board, visit = boards[0], self.ids[len(self.ids) - len(boards)]
        asked = board.question
        ends_at = starts_at + timedelta(minutes=asked.minutes)
        busy = busy_between(starts_at, ends_at, before=asked.before, after=asked.after)
        for found in ways(board, place, starts_at):
            rest = self._uses([with_use(one, visit, busy, found) for one in boards[1:]], place, starts_at)
            if rest is not None:
                return (found, *rest)
        return None


def _by_minute(board: Board) -> dict[int, list[Candidate]]:
    found: dict[int, list[Candidate]] = {}
    for one in candidates(board):
        found.setdefault(one.minute, []).append(one)
    return found


def group_starts(
    *,
    practice: PracticeFacts,
    seats: Sequence[Seat],
    first: date,
    last: date,
    now: datetime,
    place_slug: str | None = None,
    without: Iterable[UUID] = (),
    limit: int | None = None,
    fewest: int = FEWEST,
) -> list[GroupStart]:
    """Every start on the local days `first` to `last` at which all seats can be given at one place, earliest first.

    The number of queries grows with the seats (at most four), not with team, rooms or days. Raises as `questions`.
    """
    today = local(now, practice.timezone).date()
    first, last = max(first, today), min(last, today + timedelta(days=practice.horizon_days))
    asked = questions(
        practice, seats, first=first, last=last, now=now, place_slug=place_slug, without=without, fewest=fewest
    )
    if last < first:
        return []
    boards = settings_of(asked)
    fill_all(boards)
    together, found = Together(boards), []
    for minute in together.minutes():
        taking = together.at(minute)
        if taking is not None:
            found.append(_start_of(practice, minute, taking))
            if len(found) == limit:
                break
    return found


def _start_of(practice: PracticeFacts, minute: int, taking: Sequence[Taking]) -> GroupStart:
    starts_at, place = instant_of(minute), taking[0].candidate.place
    return GroupStart(
        starts_at=starts_at,
        local_start=f"{local(starts_at, practice.timezone):%Y-%m-%dT%H:%M}",
        timezone=practice.timezone,
        place_slug=place.slug if place else AT_HOME,
        place_name=place.name if place else "",
        therapists=tuple(one.candidate.therapist.name for one in taking),
    )


def seats_of(seen: Sequence[VisitFacts], *, anybody: bool) -> list[Seat]:
    """What each of these visits would ask for today."""
    return [
        Seat(
            one.service.slug,
            None if anybody else one.therapist_slug,
            tuple(extra.slug for extra in extras_of(one)),
            one.need_slugs,
        )
        for one in seen
    ]


# Kept times


def kept_group(group_id: UUID, *, secret: str, now: datetime) -> list[VisitFacts]:
    """The kept visits of a group, in order, for whoever has its secret. Raises UnknownHoldError, HoldOverError."""
    rows = kept_rows(group_id, secret=secret, now=now)
    related = Appointment.objects.select_related(*RELATED).in_bulk([one.pk for one in rows])
    return [visit_facts(related[one.pk]) for one in rows]


def kept_rows(group_id: UUID, *, secret: str, now: datetime) -> list[Appointment]:
    """The rows of `kept_group`. For this room only."""
    row = Group.objects.filter(pk=group_id, hold_hash=digest(secret)).first()
    if row is None:
        raise UnknownHoldError
    parts = GroupVisit.objects.filter(group=row).select_related("appointment").order_by("number")
    rows = [one.appointment for one in parts]
    if row.booked_at is None and not still_kept(rows, now):
        raise HoldOverError
    return rows


def still_kept(rows: Sequence[Appointment], now: datetime) -> bool:
    """Whether all of these times are still kept."""
    return all(
        one.state == State.HELD and one.hold_expires_at is not None and not hold_is_over(one.hold_expires_at, now)
        for one in rows
    )


# Who sees what


@dataclass(frozen=True)
class PartFacts:
    """One person's part as the reader may see it. `visit` is None for somebody else's: then the first name is all."""

    number: int
    called: str
    own: bool
    invited: bool
    waits: bool
    over: bool
    visit: VisitFacts | None


@dataclass(frozen=True)
class GroupFacts:
    """A group for one reader. Who booked it sees every visit's service, therapist, price and terms, and no answers."""

    id: UUID
    organiser: bool
    local_start: str
    timezone: str
    place_name: str
    parts: tuple[PartFacts, ...]

    @property
    def visits(self) -> list[VisitFacts]:
        """The visits that the reader may see."""
        return [one.visit for one in self.parts if one.visit is not None]


def group(group_id: UUID, *, by: Actor) -> GroupFacts:
    """A group, for who booked it, for each of its people, and for staff. Raises NotFoundError. Two queries.

    Its people see their own visit and the others' first names, nothing else of them; who booked sees what they booked.
    """
    row = Group.objects.filter(pk=group_id).first()
    parts = list(_parts().filter(group_id=group_id).order_by("number")) if row is not None else []
    all_of_it = is_desk(by) or (row is not None and by.account_id is not None and row.account_id == by.account_id)
    mine = {one.pk for one in parts if by.answers_for(one.appointment.client_id)}
    if row is None or not parts or not (all_of_it or mine):
        raise NotFoundError
    facts = [_part(one, own=one.pk in mine, shown=all_of_it or one.pk in mine) for one in parts]
    first = visit_facts(parts[0].appointment)
    return GroupFacts(row.pk, all_of_it, first.local_start, first.timezone, first.place_name, tuple(facts))


def _part(row: GroupVisit, *, own: bool, shown: bool) -> PartFacts:
    state = row.appointment.state
    return PartFacts(
        number=row.number,
        called=row.called,
        own=own,
        invited=row.invited,
        waits=row.invited and row.answered_at is None and state == State.REQUESTED,
        over=state in (State.CANCELLED, State.EXPIRED),
        visit=visit_facts(row.appointment) if shown else None,
    )


def groups_of(appointment_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Which of these visits belong to which group. For lists whose access was checked. One query."""
    rows = GroupVisit.objects.filter(appointment_id__in=list(appointment_ids))
    return dict(rows.values_list("appointment_id", "group_id"))


def comes_with_others(appointment_id: UUID) -> bool:
    """Whether other visits that still stand start together with this one. At most two queries."""
    group_id = groups_of([appointment_id]).get(appointment_id)
    others = GroupVisit.objects.filter(group_id=group_id).exclude(appointment_id=appointment_id)
    return group_id is not None and others.filter(appointment__state__in=sorted(BLOCKING)).exists()


def companions(appointment_ids: Iterable[UUID], *, by: Actor) -> dict[UUID, list[str]]:
    """First names of those who come together with these visits, for staff (else NotFoundError). Two queries."""
    if not is_desk(by):
        raise NotFoundError
    mine = groups_of(appointment_ids)
    rows = GroupVisit.objects.filter(group_id__in=set(mine.values())).exclude(
        appointment__state__in=[State.CANCELLED, State.EXPIRED]
    )
    named: dict[UUID, list[tuple[UUID, str]]] = {}
    for group_id, visit_id, called in rows.order_by("number").values_list("group_id", "appointment_id", "called"):
        named.setdefault(group_id, []).append((visit_id, called))
    return {
        visit_id: [called or "somebody" for other, called in named.get(group_id, []) if other != visit_id]
        for visit_id, group_id in mine.items()
    }


def _parts() -> QuerySet[Any]:
    related = [f"appointment__{one}" for one in RELATED]
    return GroupVisit.objects.select_related("appointment", *related)


def join_token(part_id: UUID) -> str:
    """The signed name of a part, for the link that an invited person gets. Alone it opens nothing."""
    return signing.dumps(str(part_id), salt=_SALT)


def part_of_token(token: str) -> UUID | None:
    """The part of a link that is ours and not too old, else None."""
    try:
        return UUID(signing.loads(token, salt=_SALT, max_age=timedelta(days=INVITE_DAYS)))
    except (signing.BadSignature, ValueError):
        return None
