"""Plans, sheets and check-ins as plain JSON values and back: what is sealed into the database."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from .aftercare import AftercareLine, AftercareSheet
from .checkin import CheckInAnswers, Escalation, Level
from .plan import Plan, PlanRequest, Segment

_SETS = ("avoid", "removed", "positions", "consented", "reaction_regions")


def plan_as_data(plan: Plan) -> dict[str, Any]:
    """The plan as JSON values; `plan_from_data` gives an equal plan back."""
    request: dict[str, Any] = {name: getattr(plan.request, name) for name in PlanRequest.__dataclass_fields__}
    request |= {name: sorted(request[name]) for name in _SETS}
    request |= {"focus": [list(pair) for pair in plan.request.focus], "caps": dict(plan.request.caps)}
    return {
        "segments": [asdict(segment) for segment in plan.segments],
        "notes": list(plan.notes),
        "rules_version": plan.rules_version,
        "request": request,
    }


def plan_from_data(data: Mapping[str, Any]) -> Plan:
    """The plan that `plan_as_data` wrote."""
    request = dict(data["request"])
    request |= {name: frozenset(request[name]) for name in _SETS}
    request["focus"] = tuple((region, side) for region, side in request["focus"])
    return Plan(
        segments=tuple(Segment(**row) for row in data["segments"]),
        notes=tuple(data["notes"]),
        rules_version=data["rules_version"],
        request=PlanRequest(**request),
    )


def sheet_as_data(sheet: AftercareSheet) -> dict[str, Any]:
    """The aftercare sheet as JSON values, texts included: it can be shown as it was years later."""
    return {
        "done": list(sheet.done),
        "advice": [asdict(line) for line in sheet.advice],
        "safety": [asdict(line) for line in sheet.safety],
        "rules_version": sheet.rules_version,
    }


def sheet_from_data(data: Mapping[str, Any]) -> AftercareSheet:
    """The sheet that `sheet_as_data` wrote."""
    return AftercareSheet(
        done=tuple(data["done"]),
        advice=tuple(AftercareLine(**row) for row in data["advice"]),
        safety=tuple(AftercareLine(**row) for row in data["safety"]),
        rules_version=data["rules_version"],
    )


def answers_as_data(answers: CheckInAnswers, words: str = "") -> dict[str, Any]:
    """One set of check-in answers as JSON values, with the client's free `words` beside them."""
    return {
        "hours_after": answers.hours_after,
        "soreness": answers.soreness,
        "pain": answers.pain,
        "bruise": answers.bruise,
        "bruise_spreading": answers.bruise_spreading,
        "function_loss": answers.function_loss,
        "new_symptoms": sorted(answers.new_symptoms),
        "red_flags": dict(answers.red_flags),
        "words": words,
    }


def answers_from_data(data: Mapping[str, Any]) -> CheckInAnswers:
    """The answers that `answers_as_data` wrote, without the words."""
    facts = {name: data[name] for name in CheckInAnswers.__dataclass_fields__}
    return CheckInAnswers(**{**facts, "new_symptoms": frozenset(data["new_symptoms"])})


def escalation_as_data(found: Escalation) -> dict[str, Any]:
    """What a check-in led to, as JSON values; the level by its stable name."""
    data = {name: getattr(found, name) for name in Escalation.__dataclass_fields__}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in data.items()} | {
        "level": found.level.slug
    }


def escalation_from_data(data: Mapping[str, Any]) -> Escalation:
    """The escalation that `escalation_as_data` wrote."""
    facts: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in data.items()}
    return Escalation(**{**facts, "level": Level[str(data["level"]).upper()]})
