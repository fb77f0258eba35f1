"""Reads of a session: where it stands, what the client signalled, who may come in by code."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, IntegerField, Max, OuterRef, Subquery
from django.db.models.functions import Cast, Extract, Now
from django.utils.crypto import salted_hmac

from unknot.db import tenancy
from unknot.intake import queries as intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import digest
from unknot.people import queries as people
from unknot.treatment import domain
from unknot.treatment.models import ComfortEvent, SegmentDone, Session, SessionMark
from unknot.treatment.policies import can_read_chart

CODE_BYTES = 16


@dataclass(frozen=True)
class TapFacts:
    """One signal as received. `seq` rises within the session in the order in which taps were committed; `happened_at`
    is set for a tap that waited for the line, `late` for one that arrived after the end; `spoken` was said aloud."""

    seq: int
    tap_id: UUID
    signal: str
    received_at: datetime
    acknowledged_at: datetime | None
    happened_at: datetime | None = None
    spoken: bool = False
    late: bool = False

    @property
    def at(self) -> datetime:
        """When it was meant, by the server's reckoning."""
        return self.happened_at or self.received_at


@dataclass(frozen=True)
class WrittenDown:
    """A line the therapist wrote in the session: when, in which part (its key), the words; `late` as in TapFacts."""

    at: datetime
    key: str
    words: str
    late: bool


@dataclass(frozen=True)
class SessionFacts:
    """A session with everything that happened in it.

    `plan` is the version it started with, without what was closed since: `dropped` are regions whose consent was
    taken back, or that were put off limits, after the start (they leave the plan at once); `stopped_at` says that the
    client took back the treatment itself. What was begun stays in the plan.
    """

    id: UUID
    appointment_id: UUID
    practice_id: UUID
    plan: domain.Plan
    spans: tuple[domain.SegmentSpan, ...]
    taps: tuple[TapFacts, ...]
    started_at: datetime
    ended_at: datetime | None
    ended_by: str
    end_reason: str
    dropped: tuple[str, ...] = ()
    stopped_at: datetime | None = None
    whole: domain.Plan | None = None

    @property
    def agreed(self) -> domain.Plan:
        """The plan as it was agreed at the start, with what was closed since."""
        return self.whole or self.plan

    @property
    def is_running(self) -> bool:
        """True until the therapist ends it."""
        return self.ended_at is None

    @property
    def ended_by_phone(self) -> bool:
        """True if the client ended it themselves, on their own phone: a stop at the very moment of the end."""
        return any(tap.signal == "stop" and tap.received_at == self.ended_at for tap in self.taps)

    @property
    def part(self) -> str:
        """The key of the part under way, empty when none is."""
        return next((span.key for span in self.spans if span.ended_at is None), "")

    @property
    def last_seq(self) -> int:
        """The newest tap's number, 0 if there is none."""
        return self.taps[-1].seq if self.taps else 0

    @property
    def comfort(self) -> domain.ComfortState:
        """The taps folded to what holds now."""
        events = [
            domain.ComfortEvent(
                str(t.tap_id), domain.Signal(t.signal), t.at, t.received_at, t.seq, t.happened_at, t.spoken
            )
            for t in self.taps
        ]
        seen = [
            domain.Acknowledgement(str(t.tap_id), t.acknowledged_at) for t in self.taps if t.acknowledged_at is not None
        ]
        return domain.comfort_state(events, self.spans, seen)

    @property
    def taken_back(self) -> tuple[str, ...]:
        """Lines for the therapist about what the client took back since the start."""
        lines = [f"Taken back: {domain.REGIONS[one].name}. Leave this area now." for one in self.dropped]
        if self.stopped_at is not None:
            lines.insert(0, "They took back their agreement to the treatment. Stop, cover them, and ask.")
        return tuple(lines)

    def clock(self, now: datetime) -> domain.SessionClock:
        """The clock at `now` (at the end, if it is over)."""
        return domain.clock(self.plan, self.spans, self.started_at, self.ended_at or now)

    def done(self, now: datetime) -> tuple[domain.SegmentDone, ...]:
        """What was really done so far."""
        return domain.done_from(self.plan, self.spans, self.ended_at or now)


@dataclass(frozen=True)
class Pulse:
    """What a watching screen hears: taps after a number, the part under way, seconds since the start, if it is over."""

    taps: tuple[TapFacts, ...]
    segment: str
    elapsed: int
    ended: bool


def session_of(appointment_id: UUID) -> SessionFacts | None:
    """The session of a visit whose door was checked, or None. Six queries."""
    return _facts(Session.objects.select_related("plan", "appointment").filter(appointment_id=appointment_id).first())


def session_by_id(session_id: UUID) -> SessionFacts:
    """A session of the practice in scope, for callers that check the door next. Raises NotFoundError."""
    found = _facts(Session.objects.select_related("plan", "appointment").filter(pk=session_id).first())
    if found is None:
        raise NotFoundError
    return found


def appointment_of_session(session_id: UUID) -> UUID:
    """The visit a session belongs to, for callers that check the door next. Raises NotFoundError."""
    found: UUID | None = Session.objects.filter(pk=session_id).values_list("appointment_id", flat=True).first()
    if found is None:
        raise NotFoundError
    return found


