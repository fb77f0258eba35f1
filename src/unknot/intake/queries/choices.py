"""Reads of which style was really given, beside the guide's lean."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery

from unknot.intake.models import StyleChoice
from unknot.intake.policies import can_choose
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError


@dataclass(frozen=True)
class ChoiceFacts:
    """The style given at a visit, what the guide leaned to (empty without a guide), who said so and why."""

    choice: str
    lean: str
    reason: str
    by: str
    at: datetime


def choice_of(appointment_id: UUID) -> ChoiceFacts | None:
    """The newest choice of a visit, for rooms that checked access. One query."""
    row = StyleChoice.objects.select_related("by").filter(appointment_id=appointment_id).order_by("-at", "-id").first()
    return ChoiceFacts(row.choice, row.lean, row.reason or "", row.by.name or "", row.at) if row is not None else None


def lean_and_choice(*, by: Actor) -> list[tuple[str, str, int]]:
    """How often which lean met which choice, newest choice of each visit: (lean, choice, visits). For the practice's
    therapists, else NotFoundError. One query."""
    if not can_choose(by):
        raise NotFoundError
    of_visit = StyleChoice.objects.filter(appointment_id=OuterRef("appointment_id")).order_by("-at", "-id")
    newest = StyleChoice.objects.filter(pk=Subquery(of_visit.values("pk")[:1]))
    rows = newest.values_list("lean", "choice").annotate(n=Count("pk"))
    return [(lean, choice, n) for lean, choice, n in rows.order_by("lean", "choice")]
