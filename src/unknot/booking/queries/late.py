"""Running late: what the plan said to whom, what they answered, and what they can still choose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from unknot.booking.domain.late_options import ALL, ALONE, OWN, FreeStart, Option, Promise, options
from unknot.booking.domain.lifecycle import State
from unknot.booking.domain.wording import VisitWords, visit_words
from unknot.booking.models import Appointment, Delay, LateVisit
from unknot.booking.policies import can_see_visit, is_desk
from unknot.booking.queries.again import question_of
from unknot.booking.queries.board import load
from unknot.booking.queries.facts import RELATED, VisitFacts, visit_facts
from unknot.booking.queries.groups import comes_with_others, is_organiser, parties
from unknot.booking.queries.slots import candidates, slot_of
from unknot.booking.queries.together import group_starts, question_to_move
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice import queries as practices
from unknot.practice.queries import PracticeFacts

DAYS_AHEAD = 7
LEAD = timedelta(minutes=10)
"""Nobody is offered a start that is nearer than this."""
GRACE = timedelta(minutes=5)
"""So long after the tap it can be taken back although an agreed time has passed meanwhile."""
ANSWERABLE = (State.CONFIRMED, State.REQUESTED, State.ARRIVED)


@dataclass(frozen=True)
class LateFacts:
    """What our lateness means for one visit: what was agreed, and what the plan says (`starts_at` None: no time).

    `answer` is empty as long as nobody answered; then the plan stands. `sequence`: the visit's when the plan was made.
    `speaks`: whether the reader's answer counts for everybody who comes with this visit, if anybody does.
    """

    id: UUID
    delay_id: UUID
    visit: VisitFacts
    was: VisitWords
    was_starts_at: datetime
    was_ends_at: datetime
    was_therapist: str
    starts_at: datetime | None
    free_from: datetime
    answer: str
    answer_by: datetime
    sequence: int
    stood_at: datetime | None = None
    speaks: bool = True

    def is_open(self, now: datetime) -> bool:
        """Whether an answer still counts: none was given, and the visit stands where the plan put it."""
        untouched = self.visit.sequence == self.sequence and self.visit.state in ANSWERABLE
        return not self.answer and untouched and now < self.answer_by

    @property
    def minutes(self) -> int:
        """By how much later it begins; 0 without a time."""
        return int((self.starts_at - self.was_starts_at).total_seconds()) // 60 if self.starts_at else 0


@dataclass(frozen=True)
class DelayFacts:
    """One "I am late" and everybody it concerns, by the time that was agreed."""

    id: UUID
    therapist_name: str
    therapist_slug: str
    minutes: int
    told_at: datetime
    visits: tuple[LateFacts, ...]
    undone_at: datetime | None = None

    def can_undo(self, now: datetime) -> bool:
        """Whether it looks as if it could be taken back, as far as this delay alone tells: nobody has answered and no
        agreed time has passed."""
        return self.undone_at is None and all(
            not one.answer
            and one.visit.sequence == one.sequence
            and one.visit.state in ANSWERABLE
            and still_in_time(one, told_at=self.told_at, now=now)
            for one in self.visits
        )


class Stood(Protocol):
    """What is needed of a visit's part in a delay: where it stood before, and where the plan put it."""

    @property
    def stood_at(self) -> datetime | None: ...
    @property
    def starts_at(self) -> datetime | None: ...


def still_in_time(one: Stood, *, told_at: datetime, now: datetime) -> bool:
    """Whether the visit can go back to where it stood: that time is still to come, or the tap is a moment ago."""
    if one.stood_at is None:
        return False
    return one.starts_at is None or one.stood_at > now or now <= told_at + GRACE


def late_visit(late_id: UUID, *, by: Actor) -> LateFacts:
    """One visit's part in a delay, for its client and for staff, else NotFoundError. At most three queries."""
    row = _rows(pk=late_id).first()
    if row is None or not can_see_visit(by, client_id=row.visit.client_id, account_id=row.visit.account_id):
        raise NotFoundError
    return replace(_facts(row), speaks=is_desk(by) or is_organiser(row.visit_id, by=by))


def late_party(visit: VisitFacts) -> list[VisitFacts]:
    """Whoever starts together with this visit and has not begun, itself among them; empty if it comes alone. For a
    visit whose access was checked: the others are not for its client's eyes."""
    row = Appointment.objects.filter(pk=visit.id)
    ids = [one.pk for party in parties(row, states=ANSWERABLE).values() for one in party]
    found = {one.pk: visit_facts(one) for one in Appointment.objects.select_related(*RELATED).filter(pk__in=ids)}
    return [found[one] for one in ids]


