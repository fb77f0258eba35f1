"""Writes of which style was really given at a visit."""

from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.intake import domain
from unknot.intake.models import Intake, StyleChoice
from unknot.intake.policies import can_choose
from unknot.intake.queries.answers import UnknownIntakeError
from unknot.kernel.actors import Actor

ChoiceError = domain.ChoiceError


def record_choice(
    *,
    by: Actor,
    appointment_id: UUID,
    client_id: UUID,
    intake_id: UUID | None,
    choice: str,
    reason: str = "",
    now: datetime,
) -> StyleChoice:
    """Keeps the style of a visit beside the lean of its intake, with the therapist's reason where they differ.

    For therapists; the caller checked that the visit is theirs and the client's. A correction is a new row. Raises
    `UnknownIntakeError`, the domain's `ChoiceError` naming the field.
    """
    if not can_choose(by) or by.account_id is None or by.practice_id is None:
        raise UnknownIntakeError
    found = Intake.objects.filter(pk=intake_id, client_id=client_id).first() if intake_id else None
    lean = (found.guide or {}).get("lean", "") if found else ""
    words = domain.check_choice(choice, reason, lean=lean)
    row: StyleChoice = StyleChoice.objects.create(
        practice_id=by.practice_id,
        appointment_id=appointment_id,
        client_id=client_id,
        lean=lean,
        guide_version=found.guide_version if found else "",
        choice=choice,
        reason=words or None,
        by_id=by.account_id,
        at=now,
    )
    audit.record(
        by=by, verb="style.chosen", subject="appointment", subject_id=appointment_id, client_id=client_id, now=now
    )
    return row
