"""Writes of check-ins: the client's answers and what follows from them."""

from datetime import datetime, timedelta
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking import queries as booking
from unknot.booking.queries import VisitFacts
from unknot.db.locks import lock_all
from unknot.kernel import actors
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, NotFoundError
from unknot.outcomes import actions as outcomes
from unknot.outcomes import queries as ratings
from unknot.treatment import domain
from unknot.treatment.actions.follow_up import plan_check_in, tell
from unknot.treatment.models import CheckIn, Session
from unknot.treatment.policies import can_read_chart, is_client
from unknot.treatment.queries.check_ins import CheckInFacts, check_in_facts, earlier_answers, opens_at
from unknot.treatment.queries.desk import pain_before
from unknot.treatment.queries.history import history_of
from unknot.treatment.queries.limits import limits_of

WORDS_LENGTH = 2000


class NotDueError(ConflictError):
    """This check-in is not open yet. Nothing was stored; come back when we write to you."""

    code = "check-in-not-due"


def answer_check_in(
    *, by: Actor, check_in_id: UUID, answers: domain.CheckInAnswers, words: str = "", now: datetime
) -> CheckInFacts:
    """Stores the client's answers once, works out what they ask for and sees to it: ratings, a question after three
    days, a message to the therapist the same day, no next date until somebody has looked. `answers.hours_after` is set
    here, from the server's clock.

    Answering again changes nothing and gives the stored result, except that the warning-sign questions may be added
    once. Raises NotFoundError, NotDueError, CheckInInvalidError.
    """
    row = CheckIn.objects.select_for_update().filter(pk=check_in_id).first()
    if row is None or not is_client(by, row.client_id):
        raise NotFoundError
    if row.answered_at is not None:
        return _with_flags(row, answers, by=by, now=now)
    if opens_at(row.kind, row.due_at) > now:
        raise NotDueError
    visit = booking.visit(row.appointment_id, by=by)
    given = domain.answered_at(answers, hours_after=_hours_after(visit, now))
    stored = domain.answers_as_data(given, words.strip()[:WORDS_LENGTH])
    _conclude(row, visit, given, stored, by=by, now=now)
    for instrument, value, window in (("nprs", given.pain, "average_24h"), ("soreness", given.soreness, "")):
        if value is not None:
            outcomes.record_measure(
                by=by,
                client_id=row.client_id,
                instrument=instrument,
                value=value,
                window=window,
                context=row.kind,
                taken_at=now,
                appointment_id=row.appointment_id,
                now=now,
            )
    if row.kind == "day_after":
        _ask_again(visit, given, now=now)
    return check_in_facts(row)


def mark_seen(*, by: Actor, check_in_id: UUID, now: datetime) -> None:
    """A therapist has looked at an answered check-in. Twice is once. Raises NotFoundError."""
    if not can_read_chart(by):
        raise NotFoundError
    row = CheckIn.objects.filter(pk=check_in_id, answered_at__isnull=False).first()
    if row is None:
        raise NotFoundError
    if CheckIn.objects.filter(pk=row.pk, seen_by_therapist_at=None).update(seen_by_therapist_at=now):
        audit.record(
            by=by, verb="check_in.seen", subject="check_in", subject_id=row.pk, client_id=row.client_id, now=now
        )


def remind_check_in(*, by: Actor, check_in_id: UUID, now: datetime) -> bool:
    """Writes to the client that a check-in is due, if it is still open; True if a message was put into the outbox.

    For the system's job (and therapists). Raises NotFoundError for others.
    """
    if not can_read_chart(by):
        raise NotFoundError
    row = CheckIn.objects.filter(pk=check_in_id, answered_at=None).first()
    if row is None:
        return False
    visit = booking.visit(row.appointment_id, by=by)
    tell(visit, kind="check_in_due", key=f"check-in:{row.pk}", page=f"check-ins/{row.pk}", due_at=now)
    return True


def _with_flags(row: CheckIn, answers: domain.CheckInAnswers, *, by: Actor, now: datetime) -> CheckInFacts:
    before = check_in_facts(row)
    if before.answers is None or before.result is None:
        raise NotFoundError
    asked = set(before.result.red_flag_questions)
    flags = {name: answer for name, answer in answers.red_flags.items() if name in asked}
    if not flags:
        return before
    visit = booking.visit(row.appointment_id, by=by)
    given = domain.with_flags(before.answers, flags)
    _conclude(row, visit, given, domain.answers_as_data(given, before.words), by=by, now=now)
    return check_in_facts(row)


def _conclude(
    row: CheckIn,
    visit: VisitFacts,
    given: domain.CheckInAnswers,
    stored: dict[str, object],
    *,
    by: Actor,
    now: datetime,
) -> None:
    found = domain.escalate(given, _context(visit), earlier_answers(check_in_facts(row)))
    row.answers, row.result, row.escalation = stored, domain.escalation_as_data(found), found.level.slug
    row.answered_at = row.answered_at or now
    row.seen_by_therapist_at = None
    row.save(update_fields=["answers", "result", "escalation", "answered_at", "seen_by_therapist_at"])
    audit.record(
        by=by,
        verb="check_in.answered",
        subject="check_in",
        subject_id=row.pk,
        client_id=row.client_id,
        now=now,
        rules=found.rules_version,
    )
    if found.level >= domain.Level.WATCH:
        key = f"alert:{row.pk}:{found.level.slug}"
        tell(visit, kind="therapist_alert", key=key, page="desk", due_at=now)
    if found.hold_next_for_review:
        outcomes.hold_proposal(by=actors.system(visit.practice_id), client_id=row.client_id, now=now)


def _context(visit: VisitFacts) -> domain.CheckInContext:
    """What was known before. Read as the system: the client's answers may not depend on what the client may read."""
    if visit.client_id is None:
        raise NotFoundError
    reader = actors.system(visit.practice_id)
    history = history_of(visit, by=reader)
    return domain.CheckInContext(
        pain_before=pain_before(ratings.measures_of(visit.client_id), visit.id),
        on_blood_thinner=limits_of(visit, by=reader).on_blood_thinner,
        sore_over_48h_last_time=bool(history) and domain.sore_over_48h(history[-1].session),
    )


def _ask_again(visit: VisitFacts, given: domain.CheckInAnswers, *, now: datetime) -> None:
    ended_at = now - timedelta(hours=given.hours_after)
    for due in domain.schedule(ended_at, soreness_24h=given.soreness, weeks=0):
        if due.kind == "72h":
            lock_all("treatment", [visit.id])
            if not CheckIn.objects.filter(appointment_id=visit.id, kind="day_three").exists():
                plan_check_in(visit, "day_three", max(due.due_at, now))


def _hours_after(visit: VisitFacts, now: datetime) -> float:
    ended = Session.objects.filter(appointment_id=visit.id).values_list("ended_at", flat=True).first()
    return max(0.0, round((now - (ended or visit.ends_at)).total_seconds() / 3600, 2))


def follow_record(*, by: Actor, client_id: UUID, account_id: UUID, now: datetime) -> None:
    """A client's check-ins are from now on that account's to answer. For the system, else NotFoundError."""
    del now
    if not by.has(actors.SYSTEM):
        raise NotFoundError
    CheckIn.objects.filter(client_id=client_id).update(account_id=account_id)
