"""What earlier sessions of a client left behind."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from unknot.booking import queries as booking
from unknot.booking.queries import VisitFacts
from unknot.kernel.actors import Actor
from unknot.treatment import domain
from unknot.treatment.models import Note, SegmentDone, Session
from unknot.treatment.queries.check_ins import CheckInFacts, answered_by_visit, check_ins_of_client

REMEMBERED = 8


@dataclass(frozen=True)
class PastVisit:
    """An earlier visit with what was noted and answered. `note` is None if nobody wrote one."""

    visit: VisitFacts
    session: domain.PastSession
    note: domain.SoapNote | None
    check_ins: tuple[CheckInFacts, ...]

    @property
    def reaction(self) -> str:
        """How the client was afterwards."""
        return domain.reaction_to(self.session)

    @property
    def is_held(self) -> bool:
        """True if an answer asked for a look before the next visit and nobody marked it as seen."""
        return any(c.result and c.result.hold_next_for_review and c.seen_at is None for c in self.check_ins)


def history_of(visit: VisitFacts, *, by: Actor) -> tuple[PastVisit, ...]:
    """The client's last eight completed visits before this one, oldest first, for callers that checked the reader and
    record the read. A constant number of queries."""
    if visit.client_id is None:
        return ()
    earlier = [
        one
        for one in booking.visits_of(visit.client_id, by=by)
        if one.state == "completed" and one.id != visit.id and one.starts_at < visit.starts_at
    ]
    earlier = sorted(earlier, key=lambda one: one.starts_at)[-REMEMBERED:]
    if not earlier:
        return ()
    ids = [one.id for one in earlier]
    notes = {row.appointment_id: domain.from_data(row.content) for row in Note.objects.filter(appointment_id__in=ids)}
    done = _done_without_note(set(ids) - set(notes))
    answered = answered_by_visit(check_ins_of_client(visit.client_id))
    return tuple(_past(one, notes.get(one.id), done.get(one.id, ()), answered.get(one.id, [])) for one in earlier)


def _past(
    visit: VisitFacts,
    note: domain.SoapNote | None,
    done: tuple[domain.SegmentDone, ...],
    check_ins: list[CheckInFacts],
) -> PastVisit:
    parts = [part for part in (note.objective.done if note else done) if part.minutes and part.walton and part.region]
    level = max((part.walton or 0 for part in parts), default=None)
    session = domain.PastSession(
        level=level,
        regions=frozenset(part.region for part in parts if part.region and part.phase == "focus"),
        answers=tuple(one.answers for one in check_ins if one.answers),
        rows=frozenset(row for one in check_ins if one.result for row in one.result.rows),
    )
    return PastVisit(visit, session, note, tuple(check_ins))


def _done_without_note(ids: set[UUID]) -> dict[UUID, tuple[domain.SegmentDone, ...]]:
    if not ids:
        return {}
    sessions = list(Session.objects.select_related("plan").filter(appointment_id__in=ids, ended_at__isnull=False))
    spans: dict[UUID, list[domain.SegmentSpan]] = {}
    for row in SegmentDone.objects.filter(session_id__in=[one.pk for one in sessions]).order_by("started_at", "id"):
        spans.setdefault(row.session_id, []).append(domain.SegmentSpan(row.key, row.started_at, row.ended_at))
    return {one.appointment_id: _done(one, spans.get(one.pk, []), one.ended_at) for one in sessions}


def _done(row: Session, spans: list[domain.SegmentSpan], ended_at: datetime) -> tuple[domain.SegmentDone, ...]:
    return domain.done_from(domain.plan_from_data(row.plan.content), spans, ended_at)
