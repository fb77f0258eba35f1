"""The chart of one made-up visit: plan, session, signals, note, sheet, check-ins; made by the domain, so it renders."""

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model

from unknot.booking.models import Appointment
from unknot.config.demo_data.stories import Story
from unknot.intake.models import Intake
from unknot.kernel.ids import digest, new_id
from unknot.people.models import Client
from unknot.treatment import domain
from unknot.treatment.models import Aftercare, CheckIn, ComfortEvent, Note, Plan, SegmentDone, Session
from unknot.treatment.queries.sessions import join_code


@dataclass
class Rows:
    """Rows of every table, written together: one statement per table."""

    waiting: dict[type[Model], list[Any]] = field(default_factory=lambda: defaultdict(list))

    def add(self, row: Any) -> Any:
        """Keeps a row for `save`."""
        self.waiting[type(row)].append(row)
        return row

    def save(self) -> None:
        """Writes everything in the order in which tables were first used."""
        for model, rows in self.waiting.items():
            model.objects.bulk_create(rows, batch_size=500)  # type: ignore[attr-defined]
        self.waiting.clear()


@dataclass
class Course:
    """What earlier visits of a client left behind, for the next plan and check-in."""

    history: list[domain.PastSession] = field(default_factory=list)
    sore_last: bool = False


@dataclass(frozen=True)
class Told:
    """How the client was: pain before (past 24 h) and right after, soreness on the day after and on day three."""

    before: int
    after: int
    sore: tuple[int, int]


def write_visit(
    rows: Rows, visit: Appointment, *, intake: Intake, story: Story, course: Course, told: Told, rng: random.Random,
    now: datetime, last: bool, draft: bool,
) -> domain.SoapNote:  # fmt: skip
    """Adds everything that a completed visit leaves. `last`: its answers are unseen; `draft`: its note is open."""
    plan = domain.build_plan(_request(visit, intake, course))
    made = rows.add(
        Plan(
            id=new_id(),
            practice_id=visit.practice_id,
            appointment=visit,
            content=domain.plan_as_data(plan),
            rules_version=plan.rules_version,
            made_by_id=visit.practitioner_id,
            made_at=visit.starts_at - timedelta(minutes=8),
            agreed_at=visit.starts_at - timedelta(minutes=2),
        )
    )
    session, spans = _session(rows, visit, made, plan)
    comfort = _comfort(rows, session, spans, story, visit, rng)
    done = domain.done_from(plan, spans, visit.ends_at)
    note = _note(plan, done, comfort, story, intake, told)
    _store_note(rows, visit, note, draft=draft)
    sheet = domain.assemble(done, first_visit=not course.history)
    rows.add(
        Aftercare(
            id=new_id(),
            practice_id=visit.practice_id,
            appointment=visit,
            content=domain.sheet_as_data(sheet),
            rules_version=sheet.rules_version,
            made_at=visit.ends_at,
        )
    )
    answers = _check_ins(rows, visit, course, told, now=now, last=last)
    level = max((part.walton or 0 for part in done), default=None)
    found = [domain.escalate(one) for one in answers]
    focus = frozenset(part.region for part in done if part.region and part.phase == "focus")
    fired = frozenset(row for one in found for row in one.rows)
    course.history.append(domain.PastSession(level, focus, tuple(answers), fired))
    course.sore_last = told.sore[1] >= 3
    return note


def client_of(visit: Appointment) -> Client:
    """The client of a visit that has one."""
    if visit.client is None:
        raise ValueError("this visit has no client")
    return visit.client


def _request(visit: Appointment, intake: Intake, course: Course) -> domain.PlanRequest:
    screening, guide = intake.screening or {}, intake.guide or {}
    places = intake.answers["answers"].get("regions", [])
    return domain.request_for(
        domain.PlanBasis(
            minutes=visit.service.minutes,
            service_kind=visit.service.kind,
            lean=guide.get("lean", "undecided"),
            marked=tuple(
                domain.MarkedRegion(one["region"], one.get("laterality") or "midline", one.get("intensity"))
                for one in places
            ),
            caps=dict(screening.get("caps", {})),
            avoid=frozenset(screening.get("avoid", ())),
            removed=frozenset(screening.get("removed_techniques", ())),
            positions=frozenset(screening.get("positions", ())),
            history=tuple(course.history[-8:]),
        )
    )


def _session(
    rows: Rows, visit: Appointment, made: Plan, plan: domain.Plan
) -> tuple[Session, tuple[domain.SegmentSpan, ...]]:
    session_id = new_id()
    session = rows.add(
        Session(
            id=session_id,
            practice_id=visit.practice_id,
            appointment=visit,
            plan=made,
            join_hash=digest(join_code(session_id)),
            started_at=visit.starts_at,
            ended_at=visit.ends_at,
            ended_by="plan",
        )
    )
    spans, at = [], visit.starts_at
    for segment in plan.segments:
        until = min(at + timedelta(minutes=segment.minutes), visit.ends_at)
        rows.add(
            SegmentDone(
                id=new_id(),
                practice_id=visit.practice_id,
                session=session,
                key=segment.key,
                content={"walton": segment.walton_max},
                started_at=at,
                ended_at=until,
            )
        )
        spans.append(domain.SegmentSpan(segment.key, at, until, segment.region))
        at = until
    return session, tuple(spans)