def find_session_scope(session_id: UUID, *, account_id: UUID) -> UUID | None:
    """The practice of a session, looked for in those where the account is client or staff; None if it is in none."""
    for practice_id in people.practices_of(account_id):
        with tenancy.scope(practice_id=practice_id, account_id=account_id):
            if Session.objects.filter(pk=session_id).exists():
                return practice_id
    return None


def running_visits(client_id: UUID) -> list[UUID]:
    """Visits of a client of the practice in scope whose session runs now, for this room's handlers."""
    return list(
        Session.objects.filter(appointment__client_id=client_id, ended_at=None).values_list("appointment_id", flat=True)
    )


def join_code(session_id: UUID) -> str:
    """The code that brings a phone into a session, 128 bits: made anew from the server's key each time, so that only
    its digest is stored and the therapist's screen can still show it after a reload."""
    made = salted_hmac("unknot.treatment.join", str(session_id), algorithm="sha256").digest()
    return urlsafe_b64encode(made[:CODE_BYTES]).decode().rstrip("=")


def joined_session(code: str) -> UUID:
    """The running session behind a code. Raises NotFoundError, also when the session is over."""
    found: UUID | None = (
        Session.objects.filter(join_hash=digest(code), ended_at=None).values_list("pk", flat=True).first()
    )
    if found is None:
        raise NotFoundError
    return found


def pulse(session_id: UUID, *, after: int) -> Pulse:
    """What happened since tap number `after`: one query while nothing did. Raises NotFoundError."""
    newest = ComfortEvent.objects.filter(session=OuterRef("pk")).values("session").annotate(n=Max("id")).values("n")
    part = (
        SegmentDone.objects.filter(session=OuterRef("pk"))
        .order_by(F("ended_at").desc(nulls_first=True), "-started_at")
        .values("key")[:1]
    )
    row = (
        Session.objects.filter(pk=session_id)
        .annotate(newest=Subquery(newest), part=Subquery(part))
        .values_list("ended_at", "newest", "part", Cast(Extract(Now() - F("started_at"), "epoch"), IntegerField()))
        .first()
    )
    if row is None:
        raise NotFoundError
    taps = _taps(session_id, after=after) if (row[1] or 0) > after else ()
    return Pulse(taps, row[2] or "", row[3], row[0] is not None)


def may_watch(session_id: UUID, *, by: Actor) -> bool:
    """Whether `by` may watch the stream of a session: therapists of the practice, and the session's client."""
    if can_read_chart(by):
        return Session.objects.filter(pk=session_id).exists()
    own = [*by.dependants, *([by.client_id] if by.client_id else [])]
    return bool(own) and Session.objects.filter(pk=session_id, appointment__client_id__in=own).exists()


def _facts(row: Session | None) -> SessionFacts | None:
    if row is None:
        return None
    parts = SegmentDone.objects.filter(session_id=row.pk).order_by("started_at", "id")
    plan = domain.plan_from_data(row.plan.content)
    caps = domain.bounds_of(plan.request)
    spans = []
    for part in parts:
        segment = next(s for s in plan.segments if s.key == part.key)
        level, region = segment.walton_max, segment.region
        at_cap = level is not None and region is not None and level >= min(caps.caps[region], caps.top_level)
        spans.append(domain.SegmentSpan(part.key, part.started_at, part.ended_at, region, at_cap))
    if row.appointment.client_id is None:
        raise NotFoundError
    stands = intake.standing(row.appointment.client_id, row.appointment_id, at=row.ended_at)
    wishes = intake.newest_wishes(row.appointment.client_id, at=row.ended_at)
    dropped = domain.dropped_regions(plan, consented=stands.regions, off_limits=wishes.off_limits)
    back = stands.taken_back_at
    return SessionFacts(
        id=row.pk,
        appointment_id=row.appointment_id,
        practice_id=row.practice_id,
        plan=domain.without_regions(plan, dropped, begun={span.key for span in spans}),
        spans=tuple(spans),
        taps=_taps(row.pk, after=0, ended_at=row.ended_at),
        started_at=row.started_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        end_reason=row.end_reason or "",
        dropped=tuple(sorted(dropped)),
        whole=plan,
        stopped_at=back if back is not None and back >= row.started_at else None,
    )


def tap_facts(row: ComfortEvent, *, ended_at: datetime | None = None) -> TapFacts:
    """A row as a value; `ended_at` is the end of its session, None while it runs."""
    late = ended_at is not None and row.received_at > ended_at
    return TapFacts(
        row.pk, row.tap_id, row.signal, row.received_at, row.acknowledged_at, row.happened_at, row.spoken, late
    )


def written_down(session: SessionFacts) -> tuple[WrittenDown, ...]:
    """The therapist's own lines of a session whose door was checked, in the order in which they were made."""
    rows = SessionMark.objects.filter(session_id=session.id, kind="note").order_by("happened_at", "id")
    return tuple(
        WrittenDown(
            at=row.happened_at,
            key=next((span.key for span in session.spans if span.holds(row.happened_at)), ""),
            words=row.content.get("words", ""),
            late=row.outcome == "late",
        )
        for row in rows
    )


def _taps(session_id: UUID, *, after: int, ended_at: datetime | None = None) -> tuple[TapFacts, ...]:
    rows = ComfortEvent.objects.filter(session_id=session_id, id__gt=after).order_by("id")
    return tuple(tap_facts(row, ended_at=ended_at) for row in rows)
