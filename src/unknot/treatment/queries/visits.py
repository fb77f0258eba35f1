"""The visit behind every page of the room, with its door check. A stranger's visit and a made-up one read the same."""

from uuid import UUID

from unknot.booking import queries as booking
from unknot.booking.queries import VisitFacts
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.treatment.policies import can_read_chart, can_treat, is_client


def chart_visit(appointment_id: UUID, *, by: Actor) -> VisitFacts:
    """A visit whose chart `by` may read: any therapist of the practice. Raises NotFoundError."""
    if not can_read_chart(by):
        raise NotFoundError
    visit = booking.visit(appointment_id, by=by)
    if visit.client_id is None:
        raise NotFoundError
    return visit


def treated_visit(appointment_id: UUID, *, by: Actor) -> VisitFacts:
    """A visit that `by` treats. Raises NotFoundError, also for colleagues."""
    visit = chart_visit(appointment_id, by=by)
    if not can_treat(by, visit.therapist_id):
        raise NotFoundError
    return visit


def client_visit(appointment_id: UUID, *, by: Actor) -> VisitFacts:
    """The client's own visit. Raises NotFoundError."""
    visit = booking.visit(appointment_id, by=by)
    if not is_client(by, visit.client_id):
        raise NotFoundError
    return visit
