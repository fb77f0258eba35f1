"""Writes of the plan: propose, change, agree. Each change is a new version; what was agreed to stays readable."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking.queries import VisitFacts
from unknot.db.locks import lock_all
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, InvalidError
from unknot.treatment import domain
from unknot.treatment.models import Plan, Session
from unknot.treatment.queries.history import history_of
from unknot.treatment.queries.limits import limits_of
from unknot.treatment.queries.plans import PlanFacts, latest, plan_of, request_of
from unknot.treatment.queries.visits import treated_visit

STEPS = {"longer": 1, "shorter": -1, "longer_5": 5, "shorter_5": -5}
"""Minutes by which a part changes with one press."""
EDITS = ("up", "down", *STEPS, "lighter", "firmer", "swap", "remove")


class PlanMovedOnError(ConflictError):
    """This plan was changed on another screen meanwhile. It is shown as it stands now; please look and try again."""

    code = "plan-moved-on"


class PlanInUseError(ConflictError):
    """The session has started, so its plan stays as it was agreed. Write what you did differently into the note."""

    code = "plan-in-use"


@dataclass(frozen=True)
class Edit:
    """One change to one part of a plan. `how` is one of `EDITS`; `technique` only for `swap`."""

    how: str
    key: str
    technique: str = ""


def propose_plan(*, by: Actor, appointment_id: UUID, now: datetime) -> PlanFacts:
    """Makes the plan anew from what is known now and stores it as the next version (1 if there is none).

    For the treating therapist, before the session. Raises NotFoundError, PlanInUseError, NothingToPlanError.
    """
    visit = _editable(appointment_id, by=by)
    request = _request(visit, by=by)
    return _store(visit, domain.build_plan(request), by=by, now=now)


def edit_plan(*, by: Actor, appointment_id: UUID, version: int, edit: Edit, now: datetime) -> PlanFacts:
    """Changes one part of the plan that was shown as `version` (0: the proposal nobody stored yet) and stores the
    result as a new version, not yet agreed.

    Raises NotFoundError, PlanInUseError, PlanMovedOnError, PlanRuleError (the plan was kept).
    """
    visit = _editable(appointment_id, by=by)
    current = plan_of(visit, _request(visit, by=by))
    if current.version != version:
        raise PlanMovedOnError
    changed = changed_plan(current.plan, edit)
    if current.version == 0:
        _store(visit, current.plan, by=by, now=now)
    return _store(visit, changed, by=by, now=now)


def agree_plan(*, by: Actor, appointment_id: UUID, version: int, now: datetime) -> PlanFacts:
    """Records that the client agreed to the plan as shown. Raises NotFoundError, PlanInUseError, PlanMovedOnError."""
    visit = _editable(appointment_id, by=by)
    current = plan_of(visit, _request(visit, by=by))
    if current.version != version:
        raise PlanMovedOnError
    if current.agreed_at is not None:
        return current
    if current.version == 0:
        current = _store(visit, current.plan, by=by, now=now)
    Plan.objects.filter(appointment_id=visit.id, version=current.version).update(agreed_at=now)
    audit.record(
        by=by,
        verb="plan.agreed",
        subject="appointment",
        subject_id=visit.id,
        client_id=visit.client_id,
        now=now,
        version=current.version,
    )
    return PlanFacts(current.version, current.plan, now, current.outdated)


def changed_plan(plan: domain.Plan, edit: Edit) -> domain.Plan:
    """The plan after one change. Raises PlanRuleError, InvalidError for an unknown change."""
    segment = plan.segment(edit.key)
    at = plan.segments.index(segment)
    low, high = segment.walton_min or 0, segment.walton_max or 0
    if edit.how == "up":
        return domain.move_segment(plan, edit.key, at - 1)
    if edit.how == "down":
        return domain.move_segment(plan, edit.key, at + 1)
    if edit.how in STEPS:
        return domain.lengthen(plan, edit.key, STEPS[edit.how])
    if edit.how == "lighter":
        return domain.set_pressure(plan, edit.key, min(low, max(high - 1, 0)), max(high - 1, 0))
    if edit.how == "firmer":
        return domain.set_pressure(plan, edit.key, low, high + 1)
    if edit.how == "swap":
        return domain.swap_technique(plan, edit.key, edit.technique)
    if edit.how == "remove":
        return domain.remove(plan, edit.key)
    raise InvalidError("There is no such change to a plan. The plan was kept as it was.", field="how")


def _editable(appointment_id: UUID, *, by: Actor) -> VisitFacts:
    visit = treated_visit(appointment_id, by=by)
    lock_all("treatment", [appointment_id])
    if Session.objects.filter(appointment_id=appointment_id).exists():
        raise PlanInUseError
    return visit


def _request(visit: VisitFacts, *, by: Actor) -> domain.PlanRequest:
    return request_of(visit, limits_of(visit, by=by), history_of(visit, by=by))


def _store(visit: VisitFacts, plan: domain.Plan, *, by: Actor, now: datetime) -> PlanFacts:
    before = latest(visit)
    row = Plan.objects.create(
        practice_id=visit.practice_id,
        appointment_id=visit.id,
        version=before.version + 1 if before else 1,
        content=domain.plan_as_data(plan),
        rules_version=plan.rules_version,
        made_by_id=by.account_id,
        made_at=now,
    )
    audit.record(
        by=by,
        verb="plan.made",
        subject="appointment",
        subject_id=visit.id,
        client_id=visit.client_id,
        now=now,
        version=row.version,
    )
    return PlanFacts(row.version, plan, None)