def whom(late: LateFacts, party: Sequence[VisitFacts] | None = None) -> str:
    """For whom the reader's answer counts, as in `domain.late_options`. `party`: as of `late_party`, if it is known."""
    party = late_party(late.visit) if party is None else party
    if party:
        return ALL if late.speaks else OWN
    return OWN if comes_with_others(late.visit.id) else ALONE


@dataclass(frozen=True, slots=True)
class _AllAtOnce:
    """A start that suits everybody, as one choice."""

    starts_at: datetime
    local_start: str
    therapist_slug: str
    therapist_name: str
    key: str


def delay(delay_id: UUID, *, by: Actor) -> DelayFacts:
    """One delay, for staff, else NotFoundError. Two queries."""
    row = Delay.objects.select_related("therapist").filter(pk=delay_id).first() if is_desk(by) else None
    if row is None:
        raise NotFoundError
    return _delay(row, list(_rows(delay_id=delay_id)))


def delays(*, by: Actor, day: date) -> list[DelayFacts]:
    """The delays of a local day, latest first, for staff, else NotFoundError. Two queries."""
    if not is_desk(by):
        raise NotFoundError
    rows = list(Delay.objects.select_related("therapist").filter(day=day.isoformat()).order_by("-told_at", "-id"))
    parts: dict[UUID, list[Any]] = {}
    for one in _rows(delay_id__in=[row.pk for row in rows]) if rows else ():
        parts.setdefault(one.delay_id, []).append(one)
    return [_delay(row, parts.get(row.pk, [])) for row in rows]


def open_lates(visit_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, UUID]:
    """Where an answer to our lateness is still open: its id by the visit's. One query."""
    rows = LateVisit.objects.filter(visit_id__in=list(visit_ids), answer="", answer_by__gt=now)
    return dict(rows.values_list("visit_id", "id"))


def late_options(late: LateFacts, *, now: datetime) -> list[Option]:
    """What the client can choose right now; nothing if no answer counts any more."""
    if not late.is_open(now):
        return []
    visit, practice = late.visit, practices.practice(late.visit.practice_id)
    today = date.fromisoformat(visit.local_start[:10])
    last = today + timedelta(days=DAYS_AHEAD)
    party = late_party(visit)
    counts = whom(late, party)
    slots: Sequence[FreeStart] = []  # whoever comes with others is not moved away from them
    if counts == ALL:
        slots = _for_all(late, party, practice, today, last, now)
    elif counts == ALONE:
        question = question_of(visit, practice, first=today, last=last, now=now, therapist_slug=None, freely=True)
        slots = [slot_of(question, one) for one in candidates(load(question))]
    promise = Promise(late.was_starts_at, late.was_ends_at, visit.therapist_slug, late.starts_at, late.free_from)
    return options(promise, slots, now=now + LEAD, whom=counts)


def _for_all(
    late: LateFacts, party: Sequence[VisitFacts], practice: PracticeFacts, first: date, last: date, now: datetime
) -> list[_AllAtOnce]:
    """Where all of them could stand instead, with the same hands."""
    found = group_starts(question_to_move(party, practice, now=now, freely=True), first=first, last=last)
    mine = late.visit.therapist_slug
    return [_AllAtOnce(one.starts_at, one.local_start, mine, one.therapist_name, one.key) for one in found]


def _rows(**which: Any) -> Any:
    related = [f"visit__{name}" for name in RELATED]
    rows = LateVisit.objects.select_related("delay", "was_therapist", "visit", *related).filter(**which)
    return rows.order_by("was_starts_at", "id")


def _facts(row: Any) -> LateFacts:
    minutes = int((row.was_ends_at - row.was_starts_at).total_seconds()) // 60
    return LateFacts(
        id=row.pk,
        delay_id=row.delay_id,
        visit=visit_facts(row.visit),
        was=visit_words(row.was_local_start, minutes, row.visit.timezone),
        was_starts_at=row.was_starts_at,
        was_ends_at=row.was_ends_at,
        was_therapist=row.was_therapist.name,
        starts_at=row.starts_at,
        free_from=row.delay.free_from,
        answer=row.answer,
        answer_by=row.answer_by,
        sequence=row.sequence,
        stood_at=row.stood_at,
    )


def _delay(row: Any, parts: list[Any]) -> DelayFacts:
    return DelayFacts(
        id=row.pk,
        therapist_name=row.therapist.name,
        therapist_slug=row.therapist.slug,
        minutes=row.minutes,
        told_at=row.told_at,
        visits=tuple(_facts(one) for one in parts),
        undone_at=row.undone_at,
    )
