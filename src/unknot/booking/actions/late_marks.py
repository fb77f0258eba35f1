"""What any other write does to an open answer: whoever moves, cancels or begins a visit has answered for its client."""

from datetime import datetime

from unknot.booking.models import Appointment, LateVisit
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError


class StaleAnswerError(ConflictError):
    """The diary has changed since these choices were shown. Nothing was changed; here is what is possible now."""

    code = "stale-answer"


def settle_late(row: Appointment, answer: str, *, by: Actor, now: datetime) -> None:
    """Closes the open answer of a visit (locked), if there is one."""
    LateVisit.objects.filter(visit_id=row.pk, answer="").update(
        answer=answer, answered_at=now, answered_by=by.account_id
    )


def check_sequence(row: Appointment, sequence: int | None) -> None:
    """Raises StaleAnswerError if the visit (locked) is not the one that the choices were made for."""
    if sequence is not None and row.sequence != sequence:
        raise StaleAnswerError
