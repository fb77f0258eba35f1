"""Running late: what the plan said to whom, what they answered, and what they can still choose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from unknot.booking.domain.late_options import Option, Promise, options
from unknot.booking.domain.lifecycle import State
from unknot.booking.domain.wording import VisitWords, visit_words
from unknot.booking.models import Delay, LateVisit
from unknot.booking.policies import can_see_visit, is_desk
from unknot.booking.queries.again import question_of
from unknot.booking.queries.board import load
from unknot.booking.queries.facts import RELATED, VisitFacts, visit_facts
from unknot.booking.queries.groups import comes_with_others
from unknot.booking.queries.slots import candidates, slot_of
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice import queries as practices

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
    """One visit's part in a delay, for its client and for staff, else NotFoundError. One query."""
    row = _rows(pk=late_id).first()
    if row is None or not can_see_visit(by, client_id=row.visit.client_id, account_id=row.visit.account_id):
        raise NotFoundError
    return _facts(row)


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
    question = question_of(
        visit,
        practice,
        first=today,
        last=today + timedelta(days=DAYS_AHEAD),
        now=now,
        therapist_slug=None,
        freely=True,
    )
    together = comes_with_others(visit.id)  # whoever comes with others is not moved away from them
    slots = [] if together else [slot_of(question, one) for one in candidates(load(question))]
    promise = Promise(late.was_starts_at, late.was_ends_at, visit.therapist_slug, late.starts_at, late.free_from)
    return options(promise, slots, now=now + LEAD)


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
