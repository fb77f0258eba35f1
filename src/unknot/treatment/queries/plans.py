"""The plan of a visit: as stored, or as it would be proposed now."""

from dataclasses import dataclass
from datetime import datetime

from unknot.booking.queries import VisitFacts
from unknot.treatment import domain
from unknot.treatment.models import Plan
from unknot.treatment.queries.history import PastVisit
from unknot.treatment.queries.limits import Limits


@dataclass(frozen=True)
class PlanFacts:
    """A plan of a visit. `version` 0 is a proposal that is not stored yet; `outdated` names what got stricter since."""

    version: int
    plan: domain.Plan
    agreed_at: datetime | None
    outdated: tuple[str, ...] = ()


def request_of(visit: VisitFacts, limits: Limits, history: tuple[PastVisit, ...]) -> domain.PlanRequest:
    """The request for a visit's plan from what is known now."""
    basis = domain.PlanBasis(
        minutes=visit.minutes,
        service_kind=visit.service.kind,
        lean=limits.lean,
        marked=limits.marked,
        caps=limits.caps,
        avoid=limits.avoid,
        removed=limits.removed,
        positions=limits.positions,
        consented=limits.consented,
        history=tuple(one.session for one in history),
    )
    return domain.request_for(basis)


def plan_of(visit: VisitFacts, request: domain.PlanRequest) -> PlanFacts:
    """The latest stored plan, else a proposal from `request`, for callers that checked the reader.

    Raises NothingToPlanError if the precautions leave nothing to work on.
    """
    row = latest(visit)
    if row is None:
        return PlanFacts(0, domain.build_plan(request), None)
    plan = domain.plan_from_data(row.content)
    return PlanFacts(row.version, plan, row.agreed_at, domain.stricter_in(request, plan.request))


def latest(visit: VisitFacts) -> Plan | None:
    """The row of the newest version, or None."""
    found: Plan | None = Plan.objects.filter(appointment_id=visit.id).order_by("-version").first()
    return found
