"""The client's answers: one object for the guide and the screening, checked once where it comes in.

Shape (command line, JSON API and pages alike): `{"G2": "yes", "C23": {"answer": "yes", "regions": ["ankle"]},
"regions": [{"region": "low_back", "laterality": "left", "intensity": 6, "quality": "aching"}]}`. An id left out was
not asked. `regions` under a row says where that row applies; the top-level `regions` are the complaint regions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from unknot.intake.domain.guide_rules import guide_rules
from unknot.intake.domain.regions import LATERALITIES, Laterality, UnknownRegionError, region_named
from unknot.intake.domain.screening_rules import screening_rules
from unknot.kernel.errors import InvalidError

REGIONS_KEY = "regions"
MOST_ANSWERS = 500
MOST_PLACES = 60
QUALITIES = (
    "aching", "tight", "stiff", "sharp", "burning", "throbbing", "stabbing", "tingling", "numb", "weak", "tender",
    "other",
)  # fmt: skip
"""Words for how a place feels, in the order they are offered."""


class AnswersShapeError(InvalidError):
    """The answers do not have the expected shape. Nothing was saved; send an object of ids and values."""

    code = "answers-shape"


class UnknownAnswerIdError(InvalidError):
    """There is no question with this id. Nothing was saved; take the ids from the list of questions."""

    code = "unknown-answer-id"


class UnknownAnswerValueError(InvalidError):
    """This value is not one of the answers. Nothing was saved; use yes, no, not_sure or prefer_not."""

    code = "unknown-answer-value"


class WrongPlaceError(InvalidError):
    """A place on the body map is not filled in correctly. Nothing was saved; correct it and send again."""

    code = "wrong-place"


class AnswerValue(StrEnum):
    """What a client may answer to any question."""

    YES = "yes"
    NO = "no"
    NOT_SURE = "not_sure"
    PREFER_NOT = "prefer_not"

    @property
    def is_unknown(self) -> bool:
        """Neither yes nor no."""
        return self in (AnswerValue.NOT_SURE, AnswerValue.PREFER_NOT)


@dataclass(frozen=True, slots=True)
class Place:
    """A marked place: region slug, side, and optionally pain now (0-10, whole numbers) and how it feels."""

    region: str
    laterality: Laterality
    intensity: int | None = None
    quality: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON form; absent facts are left out."""
        optional = {"intensity": self.intensity, "quality": self.quality}
        facts = {key: value for key, value in optional.items() if value is not None}
        return {"region": self.region, "laterality": self.laterality, **facts}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered question, with the places marked for it (screening rows only)."""

    value: AnswerValue
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Answers:
    """Checked answers, sorted, so that equal answers are equal whatever order they came in."""

    items: tuple[tuple[str, Answer], ...] = ()
    regions: tuple[Place, ...] = ()

    @cached_property
    def _by_id(self) -> dict[str, Answer]:
        return dict(self.items)

    def __iter__(self) -> Iterator[str]:
        return (question for question, _ in self.items)

    def get(self, question: str) -> Answer | None:
        """The answer to a question, or None if it was not asked."""
        return self._by_id.get(question)

    def value(self, question: str) -> AnswerValue | None:
        """The value answered, or None if the question was not asked."""
        answer = self._by_id.get(question)
        return answer.value if answer else None

    def to_dict(self) -> dict[str, Any]:
        """The same JSON object that `read_answers` takes; reading it back gives equal answers."""
        found: dict[str, Any] = {}
        for question, answer in self.items:
            if answer.places:
                places = [place.to_dict() for place in answer.places]
                found[question] = {"answer": answer.value.value, REGIONS_KEY: places}
            else:
                found[question] = answer.value.value
        if self.regions:
            found[REGIONS_KEY] = [place.to_dict() for place in self.regions]
        return found


def read_answers(
    raw: Mapping[str, Any], *, guide_version: str | None = None, screening_version: str | None = None
) -> Answers:
    """Check answers as they come from a file, a form or JSON, under the newest or the named rule versions.

    Raises `AnswersShapeError`, `UnknownAnswerIdError`, `UnknownAnswerValueError`, `WrongPlaceError` or
    `UnknownRegionError`, each naming the field, and `UnknownRulesVersionError`.
    """
    signals = frozenset(guide_rules(guide_version).signals)
    rows = screening_rules(screening_version).known_ids
    if not isinstance(raw, Mapping):
        raise AnswersShapeError("Answers are one object of question ids and values.", field="answers")
    if len(raw) > MOST_ANSWERS:
        raise AnswersShapeError(f"There are more than {MOST_ANSWERS} answers in one object.", field="answers")
    items: list[tuple[str, Answer]] = []
    for question, given in raw.items():
        if question == REGIONS_KEY:
            continue
        if not isinstance(question, str) or question not in signals | rows:
            raise UnknownAnswerIdError(f"There is no question with the id {_echo(question)}.", field=_field(question))
        items.append((question, _read_answer(question, given, may_mark=question in rows)))
    regions = _read_places(raw.get(REGIONS_KEY, []), field=REGIONS_KEY)
    return Answers(items=tuple(sorted(items, key=lambda item: item[0])), regions=regions)


def _echo(value: object) -> str:
    """A short, printable form of what was sent, safe to show and to log."""
    return ascii(value[:40]) if isinstance(value, str) else f"of type {type(value).__name__}"


def _field(question: object) -> str:
    plain = isinstance(question, str) and len(question) <= 20 and question.isascii() and question.isalnum()
    return str(question) if plain else "answers"


def _read_answer(question: str, given: object, *, may_mark: bool) -> Answer:
    if isinstance(given, Mapping) and may_mark:
        extra = [key for key in given if key not in ("answer", REGIONS_KEY)]
        if extra or "answer" not in given:
            raise AnswersShapeError(f"{question}: expected 'answer' and, if wanted, 'regions'.", field=question)
        value = _read_value(question, given["answer"])
        return Answer(value, _read_places(given.get(REGIONS_KEY, []), field=f"{question}.{REGIONS_KEY}"))
    return Answer(_read_value(question, given))


def _read_value(question: str, given: object) -> AnswerValue:
    if not isinstance(given, str) or given not in tuple(AnswerValue):
        raise UnknownAnswerValueError(
            f"{question}: {_echo(given)} is not an answer. Use yes, no, not_sure or prefer_not.", field=question
        )
    return AnswerValue(given)


def _read_places(given: object, *, field: str) -> tuple[Place, ...]:
    if not isinstance(given, Sequence) or isinstance(given, (str, bytes)):
        raise WrongPlaceError(f"{field} has to be a list of places.", field=field)
    if len(given) > MOST_PLACES:
        raise WrongPlaceError(f"{field} has more than {MOST_PLACES} places.", field=field)
    places = [_read_place(item, field=field) for item in given]
    if len({(place.region, place.laterality) for place in places}) != len(places):
        raise WrongPlaceError(f"{field} names the same place twice.", field=field)
    return tuple(sorted(places, key=lambda place: (place.region, place.laterality)))


def _read_place(given: object, *, field: str) -> Place:
    facts: Mapping[Any, Any] = given if isinstance(given, Mapping) else {"region": given}
    unknown = [key for key in facts if key not in ("region", "laterality", "intensity", "quality")]
    if unknown:
        raise WrongPlaceError(f"{field}: a place has no fact called {_echo(unknown[0])}.", field=field)
    slug = facts.get("region")
    if not isinstance(slug, str):
        raise WrongPlaceError(f"{field}: a place needs a region slug.", field=field)
    try:
        region = region_named(slug)
    except UnknownRegionError:
        raise UnknownRegionError(f"{field}: there is no body region called {_echo(slug)}.", field=field) from None
    laterality = facts.get("laterality")
    if laterality is None:
        laterality = region.default_laterality
    if laterality not in region.lateralities:
        side = _echo(laterality) if laterality not in LATERALITIES else str(laterality)
        raise WrongPlaceError(f"{field}: {slug} has no side {side}. Use {', '.join(region.lateralities)}.", field=field)
    intensity, quality = facts.get("intensity"), facts.get("quality")
    if intensity is not None and (type(intensity) is not int or not 0 <= intensity <= 10):
        raise WrongPlaceError(f"{field}: intensity is a whole number from 0 to 10.", field=field)
    if quality is not None and quality not in QUALITIES:
        raise WrongPlaceError(f"{field}: {_echo(quality)} is not a quality we know.", field=field)
    return Place(slug, laterality, intensity, quality)
