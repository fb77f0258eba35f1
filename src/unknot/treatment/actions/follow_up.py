"""What follows a session: the aftercare sheet, the check-ins and the messages that lead to them."""

from datetime import datetime, timedelta
from uuid import UUID

from unknot.booking.queries import VisitFacts
from unknot.jobs import queue
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.notifications import actions as notifications
from unknot.outcomes import actions as outcomes
from unknot.practice import queries as practices
from unknot.treatment import domain
from unknot.treatment.models import Aftercare, CheckIn
from unknot.treatment.queries.history import history_of

KINDS = {"24h": "day_after", "72h": "day_three", "weekly": "weekly"}
SHEET_AFTER = timedelta(minutes=20)


def follow_up(
    visit: VisitFacts, done: tuple[domain.SegmentDone, ...], *, ended_at: datetime, by: Actor, now: datetime
) -> None:
    """Stores the sheet for what was `done` (again, if it was corrected) and plans the check-ins once.

    Weekly questions of earlier visits that nobody answered yet give way: one weekly question at a time is enough.
    """
    sheet = domain.assemble(done, first_visit=not history_of(visit, by=by))
    row = Aftercare.objects.filter(appointment_id=visit.id).first()
    if row is None:
        Aftercare.objects.create(
            practice_id=visit.practice_id,
            appointment_id=visit.id,
            content=domain.sheet_as_data(sheet),
            rules_version=sheet.rules_version,
            made_at=now,
        )
        tell(visit, kind="aftercare_ready", key=f"aftercare:{visit.id}", page="aftercare", due_at=now + SHEET_AFTER)
    elif row.content != domain.sheet_as_data(sheet):
        row.content, row.rules_version, row.made_at = domain.sheet_as_data(sheet), sheet.rules_version, now
        row.save(update_fields=["content", "rules_version", "made_at"])
    if CheckIn.objects.filter(appointment_id=visit.id).exists():
        return
    CheckIn.objects.filter(client_id=visit.client_id, kind="weekly", answered_at=None).exclude(
        appointment_id=visit.id
    ).delete()
    for due in domain.schedule(ended_at):
        plan_check_in(visit, KINDS[due.kind], due.due_at)


def plan_check_in(visit: VisitFacts, kind: str, due_at: datetime) -> UUID:
    """Stores a check-in and the job that reminds of it when it is due; the same one again is one. Returns its id."""
    row, made = CheckIn.objects.get_or_create(
        practice_id=visit.practice_id,
        appointment_id=visit.id,
        kind=kind,
        due_at=due_at,
        defaults={
            "client_id": visit.client_id,
            "account_id": visit.account_id,
            "therapist_id": visit.therapist_id,
        },
    )
    if made:
        queue.enqueue("treatment.check_in_due", practice_id=visit.practice_id, at=due_at, check_in_id=str(row.pk))
    return UUID(str(row.pk))


def tell(visit: VisitFacts, *, kind: str, key: str, page: str, due_at: datetime) -> None:
    """Puts a message about a visit into the outbox: to its client, or for `therapist_alert` to the one who treats.

    `page`: `aftercare`, `check-ins/<id>`, `desk` (the check-ins) or `visit` (the opened visit). Only practice, time and
    address are said.
    """
    practice = practices.practice(visit.practice_id)
    own = f"/p/{practice.slug}/my/"
    path = {
        "aftercare": f"{own}visits/{visit.id}/aftercare/",
        "desk": f"/p/{practice.slug}/desk/check-ins/",
        "visit": f"/p/{practice.slug}/desk/visits/{visit.id}/",
    }.get(page, f"{own}{page}/")
    to_staff = kind == "therapist_alert"
    notifications.schedule(
        practice_id=visit.practice_id,
        key=key,
        kind=kind,
        due_at=due_at,
        account_id=visit.practitioner_id if to_staff else visit.account_id,
        client_id=None if to_staff else visit.client_id,
        appointment_id=visit.id,
        facts=notifications.visit_facts(
            practice_name=practice.name, path=path, starts_at=visit.starts_at, zone=visit.timezone
        ),
    )


def rate(visit: VisitFacts, pain: int, *, context: str, by: Actor, taken_at: datetime, now: datetime) -> None:
    """Writes down the client's pain now (0-10) at a session's start (`before`) or end (`in_room`).

    Raises NotFoundError and the scale's own refusals.
    """
    if visit.client_id is None:
        raise NotFoundError
    outcomes.record_measure(
        by=by,
        client_id=visit.client_id,
        instrument="nprs",
        value=pain,
        window="now",
        context=context,
        taken_at=taken_at,
        appointment_id=visit.id,
        now=now,
    )
