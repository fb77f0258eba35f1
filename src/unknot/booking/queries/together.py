"""Visits that start together: which starts suit everybody at once, and why one does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from unknot.availability import queries as availability
from unknot.availability.queries import Refusal, busy_between
from unknot.booking.domain.groups import FEWEST, assign, check_size
from unknot.booking.domain.parts import joined
from unknot.booking.models import Appointment
from unknot.booking.policies import is_desk
from unknot.booking.queries.board import Board, Question, fill, setting
from unknot.booking.queries.facts import AT_HOME, HOME_NAME, VisitFacts
from unknot.booking.queries.menu import chosen_parts, extras_of
from unknot.booking.queries.pools import Found, ways, with_use
from unknot.booking.queries.reasons import at, refusal
from unknot.booking.queries.slots import Candidate, by_load, candidates
from unknot.kernel.actors import Actor
from unknot.kernel.ids import new_id
from unknot.kernel.zones import exists, instant_of, local, minute_of, to_utc
from unknot.practice.queries import PlaceFacts, PracticeFacts
from unknot.travel.queries import Point

NOT_ALL = Refusal("taken", "Each of them could come then, but not all at once.")


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

    def as_dict(self) -> dict[str, object]:
        """For JSON: the instant with the practice's offset."""
        return {
            "starts_at": local(self.starts_at, self.timezone).isoformat(),
            "local_start": self.local_start,
            "timezone": self.timezone,
            "place": self.place_slug,
            "place_name": self.place_name,
            "therapists": list(self.therapists),
            "key": self.key,
        }


@dataclass(frozen=True)
class GroupQuestion:
    """What several people want at once, and where: one place, or `place_slug` "home" with the point of one `home`.

    `standing`: the visits, in the order of the seats, that are to be moved, with their `lengths` (minutes, before,
    after) as agreed; a group that shrank may be one. `beside`: they keep their old times meanwhile, so that each may
    stand in the way of the others, only not of itself. `freely`: staff book inside the notice and beyond the horizon.
    """

    practice: PracticeFacts
    seats: tuple[Seat, ...]
    now: datetime
    place_slug: str | None = None
    home: Point | None = None
    freely: bool = False
    standing: tuple[UUID, ...] = ()
    lengths: tuple[tuple[int, int, int], ...] = ()
    beside: bool = False

    def each(self, *, first: date, last: date) -> list[Question]:
        """Each person's own question. Raises GroupSizeError, NotFoundError for an unknown service."""
        check_size(len(self.seats), fewest=1 if self.standing else FEWEST)
        return [self._one(number, first, last) for number in range(len(self.seats))]

    def _one(self, number: int, first: date, last: date) -> Question:
        seat = self.seats[number]
        service, extras = chosen_parts(seat.service_slug, seat.add)
        return Question(
            practice=self.practice,
            service=service,
            extras=extras,
            first=first,
            last=last,
            now=self.now,
            therapist_slug=seat.therapist_slug or None,
            place_slug=self.place_slug or None,
            home=self.home if self.place_slug == AT_HOME else None,
            ignore=self.standing[number] if self.beside else None,
            without=frozenset() if self.beside else frozenset(self.standing),
            freely=self.freely,
            length=self.lengths[number] if self.lengths else None,
            needs=seat.needs,
        )


def question_to_move(
    seen: Sequence[VisitFacts],
    practice: PracticeFacts,
    *,
    now: datetime,
    anybody: bool = False,
    freely: bool = False,
    beside: bool = False,
) -> GroupQuestion:
    """Where these visits could stand instead, all at once: same place, lengths and, unless `anybody` will do, hands."""
    first = seen[0]
    at_home = first.home_lat is not None and first.home_lon is not None and first.place_id is None
    return GroupQuestion(
        practice,
        tuple(
            Seat(
                one.service.slug,
                None if anybody else one.therapist_slug,
                tuple(extra.slug for extra in extras_of(one)),
                one.need_slugs,
            )
            for one in seen
        ),
        now,
        place_slug=first.place_slug,
        home=Point(first.home_lat or 0.0, first.home_lon or 0.0) if at_home else None,
        freely=freely,
        standing=tuple(one.id for one in seen),
        lengths=tuple((one.minutes, one.buffer_before, one.buffer_after) for one in seen),
        beside=beside,
    )


def needs_a_yes(seen: Sequence[VisitFacts], *, by: Actor, now: datetime) -> bool:
    """Whether it is too late for a client to move these visits without being asked; not if it is us who are late."""
    if is_desk(by) or not any(one.changes_late(now) for one in seen):
        return False
    return not Appointment.objects.filter(pk__in=[one.id for one in seen], late_at__isnull=False).exists()


def settings_of(asked: Sequence[Question]) -> list[Board]:
    """A board for each question, no diary yet; equal questions share theirs."""
    made: dict[tuple[object, ...], Board] = {}
    found = []
    for one in asked:
        same = (one.therapist_slug, one.needs, one.length, one.ignore, *(part.id for part in one.parts))
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
    what the ones before got, trying every room until all have one. At home each therapist brings a table.
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
        places = {one.place.id if one.place else None: one.place for ways in mine for one in ways}
        for place in sorted(places.values(), key=lambda one: (one.name, one.slug) if one else ("", "")):
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

    def _uses(self, boards: list[Board], place: PlaceFacts | None, starts_at: datetime) -> tuple[Found, ...] | None:
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


def taking_at(
    boards: Sequence[Board], starts_at: datetime, ids: Sequence[UUID] = ()
) -> tuple[tuple[Taking, ...] | None, Refusal | None]:
    """The way to give everybody this start, to visits with these ids (none given: new ones); or why there is none."""
    found = Together(boards, ids).at(minute_of(starts_at)) if starts_at.second == 0 else None
    if found is not None:
        return found, None
    alone = [refusal(board, starts_at) for board in boards if not at(board, starts_at)]
    return None, alone[0] if alone else NOT_ALL


def why_not_together(asked: GroupQuestion, wall: datetime) -> Refusal | None:
    """Why they can't all start when the practice's clock shows `wall` (naive), or None if they can. For staff."""
    zone = asked.practice.timezone
    if not exists(wall, zone):
        return Refusal("skipped-hour", f"The clock skips {wall:%H:%M} that day.")
    boards = settings_of(asked.each(first=wall.date(), last=wall.date()))
    fill_all(boards)
    return taking_at(boards, to_utc(wall, zone))[1]


def group_starts(asked: GroupQuestion, *, first: date, last: date, limit: int | None = None) -> list[GroupStart]:
    """Every start on the local days `first` to `last` at which all seats can be given at one place, earliest first.

    The number of queries grows with the seats (at most four), not with team, rooms or days. Raises as
    `GroupQuestion.each`, and HomeAddressNeededError.
    """
    practice = asked.practice
    today = local(asked.now, practice.timezone).date()
    first = max(first, today)
    if not asked.freely:
        last = min(last, today + timedelta(days=practice.horizon_days))
    questions = asked.each(first=first, last=last)
    if last < first:
        return []
    boards = settings_of(questions)
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
        place_name=place.name if place else HOME_NAME,
        therapists=tuple(one.candidate.therapist.name for one in taking),
    )
