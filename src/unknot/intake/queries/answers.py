"""Reads of what clients told us. Whoever reads a client's answers or results leaves an entry in the audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Q

from unknot.audit import actions as audit
from unknot.intake import domain
from unknot.intake.models import Intake
from unknot.intake.policies import can_read_intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import digest
from unknot.people import queries as people


class UnknownIntakeError(NotFoundError):
    """There are no answers here, or none that you may see."""

    code = "unknown-intake"


@dataclass(frozen=True)
class IntakeFacts:
    """One intake, opened. `guide` and `screening` are the stored results (as the domain's `to_dict()`), `answers` the
    JSON object of answers, `places` the marked places with side and strength, `regions` their slugs."""

    id: UUID
    client_id: UUID | None
    answers: dict[str, Any]
    asked_at: dict[str, str]
    guide: dict[str, Any] | None
    screening: dict[str, Any] | None
    outcome: str
    places: tuple[dict[str, Any], ...]
    regions: tuple[str, ...]
    guide_version: str
    screening_version: str
    created_at: datetime
    screened_at: datetime | None
    valid_until: datetime | None


@dataclass(frozen=True)
class Gate:
    """Whether a booking may go on. `ok`: nothing is in the way. `may_book` is also true with `needs` review: the
    visit is booked and the therapist talks with the client first. `message` is for the person booking and names no
    condition."""

    ok: bool
    needs: Literal["screening", "stop", "review"] | None
    message: str
    may_book: bool
    outcome: str = ""

    @property
    def review(self) -> bool:
        """The therapist has to talk with the client before the visit is sure."""
        return self.needs == "review"


@dataclass(frozen=True)
class SessionLimits:
    """What binds a session plan: Walton caps (0-5) by region slug, regions to leave alone, techniques off the table."""

    caps: dict[str, int]
    avoid: tuple[str, ...]
    removed_techniques: tuple[str, ...]
    positions: tuple[str, ...]
    products: tuple[str, ...]
    precautions: tuple[dict[str, Any], ...]
    outcome: str
    lean: str
    guide_note: str
    regions: tuple[str, ...]
    places: tuple[dict[str, Any], ...]
    rules_version: str
    screened_at: datetime | None = None
    valid_until: datetime | None = None


# What the person booking is told, by outcome: kind, complete enough to act on, silent about the reason.
STOPS = {
    "not_today": "Your answers say: not today. Rest first; choose a time once this has passed. You are welcome back.",
    "doctor_first": "Your answers need a look from a doctor or nurse practitioner before a massage. "
    "Bring us the answer, and we book you in.",
    "urgent": "Something in your answers should not wait. In Canada, call 811 for advice today, call or text 988 if "
    "you need someone to talk to, and call 911 if it gets worse. Your massage can wait.",
    "emergency": "Please call 911, or go to the nearest emergency department now. A massage has to wait.",
}
ASK = "A few safety questions come first. They take about two minutes."
ASK_AGAIN = "It has been a while: please tell us what has changed since you last answered."
TALK = "You can book. Your therapist talks with you first, because of one of your answers."


def intake_of(intake_id: UUID, *, by: Actor) -> IntakeFacts:
    """One intake of the practice in scope, for its client and the therapists; the reading is recorded.

    Raises `UnknownIntakeError`, for a foreign or made-up id alike.
    """
    row = Intake.objects.filter(pk=intake_id).first()
    if row is None or not can_read_intake(by, row.client_id):
        raise UnknownIntakeError
    audit.record(by=by, verb="intake.read", subject="intake", subject_id=row.pk, client_id=row.client_id)
    return facts_of(row)


def current_intake(*, client_id: UUID | None = None, visitor: str | None = None) -> IntakeFacts | None:
    """The newest intake of a client, or of a visitor not yet known (by the secret of their browser); None if there is
    none.

    For the person's own way to a booking. Staff read with `intake_of`, which is recorded.
    """
    row = newest(client_id=client_id, visitor=visitor)
    return facts_of(row) if row else None


def own_intake(*, by: Actor, visitor: str | None) -> IntakeFacts | None:
    """The newest intake of the person asking: the client `by`, or else the `visitor`. A client's reading is
    recorded."""
    row = newest(client_id=by.client_id, visitor=None if by.client_id else visitor)
    if row is not None and row.client_id is not None:
        audit.record(by=by, verb="intake.read", subject="intake", subject_id=row.pk, client_id=row.client_id)
    return facts_of(row) if row else None


NOT_ALONE = "C57"
"""The screening row about people who don't consent alone."""


def certain_answers(client_id: UUID | None, *, now: datetime) -> dict[str, str]:
    """Answers that the client's record gives, whatever is ticked: who is under eighteen, or has a carer who decides,
    does not consent alone. For this room only."""
    found = people.clients_named([client_id]).get(client_id) if client_id else None
    alone = found is None or not (found.is_minor_on(now.date()) or found.decides == "carer")
    return {} if alone else {NOT_ALONE: "yes"}


def newest(*, client_id: UUID | None, visitor: str | None) -> Intake | None:
    """The newest row of a client or of an unclaimed visitor. For this room only."""
    whose = Q(pk__in=[])
    if client_id is not None:
        whose |= Q(client_id=client_id)
    if visitor:
        whose |= Q(client=None, visitor_hash=digest(visitor))
    return Intake.objects.filter(whose).order_by("-created_at", "-id").first()


def intake_for_visit(client_id: UUID, booked_on: UUID | None, *, until: datetime) -> UUID | None:
    """The intake that counts for a visit: the newest of its client before `until`, but never one older than what the
    visit was booked on. None if there is none. For rooms that checked access before. One query."""
    rows = Intake.objects.filter(client_id=client_id).filter(Q(created_at__lte=until) | Q(pk=booked_on))
    found = rows.order_by("-created_at", "-id").values_list("pk", flat=True).first()
    return UUID(str(found)) if found else booked_on


def places_at(client_id: UUID, moments: Sequence[datetime], *, by: Actor) -> list[tuple[dict[str, Any], ...] | None]:
    """What a client had marked on the body map at each moment; None where they had told nothing yet. For the client and
    the therapists, recorded. Two queries, however many moments. Raises `UnknownIntakeError`."""
    if not can_read_intake(by, client_id):
        raise UnknownIntakeError
    audit.record(by=by, verb="intake.read", subject="client", subject_id=client_id, client_id=client_id)
    rows = Intake.objects.filter(client_id=client_id).defer("guide", "screening").order_by("created_at", "id")
    told = [(row.created_at, facts_of_answers(row.answers)) for row in rows]
    return [next((places for at, places in reversed(told) if at <= moment), None) for moment in moments]


def facts_of_answers(stored: Mapping[str, Any] | None) -> tuple[dict[str, Any], ...]:
    """The marked places of stored answers. For this room only."""
    answers = stored["answers"] if stored else {}
    return tuple({"region": place} if isinstance(place, str) else dict(place) for place in answers.get("regions", ()))


def told_of(row: Intake | None) -> domain.Told:
    """What an intake's client told so far. For this room only."""
    return domain.Told.from_dict(row.answers) if row is not None and row.answers is not None else domain.Told()


def told_by(found: IntakeFacts | None) -> domain.Told:
    """What the client of an intake told so far, with the times (nothing, if there is no intake)."""
    return domain.Told.from_dict({"answers": found.answers, "asked_at": found.asked_at}) if found else domain.Told()


def gate(intake_id: UUID | None, *, now: datetime, client_id: UUID | None = None) -> Gate:
    """Whether these answers are enough to book. With `client_id`, another client's intake counts as none. One query."""
    row = Intake.objects.filter(pk=intake_id).defer("answers", "guide", "screening").first() if intake_id else None
    if row is None or (client_id is not None and row.client_id not in (None, client_id)):
        return Gate(ok=False, needs="screening", message=ASK, may_book=False)
    if row.outcome in STOPS and (row.valid_until is None or now < row.valid_until):
        return Gate(ok=False, needs="stop", message=STOPS[row.outcome], may_book=False, outcome=row.outcome)
    if not row.outcome or row.valid_until is None or row.valid_until <= now:
        message = ASK_AGAIN if row.outcome and row.valid_until else ASK
        return Gate(ok=False, needs="screening", message=message, may_book=False, outcome=row.outcome)
    if row.outcome == "review":
        return Gate(ok=False, needs="review", message=TALK, may_book=True, outcome=row.outcome)
    return Gate(ok=True, needs=None, message="", may_book=True, outcome=row.outcome)


def session_limits(intake_id: UUID, *, by: Actor) -> SessionLimits:
    """What an intake allows in the room, for its client and the therapists; recorded. Raises `UnknownIntakeError`."""
    found = intake_of(intake_id, by=by)
    screening, guide = found.screening or {}, found.guide or {}
    return SessionLimits(
        caps=dict(screening.get("caps", {})),
        avoid=tuple(screening.get("avoid", ())),
        removed_techniques=tuple(screening.get("removed_techniques", ())),
        positions=tuple(screening.get("positions", ())),
        products=tuple(screening.get("products", ())),
        precautions=tuple(screening.get("precautions", ())),
        outcome=found.outcome,
        lean=guide.get("lean", ""),
        guide_note=guide.get("note_for_therapist", ""),
        regions=found.regions,
        places=found.places,
        rules_version=found.screening_version,
        screened_at=found.screened_at,
        valid_until=found.valid_until,
    )


def booking_questions() -> tuple[domain.QuestionGroup, ...]:
    """The cards asked of somebody new before a booking, warning signs first. No database."""
    return domain.short_questions()


def guide_answer(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The guide's result for answers that are not kept. Raises the domain's refusals, naming the field. No database."""
    return domain.lean(domain.read_answers(raw)).to_dict()


def screening_answer(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The screening's result for answers that are not kept. Raises the domain's refusals, naming the field. No
    database."""
    return domain.screen(domain.read_answers(raw)).to_dict()


def facts_of(row: Intake) -> IntakeFacts:
    """A row, opened. For this room only."""
    answers = dict(row.answers["answers"]) if row.answers else {}
    places = facts_of_answers(row.answers)
    return IntakeFacts(
        id=row.pk,
        client_id=row.client_id,
        answers=answers,
        asked_at=dict(row.answers["asked_at"]) if row.answers else {},
        guide=row.guide,
        screening=row.screening,
        outcome=row.outcome,
        places=places,
        regions=tuple(dict.fromkeys(place["region"] for place in places)),
        guide_version=row.guide_version,
        screening_version=row.screening_version,
        created_at=row.created_at,
        screened_at=row.screened_at,
        valid_until=row.valid_until,
    )
