"""Outcome measures: what they are, how they are scored, and when a difference may be called a change.

Numbers, marks and licences are versioned data (`measures.toml`, clinical reference 5). A change is reported only if
it reaches both the measurement error and the smallest change people find worth it; otherwise "about the same".
Getting worse is judged exactly as getting better is.
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from math import sqrt
from types import MappingProxyType
from typing import Any

from unknot.kernel.errors import InvalidError, NotAllowedError, NotFoundError

BETTER, WORSE, SAME = "better", "worse", "about_same"
_WORDS = {BETTER: "better", WORSE: "worse", SAME: "about the same"}


class UnknownMeasureError(NotFoundError):
    """There is no such measure."""

    code = "measure-unknown"


class MeasureOffError(NotAllowedError):
    """This measure needs a licence and is switched off. Nothing was stored; choose another or add the licence."""

    code = "measure-off"


class ScoreInvalidError(InvalidError):
    """These answers can't be scored. Nothing was stored; correct the marked field."""

    code = "score-invalid"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `better` is `lower` or `higher`; `mic_share` is a share of the worse of two values.

    `mic` and `mdc` are None where our source gives no number. A `transition` measure is itself a rating of change.
    `recovered_at`: at this value or better people count as recovered. `room`: outside of it little change can be seen.
    """

    slug: str
    name: str
    noun: str
    low: float
    high: float
    whole: bool
    better: str
    licence: str
    enabled: bool
    unit: str = ""
    mic: float | None = None
    mic_share: float | None = None
    mic_mark: str = ""
    mic_source: str = ""
    mdc: float | None = None
    mdc_single: float | None = None
    mdc_mark: str = ""
    mdc_source: str = ""
    transition: bool = False
    better_at: float | None = None
    worse_at: float | None = None
    recovered_at: float | None = None
    room: tuple[float, float] | None = None
    items: int = 1
    loinc: str = ""
    windows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """A scored measure; `answered` of `asked` items were given. `value` is None if too much is missing."""

    measure: str
    value: float | None
    answered: int
    asked: int


@dataclass(frozen=True, slots=True)
class Change:
    """The difference between two scores in words that it carries. `exceeds_mic` is None where no MIC is known."""

    direction: str
    exceeds_mdc: bool
    exceeds_mic: bool | None
    sentence: str


def _load() -> tuple[str, Mapping[str, Measure]]:
    data: dict[str, Any] = tomllib.loads(files(__package__).joinpath("measures.toml").read_text("utf-8"))
    rows = {
        slug: Measure(
            slug=slug,
            **{**row, "windows": tuple(row.get("windows", ())), "room": tuple(row["room"]) if "room" in row else None},
        )
        for slug, row in data["measure"].items()
    }
    return data["version"], MappingProxyType(rows)


MEASURES_VERSION, MEASURES = _load()
DEFAULT_SET = ("nprs", "psfs", "pgic", "rmdq")


def measure(slug: str) -> Measure:
    """The measure called `slug`; raises UnknownMeasureError, or MeasureOffError if it is a plug-in that is off."""
    found = MEASURES.get(slug)
    if found is None:
        raise UnknownMeasureError
    if not found.enabled:
        raise MeasureOffError
    return found


def _single(slug: str, value: float, field: str = "value") -> Score:
    row = measure(slug)
    if not row.low <= value <= row.high or (row.whole and value != int(value)):
        raise ScoreInvalidError(f"{row.name} runs from {row.low:g} to {row.high:g}.", field=field)
    return Score(slug, float(value), 1, 1)


def score_nprs(value: int) -> Score:
    """Pain 0-10 in whole numbers; store the recall window beside it. No imputation."""
    return _single("nprs", value)


def score_psfs(ratings: Mapping[str, int | None]) -> Score:
    """Mean of the rated activities (0 unable, 10 as before); an activity left out (None) does not count.

    Raises ScoreInvalidError off the scale or with nothing to score. For a retest use `paired_psfs`.
    """
    rated = [_single("psfs", value, field=name).value for name, value in ratings.items() if value is not None]
    values = [value for value in rated if value is not None]
    if not values:
        raise ScoreInvalidError("Rate at least one activity.", field="activities")
    return Score("psfs", sum(values) / len(values), len(values), len(ratings))


def paired_psfs(before: Mapping[str, int | None], after: Mapping[str, int | None]) -> tuple[Score, Score]:
    """Two scores over the activities rated both times, so that like is compared with like."""
    both = [name for name in before if before[name] is not None and after.get(name) is not None]
    return score_psfs({name: before[name] for name in both}), score_psfs({name: after[name] for name in both})


def score_pgic(value: int) -> Score:
    """Overall change, 1 very much improved to 7 very much worse, anchored to the start of care."""
    return _single("pgic", value)


def score_grc(value: int) -> Score:
    """Global rating of change, -5 to +5."""
    return _single("grc", value)


def score_rmdq(ticked: Collection[int]) -> Score:
    """Published form: the number of ticked statements (1-24); what is not ticked counts as no."""
    numbers = set(ticked)
    if not numbers <= set(range(1, 25)):
        raise ScoreInvalidError("Statements are numbered 1 to 24.", field="ticked")
    return Score("rmdq", float(len(numbers)), 24, 24)


def score_rmdq_yes_no(answers: Sequence[bool | None]) -> Score:
    """24 yes/no answers with blanks (None): 24 x yes / answered if at most 20% are blank, else no value.

    Source: after Kent & Lauridsen 2011 (mark K).
    """
    if len(answers) != 24:
        raise ScoreInvalidError("Give 24 answers; leave a blank as empty.", field="answers")
    answered = [answer for answer in answers if answer is not None]
    few_blanks = 24 - len(answered) <= 0.2 * 24
    value = 24 * sum(answered) / len(answered) if few_blanks else None
    return Score("rmdq", value, len(answered), 24)


def score_flexion(method: str, first_cm: float, second_cm: float | None = None) -> Score:
    """Bending forward in cm. `ftf`: fingertip-to-floor distance. `mschober`, `mmst`: standing and bent mark distance;
    the score is the difference. Same rater, time of day and warm-up for a retest.
    """
    if method == "ftf":
        return _single("ftf", first_cm)
    if method not in {"mschober", "mmst"}:
        raise ScoreInvalidError("Choose ftf, mschober or mmst.", field="method")
    if second_cm is None:
        raise ScoreInvalidError("Give the distance standing and bent.", field="second_cm")
    return _single(method, second_cm - first_cm, field="second_cm")


def score_goal(level: int) -> Score:
    """Goal attainment, -2 (start or worse) over 0 (as hoped) to +2 (much more than hoped). One goal, one score."""
    return _single("goal", level)


def goal_t(levels: Sequence[int]) -> Score:
    """Several goals as one T score: 50 is "as hoped" on the whole, 10 one standard deviation; equal weights.

    50 + 10 x sum / sqrt(n (1 - r) + r n^2) with r = 0.3. Source: Kiresuk & Sherman 1968 (mark K).
    Raises ScoreInvalidError without levels or off the scale.
    """
    if not levels:
        raise ScoreInvalidError("Rate at least one goal.", field="goals")
    total = sum(score_goal(level).value or 0.0 for level in levels)
    count, together = len(levels), 0.3
    spread = sqrt(count * (1 - together) + together * count**2)
    return Score("goal", 50 + 10 * total / spread, count, count)


def _exceeds(row: Measure, before: float, after: float, *, single: bool) -> tuple[bool, bool | None]:
    size = abs(after - before)
    tolerance = 1e-9
    mdc = row.mdc_single if single and row.mdc_single is not None else row.mdc
    exceeds_mdc = size > 0 and (mdc is None or size >= mdc - tolerance)
    if row.mic is None:
        return exceeds_mdc, None
    # The share is taken of the worse value, so that 6 -> 4 and 4 -> 6 are judged alike.
    worse_value = max(before, after) if row.better == "lower" else min(before, after)
    by_share = row.mic_share is not None and size >= row.mic_share * abs(worse_value) - tolerance and size > 0
    return exceeds_mdc, size >= row.mic - tolerance or by_share


def _sentence(row: Measure, before: float, after: float, direction: str) -> str:
    unit = f" {row.unit}" if row.unit else ""
    went = f"Your {row.noun} went from {before:.3g}{unit} to {after:.3g}{unit}"
    if before == after:
        return f"Your {row.noun} stayed at {after:.3g}{unit}: about the same."
    if row.mic is None and row.mdc is None:
        return f"{went}. How large a difference has to be here is not known, so we call it neither better nor worse."
    if direction == SAME:
        return f"{went}: about the same. A difference this small can be chance."
    if row.mic is None:
        return f"{went}: {_WORDS[direction]}, by more than the error of measuring."
    return f"{went}: {_WORDS[direction]}, by enough to count."


def change(slug: str, before: float, after: float, *, single_activity: bool = False) -> Change:
    """What may be said about two scores of one measure. "Reaches" is meant: exactly the threshold counts.

    Where no MIC is known (movement tests) the measurement error decides alone. `single_activity` uses the larger
    error of one PSFS activity. Raises ScoreInvalidError for a transition measure; use `transition` there.
    """
    return judge(measure(slug), before, after, single_activity=single_activity)


def judge(row: Measure, before: float, after: float, *, single_activity: bool = False) -> Change:
    """`change` for a measure that is at hand, such as one of a questionnaire that a practice brought."""
    if row.transition:
        raise ScoreInvalidError("This measure is itself a rating of change.", field="measure")
    exceeds_mdc, exceeds_mic = _exceeds(row, before, after, single=single_activity)
    direction = SAME
    if exceeds_mdc and exceeds_mic is not False and (row.mdc, row.mic) != (None, None):
        direction = BETTER if (after < before) == (row.better == "lower") else WORSE
    words = _sentence(row, before, after, direction) + _asides(row, before, after)
    return Change(direction, exceeds_mdc, exceeds_mic, words)


def _asides(row: Measure, before: float, after: float) -> str:
    """What a measure's own ends add: recovered by its usual bound, or a start from where little change can show."""
    sign = 1 if row.better == "lower" else -1
    asides = ""
    if row.recovered_at is not None and sign * after <= sign * row.recovered_at < sign * before:
        asides += f" At {row.recovered_at:g} or {'less' if sign > 0 else 'more'} people usually count as recovered."
    if row.room is not None and not row.room[0] <= before <= row.room[1]:
        asides += f" From {before:g} this scale has little room to show a change."
    return asides


def same_zone(row: Measure, first: float) -> tuple[float, float]:
    """The values around `first` that count as about the same, on a grid of a two-hundredth of the scale."""
    step = (row.high - row.low) / 200
    ends = []
    for sign in (-1, 1):
        value = first
        for number in range(1, 201):
            tried = min(max(first + sign * number * step, row.low), row.high)
            if judge(row, first, tried).direction != SAME:
                break
            value = tried
        ends.append(value)
    return ends[0], ends[1]


def transition(slug: str, value: float) -> Change:
    """What a single rating of change (PGIC, GRC) says."""
    row = measure(slug)
    if not row.transition or row.better_at is None or row.worse_at is None:
        raise ScoreInvalidError("This measure is not a rating of change.", field="measure")
    _single(slug, value)
    sign = 1 if row.better == "higher" else -1
    direction = SAME
    if sign * value >= sign * row.better_at:
        direction = BETTER
    elif sign * value <= sign * row.worse_at:
        direction = WORSE
    reached = direction != SAME
    sentence = f"You rate yourself {_WORDS[direction]} compared with the start of care."
    return Change(direction, reached, reached, sentence)
