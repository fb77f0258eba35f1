"""The guide and the screening as calls: questions out, answers in, a result back. Nothing is kept."""

from typing import Any

from ninja import Router, Schema
from pydantic import ConfigDict, Field, RootModel

from unknot.intake import domain, queries
from unknot.web.access import ANYONE
from unknot.web.api import ApiRequest, call, refusals

router = Router(tags=["care"])

VALUES = [value.value for value in domain.AnswerValue]
_VALUE = {"type": "string", "enum": VALUES}


def _place_schema() -> dict[str, Any]:
    """A marked place, with the sides that each region has."""
    facts: dict[str, Any] = {
        "intensity": {"type": ["integer", "null"], "minimum": 0, "maximum": 10, "description": "Pain now, 0 to 10"},
        "quality": {"type": ["string", "null"], "enum": [*domain.QUALITIES, None]},
    }
    by_sides: dict[tuple[str, ...], list[str]] = {}
    for region in domain.REGIONS:
        by_sides.setdefault(region.lateralities, []).append(region.slug)
    return {
        "anyOf": [
            {
                "type": "object",
                "properties": {"region": {"type": "string", "enum": slugs}}
                | {"laterality": {"type": ["string", "null"], "enum": [*sides, None]}}
                | facts,
                "required": ["region"],
                "additionalProperties": False,
            }
            for sides, slugs in by_sides.items()
        ]
    }


def _answers_schema() -> dict[str, Any]:
    rows, signals = sorted(domain.screening_ids()), sorted(domain.guide_ids())
    places = {"type": "array", "items": _place_schema(), "maxItems": 60, "description": "No place twice"}
    marked = {
        "type": "object",
        "properties": {"answer": _VALUE, "regions": places},
        "required": ["answer"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "title": "Answers",
        "description": "Question ids and values; an id left out was not asked. Rows may say where they apply.",
        "properties": {"regions": places | {"description": "Where it bothers the client"}}
        | dict.fromkeys(signals, _VALUE),
        "propertyNames": {"enum": ["regions", *signals, *rows]},
        "additionalProperties": {"anyOf": [_VALUE, marked]},
        "examples": [
            {"G2": "yes", "D3": "yes", "R01": "no", "regions": [{"region": "low_back", "laterality": "left"}]}
        ],
    }


class Answers(RootModel[dict[str, Any]]):
    """Answers by id. The rules check them, and name what is at fault."""

    model_config = ConfigDict(json_schema_extra=lambda schema: schema.clear() or schema.update(_answers_schema()))


class QuestionOut(Schema):
    """One question in plain words."""

    id: str
    text: str
    asks_where: bool = Field(description="Places may be given with the answer")
    how_to_check: str
    valid_for_days: int | None = Field(description="How long an answer stands")
    follow_ups: list["QuestionOut"]


class RegionOut(Schema):
    """A body region and the sides it has."""

    region: str
    name: str
    lateralities: list[str]


class GuideQuestionsOut(Schema):
    """What the guide asks."""

    rules_version: str
    values: list[str]
    questions: list[QuestionOut]
    regions: list[RegionOut]


class GroupOut(Schema):
    """Questions that are asked together; "none of these" answers no to all of them."""

    id: str
    page: str
    title: str
    intro: str
    rules: list[str]
    questions: list[QuestionOut]


class ScreeningQuestionsOut(Schema):
    """What the screening asks before a booking, warning signs first."""

    rules_version: str
    values: list[str]
    groups: list[GroupOut]
    regions: list[RegionOut]


class ReasonOut(Schema):
    """Why: the signal or rule, the answer given, words, source, confidence mark."""

    signal: str
    answer: str
    text: str
    source: str
    confidence: str


class FocusHintOut(Schema):
    """Where the therapist may look."""

    signal: str
    regions: list[str]
    text: str


class GuideOut(Schema):
    """A leaning, never a prescription: it changes nothing about what can be booked."""

    lean: domain.Lean
    title: str
    score: float
    pressure_cap: int | None = Field(description="Highest Walton level for the focus; -1: leave it alone")
    reasons: list[ReasonOut]
    against: list[ReasonOut]
    not_used: list[str]
    contradictions: list[list[str]]
    why_it_may_be_wrong: str
    focus_hints: list[FocusHintOut]
    note_for_therapist: str
    rules_version: str
    screening_version: str | None


class PrecautionOut(Schema):
    """One effect of one rule."""

    rule: str
    effect: str
    region: str
    laterality: str | None
    pressure_cap: int | None
    detail: str | None
    text: str
    source: str
    confidence: str


class AdviceOut(Schema):
    """What to do instead, with a number to call if there is one."""

    kind: str
    text: str
    call: str | None
    rules: list[str]
    confidence: str


class ScreeningOut(Schema):
    """The outcome. `not_asked` are emergency rows left out: such a screening is not complete."""

    outcome: domain.Outcome
    precautions: list[PrecautionOut]
    caps: dict[str, int] = Field(description="Highest Walton level by region")
    avoid: list[str]
    removed_techniques: list[str]
    positions: list[str]
    products: list[str]
    advice: list[AdviceOut]
    safety_net: str
    needs_skill: list[str]
    not_asked: list[str]
    contradictions: list[list[str]] = Field(description="Ids that can't all be yes, and were: the careful answer holds")
    valid_for_days: int
    rules_version: str


@router.get("/guide", response={200: GuideQuestionsOut, **refusals()}, summary="The guide's questions")
@call(ANYONE)
def guide_questions(request: ApiRequest) -> Any:
    """Which questions help to find a fitting massage."""
    questions = [question.to_dict() for question in domain.guide_questions()]
    return {"rules_version": domain.GUIDE_VERSION, "values": VALUES, "questions": questions, "regions": _regions()}


@router.post("/guide", response={200: GuideOut, **refusals()}, summary="Which massage may suit, with reasons")
@call(ANYONE, changes=False)
def guide(request: ApiRequest, answers: Answers) -> Any:
    """The lean for these answers. Nothing is kept."""
    return queries.guide_answer(answers.root)


@router.get("/screening", response={200: ScreeningQuestionsOut, **refusals()}, summary="The safety questions")
@call(ANYONE)
def screening_questions(request: ApiRequest) -> Any:
    """What is asked before a booking."""
    groups = [card.to_dict() for card in queries.booking_questions()]
    return {"rules_version": domain.SCREENING_VERSION, "values": VALUES, "groups": groups, "regions": _regions()}


@router.post("/screening", response={200: ScreeningOut, **refusals()}, summary="Outcome and precautions")
@call(ANYONE, changes=False)
def screening(request: ApiRequest, answers: Answers) -> Any:
    """What follows from these answers. Nothing is kept; this is no medical check."""
    return queries.screening_answer(answers.root)


def _regions() -> list[dict[str, Any]]:
    return [
        {"region": region.slug, "name": region.name, "lateralities": list(region.lateralities)}
        for region in domain.REGIONS
    ]
