"""A no in the middle of a session: heard at once, on the therapist's screen at once, out of the plan at once."""

from datetime import datetime
from uuid import UUID, uuid5

from unknot.booking import queries as booking
from unknot.intake import actions as intake
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.treatment.actions.follow_up import tell
from unknot.treatment.actions.sessions import open_part
from unknot.treatment.models import ComfortEvent, SegmentDone, Session
from unknot.treatment.queries.sessions import session_by_id
from unknot.treatment.queries.visits import treated_visit
from unknot.treatment.queries.workspace import can_tap


def take_back(
    *, by: Actor, session_id: UUID, region: str = "", joined: UUID | None = None, treated: bool = False, now: datetime
) -> int:
    """Takes back the consents for private places of a running session's visit, or those that name `region`.

    By the client, by the phone that `joined`, or (`treated`) by the treating therapist who was told. Returns how many
    consents ended; none is fine. Raises NotFoundError.
    """
    session = Session.objects.select_related("appointment").filter(pk=session_id).first()
    if session is None or session.appointment.client_id is None:
        raise NotFoundError
    if treated:
        treated_visit(session.appointment_id, by=by)
    elif not can_tap(session_id, by=by, joined=joined):
        raise NotFoundError
    ended = intake.withdraw_in_the_room(
        by=system(session.practice_id) if joined == session_id else by,
        client_id=session.appointment.client_id,
        appointment_id=session.appointment_id,
        region=region,
        now=now,
    )
    return len(ended)


def heed(*, by: Actor, appointment_id: UUID, cause: UUID, now: datetime) -> None:
    """Something was taken back. A running session of the visit shows a stop (once for each `cause`), and leaves the
    part under way if it is on a place that closed. Without a running session nothing happens; nothing is raised."""
    running = Session.objects.select_for_update(no_key=True, of=("self",)).filter(
        appointment_id=appointment_id, ended_at=None
    )
    row = running.first()
    if row is None:
        return
    ComfortEvent.objects.get_or_create(
        session_id=row.pk,
        tap_id=uuid5(row.pk, f"taken back:{cause}"),
        defaults={"practice_id": row.practice_id, "signal": "stop", "received_at": now},
    )
    session = session_by_id(row.pk)
    under_way = next((one for one in session.plan.segments if one.key == session.part), None)
    if under_way is None or under_way.region not in session.dropped:
        return
    SegmentDone.objects.filter(session_id=row.pk, ended_at=None).update(ended_at=now)
    at = session.plan.segments.index(under_way)
    following = next((one for one in session.plan.segments[at + 1 :] if one.region not in session.dropped), None)
    if following is not None:
        open_part(row.practice_id, row.pk, session.plan, following.key, now)


def warn_of_answers(*, by: Actor, client_id: UUID, cause: UUID, now: datetime) -> int:
    """Tells the therapists of a client's coming visits, before anybody sets out, that new answers ask to wait: one
    message for each visit and set of answers (`cause`), which says nothing but that something needs a look. Returns how
    many visits that were."""
    coming = [one for one in booking.visits_of(client_id, by=by) if one.is_upcoming and one.ends_at > now]
    for visit in coming:
        tell(visit, kind="therapist_alert", key=f"answers:{cause}:{visit.id}", page="visit", due_at=now)
    return len(coming)
