"""What a client is told before agreeing: six elements, and what a technique or a sensitive region adds. Versioned
words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from unknot.intake.domain.regions import REGIONS, region_named
from unknot.intake.domain.rulebook import UnknownRulesVersionError, read_mark, rule_files
from unknot.kernel.errors import InvalidError

SCOPES = ("treatment", "sensitive", "messages", "research", "photo")
METHODS = ("electronic", "paper", "verbal")
ELEMENTS = ("nature", "benefits", "risks", "alternatives", "without", "questions")
SENSITIVE: tuple[str, ...] = tuple(region.slug for region in REGIONS if region.sensitivity != "no")
"""Regions that need their own written consent, in catalogue order."""

# Work on the first region commonly reaches the others (clinical reference 1.2 and 4): offered, never ticked for
# anybody.
OFTEN_INCLUDES: dict[str, tuple[str, ...]] = {"low_back": ("sacrum", "gluteal"), "thigh_post": ("gluteal",)}


class ConsentScopeError(InvalidError):
    """This consent is not filled in correctly. Nothing was recorded; correct it and send it again."""

    code = "consent-scope"


@dataclass(frozen=True, slots=True)
class ConsentPart:
    """One element, technique or region with its title and words."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The words of one version: always six `elements`, in the order they are to be said."""

    version: str
    language: str
    elements: tuple[ConsentPart, ...]
    techniques: tuple[ConsentPart, ...]
    regions: tuple[ConsentPart, ...]
    confidence: str
    source: str


def consent_text(
    *, techniques: Iterable[str] = (), regions: Iterable[str] | None = None, version: str | None = None
) -> ConsentText:
    """The words for a plan: six elements, the named techniques, and the named sensitive regions (all, if None).

    Techniques and regions without words of their own are left out. Raises `UnknownRulesVersionError`.
    """
    whole = _text(version)
    asked, places = set(techniques), None if regions is None else set(regions)
    return ConsentText(
        version=whole.version,
        language=whole.language,
        elements=whole.elements,
        techniques=tuple(part for part in whole.techniques if part.id in asked),
        regions=tuple(part for part in whole.regions if places is None or part.id in places),
        confidence=whole.confidence,
        source=whole.source,
    )


def check_consent(*, scope: str, regions: Iterable[str], for_one_visit: bool, method: str) -> tuple[str, ...]:
    """The regions of a consent in catalogue order, or `ConsentScopeError`: sensitive regions are named and belong to
    one visit, other scopes name none; sensitive consent is written (electronic or paper)."""
    wanted = set(regions)
    if scope not in SCOPES:
        raise ConsentScopeError("There is no consent of this kind.", field="scope")
    if method not in METHODS:
        raise ConsentScopeError("A consent is given electronically, on paper or in words.", field="method")
    if scope != "sensitive":
        if wanted:
            raise ConsentScopeError("Only consent for sensitive regions names regions.", field="regions")
        return ()
    if not wanted or not wanted <= set(SENSITIVE):
        raise ConsentScopeError("Name at least one of the regions that need their own consent.", field="regions")
    if not for_one_visit:
        raise ConsentScopeError("Consent for a sensitive region is given for one visit.", field="appointment_id")
    if method == "verbal":
        raise ConsentScopeError("Consent for a sensitive region is given in writing.", field="method")
    return tuple(slug for slug in SENSITIVE if slug in wanted)


def suggested_regions(places: Iterable[str]) -> tuple[str, ...]:
    """Sensitive regions that work on these complaint regions may reach: the places themselves and what goes with
    them."""
    near = {slug for place in places for slug in (place, *OFTEN_INCLUDES.get(place, ()))}
    return tuple(slug for slug in SENSITIVE if slug in near)


def _text(version: str | None) -> ConsentText:
    if version is None:
        return _TEXTS[CONSENT_VERSION]
    if version not in _TEXTS:
        raise UnknownRulesVersionError("consent", version, tuple(_TEXTS))
    return _TEXTS[version]


def _read(raw: Mapping[str, Any]) -> ConsentText:
    elements = tuple(ConsentPart(item["id"], item["title"], item["text"]) for item in raw["element"])
    if tuple(part.id for part in elements) != ELEMENTS:
        raise ValueError("consent: the six elements have to be there, in order")
    names = {item["id"]: region_named(item["id"]).name for item in raw["region"]}
    if set(names) != set(SENSITIVE):
        raise ValueError("consent: every sensitive region needs words, and only those")
    return ConsentText(
        version=raw["version"],
        language=raw["language"],
        elements=elements,
        techniques=tuple(ConsentPart(item["id"], item["name"], item["text"]) for item in raw["technique"]),
        regions=tuple(ConsentPart(item["id"], names[item["id"]], item["text"]) for item in raw["region"]),
        confidence=read_mark(raw["confidence"], "consent"),
        source=raw["source"],
    )


_TEXTS: dict[str, ConsentText] = {version: _read(raw) for version, raw in rule_files("consent").items()}
CONSENT_VERSIONS: tuple[str, ...] = tuple(_TEXTS)
CONSENT_VERSION: str = CONSENT_VERSIONS[-1]
"""The newest released version, shown to new clients."""