def _comfort(
    rows: Rows, session: Session, spans: tuple[domain.SegmentSpan, ...], story: Story, visit: Appointment,
    rng: random.Random,
) -> domain.ComfortState | None:  # fmt: skip
    wishes = ["lighter", "lighter"] if story.soreness[1][0] > 3 and visit.service.kind == "deep_tissue" else []
    wishes = wishes or rng.choice([[], ["same"], ["deeper"], ["lighter", "same"]])
    events, seen = [], []
    for number, wish in enumerate(wishes, start=1):
        at = visit.starts_at + timedelta(minutes=12 + 14 * number, seconds=rng.randrange(50))
        tap_id, met = new_id(), at + timedelta(seconds=rng.randrange(3, 11))
        rows.add(
            ComfortEvent(
                practice_id=visit.practice_id,
                session=session,
                tap_id=tap_id,
                signal=wish,
                tapped_at=at,
                received_at=at,
                acknowledged_at=met,
            )
        )
        events.append(domain.ComfortEvent(str(tap_id), domain.Signal(wish), at, at, number))
        seen.append(domain.Acknowledgement(str(tap_id), met))
    return domain.comfort_state(events, spans, seen) if events else None


def _note(
    plan: domain.Plan, done: tuple[domain.SegmentDone, ...], comfort: domain.ComfortState | None, story: Story,
    intake: Intake, told: Told,
) -> domain.SoapNote:  # fmt: skip
    lines = dict.fromkeys(one["text"] for one in (intake.screening or {}).get("precautions", ()))
    draft = domain.prefill(plan, done, comfort, story.goals, tuple(lines))
    findings = tuple(
        replace(one, tension="moderate", tenderness=min(told.before, 6), tenderness_after=max(told.after - 1, 0))
        for one in draft.objective.findings
    )
    return replace(
        draft,
        subjective=replace(draft.subjective, words=story.words, pain=told.before, pain_window="average_24h"),
        objective=replace(draft.objective, findings=findings),
        assessment=replace(draft.assessment, response=story.response, text="As planned; no adverse event."),
        plan=domain.NotePlan(text="Continue with the goal in view.", home_care=story.home_care),
    )


def _store_note(rows: Rows, visit: Appointment, note: domain.SoapNote, *, draft: bool) -> None:
    signed_at = None if draft else visit.ends_at + timedelta(minutes=11)
    rows.add(
        Note(
            id=new_id(),
            practice_id=visit.practice_id,
            appointment=visit,
            client=client_of(visit),
            author_id=visit.practitioner_id,
            content=domain.as_data(note),
            version=1 if draft else 2,
            saved_at=signed_at or visit.ends_at,
            signed_at=signed_at,
            content_hash="" if draft else domain.content_hash(note),
        )
    )


def _check_ins(
    rows: Rows, visit: Appointment, course: Course, told: Told, *, now: datetime, last: bool
) -> list[domain.CheckInAnswers]:
    """The questions after a visit. Those not due by `now` stay open; a last visit's answers are unseen."""
    known = domain.CheckInContext(pain_before=told.before, sore_over_48h_last_time=course.sore_last)
    answers: list[domain.CheckInAnswers] = []
    for due in domain.schedule(visit.ends_at, soreness_24h=told.sore[0], weeks=4 if last else 0):
        kind = {"24h": "day_after", "72h": "day_three"}.get(due.kind, "weekly")
        answered_at = due.due_at + timedelta(hours=2, minutes=10)
        row = rows.add(
            CheckIn(
                id=new_id(),
                practice_id=visit.practice_id,
                appointment=visit,
                client=client_of(visit),
                account_id=visit.account_id,
                therapist_id=visit.therapist_id,
                kind=kind,
                due_at=due.due_at,
            )
        )
        if kind == "weekly" or answered_at > now:
            continue
        hours = (answered_at - visit.ends_at).total_seconds() / 3600
        given = domain.CheckInAnswers(
            hours_after=hours, soreness=told.sore[0 if kind == "day_after" else 1], pain=told.after
        )
        found = domain.escalate(given, known, answers)
        row.answers, row.result = domain.answers_as_data(given), domain.escalation_as_data(found)
        row.answered_at, row.escalation = answered_at, found.level.slug
        row.seen_by_therapist_at = None if last else answered_at + timedelta(hours=5)
        answers.append(given)
    return answers
