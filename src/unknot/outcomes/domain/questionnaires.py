"""Questionnaires of other people, as files that a practice adds: words, licence, scoring rule, when to ask.

Nobody's sentences are in this project (decision 0017); a practice that may use a questionnaire brings it as a TOML
file. The file says its licence; nothing is asked until somebody accepted it. Scoring is one of `RULES`, so that a file
can't run anything. Rules and blanks: clinical reference 5.1.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from unknot.kernel.errors import InvalidError

from .measures import MEASURES, Measure, Score, ScoreInvalidError
from .rounds import ASKED

FILE_LIMIT = 60_000
ITEMS_LIMIT = 60
OPTIONS_LIMIT = 12
WORDS_LIMIT = 600
LICENCE_LIMIT = 3000
RULES = {
    "ticks": "the number of ticked statements; what is not ticked counts as no",
    "sum": "the sum; with blanks the sum times items / answered",
    "mean": "the mean of the answered items",
    "percent": "100 times the sum / the most that the answered items could give",
    "table": "the sum (with blanks times items / answered, rounded) looked up in the file's table",
}
OURS = frozenset(slug for slug, row in MEASURES.items() if row.enabled and slug != "rmdq")
"""Slugs that a file can't take: what we ask ourselves stays ours."""


class BadFileError(InvalidError):
    """This file can't be used as a questionnaire. Nothing was installed; correct it and send it again."""

    code = "bad-questionnaire"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen, and the points it gives."""

    label: str
    points: float


@dataclass(frozen=True, slots=True)
class Item:
    """One item; without options it is a statement to tick."""

    text: str
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A file that was read. `least`: so many items must be answered for a score; `weeks` of care in which it is asked;
    `regions`: only for clients who came for one of these (none: everybody). `measure` carries range and thresholds.
    """

    slug: str
    title: str
    version: str
    instructions: str
    licence: str
    attribution: str
    source: str
    items: tuple[Item, ...]
    rule: str
    least: int
    weeks: tuple[int, ...]
    regions: frozenset[str]
    table: Mapping[int, float]
    measure: Measure


def _words(data: Mapping[str, Any], name: str, *, limit: int = WORDS_LIMIT, required: bool = True) -> str:
    value = data.get(name, "")
    if not isinstance(value, str) or len(value) > limit:
        raise BadFileError(f"`{name}` should be text of at most {limit} characters.", field="text")
    text = unicodedata.normalize("NFC", value).strip()
    if required and not text:
        raise BadFileError(f"`{name}` is missing.", field="text")
    if any(unicodedata.category(ch) == "Cc" and ch not in "\n\t" for ch in text):
        raise BadFileError(f"`{name}` holds characters that can't be shown.", field="text")
    return text


def _number(data: Mapping[str, Any], name: str, fallback: float | None = None) -> float | None:
    value = data.get(name, fallback)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -10_000 <= value <= 10_000:
        raise BadFileError(f"`{name}` should be a number.", field="text")
    return float(value)


