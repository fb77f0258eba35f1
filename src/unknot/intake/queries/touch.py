"""Reads of how somebody wishes to be touched."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.intake import domain
from unknot.intake.models import TouchWishes
from unknot.intake.policies import can_read_intake
from unknot.intake.queries.answers import UnknownIntakeError
from unknot.kernel.actors import Actor

wish_lines = domain.wish_lines
"""The wishes as lines for the therapist; a pure function of the domain."""


def newest_wishes(client_id: UUID, *, at: datetime | None = None) -> domain.TouchWishes:
    """A client's wishes as they stand, or stood at a moment; the usual ones if they never said. For rooms that checked
    access before. One query."""
    rows = TouchWishes.objects.filter(client_id=client_id)
    if at is not None:
        rows = rows.filter(at__lte=at)
    row = rows.order_by("-at", "-id").first()
    return domain.read_wishes(row.content) if row is not None else domain.TouchWishes()


def touch_wishes(client_id: UUID, *, by: Actor) -> domain.TouchWishes:
    """A client's wishes, for the client and the therapists; the reading is recorded. Raises `UnknownIntakeError`."""
    if not can_read_intake(by, client_id):
        raise UnknownIntakeError
    audit.record(by=by, verb="touch.read", subject="client", subject_id=client_id, client_id=client_id)
    return newest_wishes(client_id)


def with_wishes(client_ids: Collection[UUID]) -> set[UUID]:
    """Which of these clients ever said how they wish to be touched; not what. For lists of therapists. One query."""
    if not client_ids:
        return set()
    return set(TouchWishes.objects.filter(client_id__in=client_ids).values_list("client_id", flat=True).distinct())
