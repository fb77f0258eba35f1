"""Writes about what clients told us: the guide, the screening, relaxations.

Every recording makes a new intake that carries on what still stands; older ones stay as a visit was booked on them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from unknot.audit import actions as audit
from unknot.db.locks import lock_all
from unknot.intake import domain, events
from unknot.intake.models import Intake, Relaxation
from unknot.intake.policies import can_record_for, can_relax
from unknot.intake.queries.answers import (
    STOPS,
    IntakeFacts,
    UnknownIntakeError,
    certain_answers,
    facts_of,
    newest,
    told_of,
)
from unknot.intake.queries.rules import rules_in_force, rules_of
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, InvalidError
from unknot.kernel.ids import digest, new_id


class NobodyToKeepForError(InvalidError):
    """We could not tell whose answers these are. Nothing was saved; reload the page and send them again."""

    code = "nobody-to-keep-for"


class AnswersMovedOnError(ConflictError):
    """The client answered anew meanwhile. Nothing was changed; look at the new answers below, then decide again."""

    code = "answers-moved-on"


class NothingToRelaxError(InvalidError):
    """This rule has no effect with these answers. Nothing was changed."""

    code = "nothing-to-relax"


def record_guide(
    *, by: Actor, visitor: str | None = None, answers: Mapping[str, Any], now: datetime, client_id: UUID | None = None
) -> IntakeFacts:
    """Keeps guide answers (with complaint regions) in place of earlier ones and works out the lean. Returns the new
    intake.

    The answers are the client's: `by`'s own, or `client_id`'s if staff ask for them; else the `visitor`'s, whose
    secret is stored as a digest only. Raises the domain's `InvalidError`s naming the field, `NobodyToKeepForError`,
    `NotFoundError`.
    """
    new = domain.read_answers(answers)
    instead_of = domain.guide_ids() | (domain.PLACES if "regions" in answers else frozenset())
    return _record(
        by=by, visitor=visitor, client_id=client_id, new=new, verb="guide.recorded", now=now, instead_of=instead_of
    )


def record_screening(
    *, by: Actor, visitor: str | None = None, answers: Mapping[str, Any], now: datetime, client_id: UUID | None = None
) -> IntakeFacts:
    """Keeps screening answers and works out outcome and precautions over all answers that still stand; the lean
    follows. Under eighteen, or with a carer who decides, the row about consent is always yes.

    Whose answers and what is raised: as `record_guide`. A therapist's relaxations hold on while the answer is the same.
    """
    known = certain_answers(client_id or by.client_id, now=now)
    return _record(
        by=by,
        visitor=visitor,
        client_id=client_id,
        new=domain.read_answers({**answers, **known}),
        verb="screening.recorded",
        now=now,
    )


def record_places(
    *, by: Actor, places: Iterable[Mapping[str, Any]], now: datetime, visitor: str | None = None
) -> IntakeFacts:
    """Keeps what a person marked on the body map, in place of what was marked before. Whose and raised: as
    `record_guide`."""
    marked = domain.read_answers({"regions": list(places)})
    return _record(
        by=by, visitor=visitor, client_id=None, new=marked, verb="places.recorded", now=now, instead_of=domain.PLACES
    )


def claim(*, by: Actor, visitor: str, client_id: UUID, now: datetime) -> UUID | None:
    """What a visitor answered becomes the client's, once the person behind the browser has signed in as that client.

    Returns the id of the newest intake taken over, None if there was none. The secret opens nothing afterwards.
    Repeating it changes nothing. Raises `UnknownIntakeError` for somebody else's client id.
    """
    if by.client_id != client_id or by.acting:
        raise UnknownIntakeError
    lock_all("client", [client_id])
    waiting = Intake.objects.filter(client=None, visitor_hash=digest(visitor)) if visitor else Intake.objects.none()
    ids = list(waiting.order_by("-created_at", "-id").values_list("pk", flat=True))
    if not ids:
        return None
    Intake.objects.filter(pk__in=ids).update(client_id=client_id, visitor_hash="")
    audit.record(by=by, verb="intake.claimed", subject="intake", subject_id=ids[0], client_id=client_id, now=now)
    return UUID(str(ids[0]))


def relax(
    *,
    by: Actor,
    intake_id: UUID,
    rule: str,
    reason: str,
    scope: Literal["row", "hold"] = "row",
    cap: int | None = None,
    now: datetime,
) -> IntakeFacts:
    """A therapist sets one screening row aside (`row`) or lifts what it holds (`hold`, with another Walton `cap` if
    given).

    The outcome is worked out anew under the rules the answers were screened with; name, reason and time are kept.
    Raises `UnknownIntakeError`, `RelaxationError`, `UnknownRuleError`, `NothingToRelaxError`, and
    `EmergencyNotRelaxableError` for emergency rows, whoever asks.
    """
    if not can_relax(by) or by.account_id is None:
        raise UnknownIntakeError
    lock_all("intake", [intake_id])
    row = Intake.objects.filter(pk=intake_id).first()
    if row is None or row.screening is None:
        raise UnknownIntakeError
    told, before = told_of(row), domain.ScreeningResult.from_dict(row.screening)
    rules = rules_of(row.screening_version)
    decision = domain.Relaxation(rule, by.name or str(by.account_id), reason, now, scope, cap)
    domain.check_relaxation(told.answers, decision, rules=rules)
    overrides = [*(item for item in before.relaxed if item.rule != rule), decision]
    result = domain.screen(told.answers, overrides=overrides, rules=rules)
    if decision not in result.relaxed:
        raise NothingToRelaxError(field="rule")
    Relaxation.objects.create(
        practice_id=row.practice_id,
        intake=row,
        rule=rule,
        scope=scope,
        cap=cap,
        reason=reason,
        by_id=by.account_id,
        at=now,
    )
    row.screening, row.outcome = result.to_dict(), result.outcome.value
    if row.guide is not None:
        row.guide = domain.lean(told.answers, screening=result, version=row.guide_version).to_dict()
    row.save(update_fields=["screening", "outcome", "guide"])
    audit.record(
        by=by,
        verb="screening.relaxed",
        subject="intake",
        subject_id=row.pk,
        client_id=row.client_id,
        now=now,
        scope=scope,
    )
    return facts_of(row)


def _record(
    *,
    by: Actor,
    visitor: str | None,
    client_id: UUID | None,
    new: domain.Answers,
    verb: str,
    now: datetime,
    instead_of: frozenset[str] = frozenset(),
) -> IntakeFacts:
    owner = client_id or by.client_id
    if owner is not None and not can_record_for(by, owner):
        raise UnknownIntakeError
    if by.practice_id is None or (owner is None and not visitor):
        raise NobodyToKeepForError
    before = newest(client_id=owner, visitor=None if owner else visitor)
    old = told_of(before)
    told = old.with_answers(new, now=now, instead_of=instead_of)
    row = Intake(
        id=new_id(),
        practice_id=by.practice_id,
        client_id=owner,
        visitor_hash="" if owner else digest(visitor or ""),
        answers=told.to_dict(),
        created_at=now,
    )
    screening = _screened(row, told, old, before)
    if verb == "guide.recorded" or (before is not None and before.guide is not None):
        result = domain.lean(told.answers, screening=screening)
        row.guide, row.guide_version = result.to_dict(), result.rules_version
    row.save(force_insert=True)
    audit.record(by=by, verb=verb, subject="intake", subject_id=row.pk, client_id=owner, now=now)
    if verb == "screening.recorded" and owner is not None and row.outcome in STOPS:
        events.tell(events.NoNews(by.practice_id, owner, None, "answers", (), row.pk, now))
    return facts_of(row)


def _screened(row: Intake, told: domain.Told, old: domain.Told, before: Intake | None) -> domain.ScreeningResult | None:
    """Screens all that was told, if any screening row was asked, and puts the result on the row."""
    if not told.has_screening:
        return None
    rules = rules_in_force()
    kept: tuple[domain.Relaxation, ...] = ()
    if before is not None and before.screening is not None:
        earlier = domain.ScreeningResult.from_dict(before.screening)
        kept = domain.standing_relaxations(earlier, old.answers, told.answers, now=row.created_at, rules=rules)
    result = domain.screen(told.answers, overrides=kept, rules=rules)
    row.screening, row.outcome = result.to_dict(), result.outcome.value
    row.screening_version = result.rules_version
    row.screened_at = max(told.asked_at.values())
    row.valid_until = domain.valid_until(told, rules=rules)
    return result