def _part(data: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    value = data.get(name, kind())
    if not isinstance(value, kind):
        raise BadFileError(f"`{name}` is not laid out as it should be.", field="text")
    return value


def _options(rows: Sequence[Any]) -> tuple[Option, ...]:
    if len(rows) > OPTIONS_LIMIT or not all(isinstance(row, dict) for row in rows):
        raise BadFileError(f"An item has at most {OPTIONS_LIMIT} options, each with label and points.", field="text")
    return tuple(Option(_words(row, "label"), _number(row, "points") or 0.0) for row in rows)


def _items(data: Mapping[str, Any], rule: str) -> tuple[Item, ...]:
    rows, shared = _part(data, "item", list), _options(_part(data, "option", list))
    if not 1 <= len(rows) <= ITEMS_LIMIT or not all(isinstance(row, dict) for row in rows):
        raise BadFileError(f"Give 1 to {ITEMS_LIMIT} items as [[item]].", field="text")
    items = tuple(Item(_words(row, "text"), _options(_part(row, "option", list)) or shared) for row in rows)
    if rule == "ticks":
        return tuple(Item(one.text) for one in items)
    if any(len(one.options) < 2 for one in items):
        raise BadFileError("Every item needs two options or more.", field="text")
    return items


def _table(scoring: Mapping[str, Any], rule: str) -> dict[int, float]:
    raw = _part(scoring, "table", dict)
    if rule != "table":
        return {}
    if not raw or not all(re.fullmatch(r"-?\d{1,4}", key) for key in raw):
        raise BadFileError("The rule `table` needs [scoring.table] with sum = score.", field="text")
    return {int(key): _number(raw, key) or 0.0 for key in raw}


def _measure(slug: str, title: str, data: Mapping[str, Any], count: int) -> Measure:
    """Range and thresholds: ours where we list the measure (they carry sources), else the file's."""
    known = MEASURES.get(slug)
    scale = _part(data, "scale", dict)
    if known is not None:
        return replace(known, enabled=True)
    better = scale.get("better")
    low, high = _number(scale, "low"), _number(scale, "high")
    if better not in ("lower", "higher") or low is None or high is None or low >= high:
        raise BadFileError("[scale] needs low, high and better = lower or higher.", field="text")
    return Measure(
        slug=slug,
        name=title,
        noun=_words(scale, "noun", limit=80),
        low=low,
        high=high,
        whole=False,
        better=better,
        licence="Brought by the practice.",
        enabled=True,
        mic=_number(scale, "mic"),
        mic_share=_number(scale, "mic_share"),
        mdc=_number(scale, "mdc"),
        recovered_at=_number(scale, "recovered_at"),
        items=count,
    )


@lru_cache(maxsize=64)
def read_questionnaire(text: str) -> Questionnaire:
    """The questionnaire in a TOML file. Raises BadFileError with what is wrong."""
    if len(text) > FILE_LIMIT:
        raise BadFileError(f"The file is longer than {FILE_LIMIT} characters.", field="text")
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadFileError(f"This is not TOML: {str(error)[:120]}.", field="text") from error
    slug = _words(data, "slug", limit=20)
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,19}", slug) or slug in OURS:
        raise BadFileError("`slug` should be a short name such as back_24, and none of our own measures.", field="text")
    scoring, asked = _part(data, "scoring", dict), _part(data, "asked", dict)
    rule = scoring.get("rule")
    if rule not in RULES:
        raise BadFileError(f"`rule` should be one of {', '.join(RULES)}.", field="text")
    items, title = _items(data, rule), _words(data, "title", limit=120)
    least = scoring.get("least_answered", 0 if rule == "ticks" else len(items))
    weeks, regions = _part(asked, "weeks", list), _part(asked, "regions", list)
    if not isinstance(least, int) or not 0 <= least <= len(items) or (least == 0 and rule != "ticks"):
        raise BadFileError("`least_answered` should be between 1 and the number of items.", field="text")
    if any(week not in ASKED for week in weeks):
        raise BadFileError(f"`weeks` may hold {', '.join(map(str, ASKED))}.", field="text")
    if not all(isinstance(one, str) and re.fullmatch(r"[a-z][a-z_]{0,19}", one) for one in regions):
        raise BadFileError("`regions` should be names of the body map, such as low_back.", field="text")
    found = Questionnaire(
        slug=slug,
        title=title,
        version=_words(data, "version", limit=40),
        instructions=_words(data, "instructions"),
        licence=_words(data, "licence", limit=LICENCE_LIMIT),
        attribution=_words(data, "attribution"),
        source=_words(data, "source", required=False),
        items=items,
        rule=rule,
        least=least,
        weeks=tuple(sorted(set(weeks))),
        regions=frozenset(regions),
        table=_table(scoring, rule),
        measure=_measure(slug, title, data, len(items)),
    )
    _fits(found)
    return found


def _fits(found: Questionnaire) -> None:
    """The least and the most that can be answered lie on the scale; otherwise the rule or the scale is wrong."""
    if found.measure.items > 1 and found.rule == "ticks" and found.measure.items != len(found.items):
        raise BadFileError(
            f"{found.title} has {found.measure.items} statements, the file {len(found.items)}.", field="text"
        )
    for pick in (min, max):
        every = [
            pick(range(len(one.options)), key=lambda number, one=one: one.options[number].points)  # type: ignore[misc]
            for one in found.items
            if one.options
        ]
        chosen: Sequence[int | None] = every or [0 if pick is max else None] * len(found.items)
        value = score_questionnaire(found, chosen).value
        if value is None or not found.measure.low <= value <= found.measure.high:
            raise BadFileError("Scores of this rule would leave the scale: correct `rule` or [scale].", field="text")


def score_questionnaire(form: Questionnaire, chosen: Sequence[int | None]) -> Score:
    """The score of `chosen`: for each item the number of the chosen option (ticked: 0), or None for left open.

    With fewer than `least` answers there is no value. Raises ScoreInvalidError for an answer that is none.
    """
    if len(chosen) != len(form.items):
        raise ScoreInvalidError("Answer the items of this questionnaire.", field="items")
    most = [max(len(one.options), 1) for one in form.items]
    if any(one is not None and not 0 <= one < size for one, size in zip(chosen, most, strict=True)):
        raise ScoreInvalidError("Choose one of the answers.", field="items")
    asked = len(form.items)
    if form.rule == "ticks":
        return Score(form.slug, float(sum(one is not None for one in chosen)), asked, asked)
    pairs = [(item.options, one) for item, one in zip(form.items, chosen, strict=True) if one is not None]
    if len(pairs) < form.least:
        return Score(form.slug, None, len(pairs), asked)
    total = sum(options[one].points for options, one in pairs)
    whole = total * asked / len(pairs)
    if form.rule == "mean":
        value: float | None = total / len(pairs)
    elif form.rule == "percent":
        value = 100 * total / sum(max(one.points for one in options) for options, _ in pairs)
    else:
        value = form.table.get(int(whole + 0.5)) if form.rule == "table" else whole
    return Score(form.slug, value, len(pairs), asked)
