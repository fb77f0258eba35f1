"""The comfort channel: taps in, each once; the therapist's answers to them."""

from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.treatment import domain
from unknot.treatment.models import ComfortEvent, Session
from unknot.treatment.queries.sessions import TapFacts, session_by_id, tap_facts
from unknot.treatment.queries.visits import treated_visit
from unknot.treatment.queries.workspace import can_tap


class SessionOverError(ConflictError):
    """This session is over, so this was not passed on. Please say it aloud."""

    code = "session-over"


class BadTapError(InvalidError):
    """This signal could not be read. Nothing was passed on; please say it aloud."""

    code = "bad-tap"


def tap(
    *,
    by: Actor,
    session_id: UUID,
    tap_id: UUID,
    signal: str,
    tapped_at: datetime | None = None,
    sent_at: datetime | None = None,
    joined: UUID | None = None,
    now: datetime,
) -> TapFacts:
    """Stores one tap of the client while the session runs; the same `tap_id` again changes nothing, answers the same.

    `tapped_at` and `sent_at` are the phone's clock at the press and at the sending, never trusted: only how far they
    lie apart says how long the tap waited for a line. What was pressed while the session ran is kept after its end too.
    `joined` is the session this browser came into by code.
    Raises NotFoundError, BadTapError, SessionOverError (for a tap that was pressed after the end).
    """
    if not can_tap(session_id, by=by, joined=joined):
        raise NotFoundError
    if signal not in {one.value for one in domain.Signal}:
        raise BadTapError(field="signal")
    # The lock on the session lets taps commit in the order of their numbers: a stream that has sent number n has missed
    # none before it. It also settles whether a tap or the end came first.
    session = Session.objects.select_for_update(no_key=True, of=("self",)).get(pk=session_id)
    known = ComfortEvent.objects.filter(session_id=session_id, tap_id=tap_id).first()
    if known is None:
        at = domain.happened_at(device_at=tapped_at, sent_at=sent_at, received_at=now, not_before=session.started_at)
        if session.ended_at is not None and at >= session.ended_at:
            raise SessionOverError
        known = ComfortEvent.objects.create(
            practice_id=session.practice_id,
            session_id=session_id,
            tap_id=tap_id,
            signal=signal,
            tapped_at=tapped_at,
            received_at=now,
            happened_at=at if now - at >= domain.LIVE else None,
        )
    return tap_facts(known, ended_at=session.ended_at)


def acknowledge(*, by: Actor, session_id: UUID, seq: int, now: datetime) -> None:
    """The treating therapist has seen tap number `seq` and acted. What that covers is the domain's rule: an answer to a
    stop covers everything before it, any other answer never covers a stop. Twice is once. Raises NotFoundError."""
    session = session_by_id(session_id)
    visit = treated_visit(session.appointment_id, by=by)
    row = ComfortEvent.objects.filter(session_id=session_id, pk=seq).first()
    if row is None:
        raise NotFoundError
    if row.acknowledged_at is None:
        at = max(now, row.happened_at or row.received_at)  # a screen without a line answers by its own reckoning
        ComfortEvent.objects.filter(pk=row.pk, acknowledged_at=None).update(acknowledged_at=at)
        audit.record(
            by=by,
            verb="comfort.acknowledged",
            subject="session",
            subject_id=session_id,
            client_id=visit.client_id,
            now=now,
            seq=seq,
        )
