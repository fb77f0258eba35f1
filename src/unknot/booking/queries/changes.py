"""Late wishes for another time: what waits for the practice's answer, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from unknot.booking.domain.wording import moment_words
from unknot.booking.models import Change, Group, GroupVisit
from unknot.booking.policies import can_see_visit, is_desk
from unknot.booking.queries.facts import RELATED, VisitFacts, visit_facts
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.money import Money

WAITING = "waiting"


@dataclass(frozen=True)
class ChangeFacts:
    """A visit that keeps its time and the new one, `then`, kept for it. `id` is None as long as it is only shown.

    `state`: waiting, accepted, declined, withdrawn or expired. `fee_floor`: what cancelling costs at least once the
    change is accepted. `together`: the wish is that of several who come at once, and is answered for all of them.
    """

    id: UUID | None
    state: str
    visit: VisitFacts
    then: VisitFacts
    asked_at: datetime
    answer_by: datetime
    fee_floor: Money
    together: bool = False

    @property
    def until(self) -> str:
        """The deadline in words."""
        return moment_words(self.answer_by, self.visit.timezone)


def change_of(visit_id: UUID, *, by: Actor) -> ChangeFacts | None:
    """The latest wish for another time of a visit, or None. For its client and staff, else NotFoundError. One query."""
    row = _rows(visit_id=visit_id).order_by("-asked_at", "-id").first()
    if row is None:
        return None
    if not can_see_visit(by, client_id=row.visit.client_id, account_id=row.visit.account_id):
        raise NotFoundError
    return change_facts(row)


def change_of_group(group_id: UUID, *, by: Actor) -> ChangeFacts | None:
    """The wish for another time that several who come at once wait for an answer to, or None. For who booked them all
    and for staff, else NotFoundError: not every visit in it is theirs to ask about. Two queries.
    """
    row = Group.objects.filter(pk=group_id).first()
    if row is None or not (is_desk(by) or (by.account_id is not None and row.account_id == by.account_id)):
        raise NotFoundError
    parts = GroupVisit.objects.filter(group_id=group_id).values("appointment_id")
    first = _rows(state=WAITING, wish__isnull=False, visit__in=parts).order_by("id").first()
    return change_facts(first) if first is not None else None


def changes(*, by: Actor, now: datetime) -> list[ChangeFacts]:
    """Wishes that still wait for the practice's answer, by deadline; of several who come at once, the first one's
    stands for all. For staff, else NotFoundError. One query.
    """
    if not is_desk(by):
        raise NotFoundError
    first: dict[UUID, Any] = {}
    for row in _rows(state=WAITING, answer_by__gt=now).order_by("answer_by", "id"):
        first.setdefault(row.wish or row.pk, row)
    return [change_facts(row) for row in first.values()]


def waiting_on(visit_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the visits whose change waits. One query."""
    rows = Change.objects.filter(Q(visit_id__in=list(visit_ids)), state=WAITING)
    return set(rows.values_list("visit_id", flat=True))


def change_facts(row: Any) -> ChangeFacts:
    """The facts of a row loaded by this module."""
    then = visit_facts(row.hold)
    return ChangeFacts(
        id=row.pk,
        state=row.state,
        visit=visit_facts(row.visit),
        then=then,
        asked_at=row.asked_at,
        answer_by=row.answer_by,
        fee_floor=Money(row.fee_floor_minor, row.hold.currency),
        together=row.wish is not None,
    )


def _rows(**which: Any) -> Any:
    related = [f"{side}__{name}" for side in ("visit", "hold") for name in RELATED]
    return Change.objects.select_related("visit", "hold", *related).filter(**which)
