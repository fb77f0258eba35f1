"""Check-ins after a session: when to ask, what may be answered, and what has to happen then.

The table is versioned data (`checkin.toml`, clinical reference 3c). Nothing here diagnoses: it reassures, tells the
therapist, holds the next visit, or sends the client to a doctor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from types import MappingProxyType

from unknot.kernel.errors import InvalidError

from .aftercare import Numbers
from .techniques import read_data

BRUISES = ("none", "small", "larger_than_palm")
YES, NO, NOT_SURE = "yes", "no", "not_sure"


class CheckInInvalidError(InvalidError):
    """An answer of this check-in can't be read. Nothing was stored; correct the marked field."""

    code = "check-in-invalid"


class Level(IntEnum):
    """How far an answer has to be carried; higher is more urgent."""

    REASSURE = 0
    WATCH = 1
    THERAPIST_CONTACT = 2
    REVIEW_SAME_DAY = 3
    MD_FIRST = 4
    URGENT = 5
    EMERGENCY = 6

    @property
    def slug(self) -> str:
        """The stable name for programs: `reassure`, `therapist_contact`, `md_first`..."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class DueCheckIn:
    """A check-in to ask: `kind` is `24h`, `72h` or `weekly`; `due_at` in UTC."""

    kind: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CheckInAnswers:
    """One set of answers. Scales 0-10, None = not asked or left open; `hours_after` counts from the session's end.

    `new_symptoms` are keys of `SYMPTOMS`; `red_flags` maps R01-R06 to yes, no or not_sure.
    """

    hours_after: float
    soreness: int | None = None
    pain: int | None = None
    bruise: str = "none"
    bruise_spreading: bool = False
    function_loss: bool = False
    new_symptoms: frozenset[str] = frozenset()
    red_flags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("soreness", "pain"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 10:
                raise CheckInInvalidError("Ratings run from 0 to 10.", field=name)
        if self.bruise not in BRUISES:
            raise CheckInInvalidError("Choose the size of the bruise from the list.", field="bruise")
        if not self.new_symptoms <= set(SYMPTOMS):
            raise CheckInInvalidError("Choose new symptoms from the list.", field="new_symptoms")
        if not set(self.red_flags) <= set(FLAG_ROWS) or not set(self.red_flags.values()) <= {YES, NO, NOT_SURE}:
            raise CheckInInvalidError("Answer the warning-sign questions with yes, no or not sure.", field="red_flags")


@dataclass(frozen=True, slots=True)
class CheckInContext:
    """What was known before: pain before the session, blood thinner, long soreness after the session before."""

    pain_before: int | None = None
    on_blood_thinner: bool = False
    sore_over_48h_last_time: bool = False


@dataclass(frozen=True, slots=True)
class Escalation:
    """What has to happen. `cap_next_delta` lowers the next session's cap; `rows` name the table rows that fired."""

    level: Level
    rows: tuple[str, ...]
    texts: tuple[str, ...]
    cap_next_delta: int
    hold_next_for_review: bool
    stop_deep: bool
    red_flag_questions: tuple[str, ...]
    rules_version: str


_DATA = read_data("checkin.toml")
CHECKIN_VERSION: str = _DATA["version"]
THRESHOLDS: Mapping[str, int] = MappingProxyType(_DATA["thresholds"])
ROWS: Mapping[str, tuple[Level, str]] = MappingProxyType(
    {name: (Level[row["level"].upper()], row["text"]) for name, row in _DATA["row"].items()}
)
SYMPTOMS: Mapping[str, str] = MappingProxyType({name: row["text"] for name, row in _DATA["symptom"].items()})
FLAG_ROWS: Mapping[str, str] = MappingProxyType(_DATA["flag"])
FLAG_QUESTIONS: Mapping[str, str] = MappingProxyType(_DATA["flag_question"])
NOT_SURE_IS_YES: frozenset[str] = frozenset(_DATA["flags"]["not_sure_is_yes"])
HOLDING_ROWS = frozenset({"sore_long", "bruise", "pain_up_function", "nerves", "urgent", "emergency"})
LOWERING_ROWS = frozenset({"sore_high", "sore_long", "bruise", "bruise_small", "pain_up", "stop_deep"})
"""Sore, bruised or worse after the last visit: the next one is capped (C60)."""


def schedule(ended_at: datetime, *, soreness_24h: int | None = None, weeks: int = 4) -> tuple[DueCheckIn, ...]:
    """When to ask after a session that ended at `ended_at` (UTC): 24 h, 72 h only if soreness was 3 or more, weekly."""
    due = [DueCheckIn("24h", ended_at + timedelta(hours=24))]
    if soreness_24h is not None and soreness_24h >= THRESHOLDS["sore_again"]:
        due.append(DueCheckIn("72h", ended_at + timedelta(hours=72)))
    due.extend(DueCheckIn("weekly", ended_at + timedelta(days=7 * week)) for week in range(1, weeks + 1))
    return tuple(due)


def not_monitored(numbers: Numbers | None = None) -> str:
    """The line beside every free-text field: nobody reads along; whom to call."""
    call = numbers or Numbers()
    text: str = _DATA["not_monitored"]
    return text.format(emergency=call.emergency, advice_line=call.advice_line)


def answered_at(answers: CheckInAnswers, *, hours_after: float) -> CheckInAnswers:
    """The answers with the hours since the session's end, by the server's clock."""
    return replace(answers, hours_after=hours_after)


def with_flags(answers: CheckInAnswers, flags: Mapping[str, str]) -> CheckInAnswers:
    """The answers with the warning-sign questions added; what was answered before stays."""
    return replace(answers, red_flags={**flags, **answers.red_flags})


def _soreness_rows(now: CheckInAnswers, earlier: Sequence[CheckInAnswers], context: CheckInContext) -> set[str]:
    if now.soreness is None:
        return set()
    rows: set[str] = set()
    before = [a for a in earlier if a.soreness is not None and a.hours_after < now.hours_after]
    last = max(before, key=lambda a: a.hours_after, default=None)
    rising = last is not None and last.soreness is not None and now.soreness > last.soreness
    still_sore = now.soreness >= THRESHOLDS["sore_again"]
    if now.soreness >= THRESHOLDS["sore_high"]:
        rows.add("sore_high")
    if (still_sore and now.hours_after >= 72) or (rising and now.hours_after > 24):
        rows.add("sore_long")
    if still_sore and now.hours_after > 48 and context.sore_over_48h_last_time:
        rows.add("stop_deep")
    if not rows and now.soreness <= THRESHOLDS["sore_low"]:
        rows.add("fading")
    return rows


def _bruise_rows(now: CheckInAnswers, context: CheckInContext) -> set[str]:
    if now.bruise_spreading:  # also with "none" beside it: of two answers that contradict, the careful one counts
        return {"bruise", "bruise_spreading"}
    if now.bruise == "none":
        return set()
    return {"bruise"} if now.bruise == "larger_than_palm" or context.on_blood_thinner else {"bruise_small"}


def _pain_rows(now: CheckInAnswers, context: CheckInContext) -> set[str]:
    if now.pain is None or context.pain_before is None or now.hours_after < 72:
        return set()
    if now.pain - context.pain_before < THRESHOLDS["pain_rise"]:
        return set()
    return {"pain_up", "pain_up_function"} if now.function_loss else {"pain_up"}


def _symptom_rows(now: CheckInAnswers) -> set[str]:
    rows = {_DATA["symptom"][name]["row"] for name in now.new_symptoms}
    for flag, answer in now.red_flags.items():
        if answer == YES or (answer == NOT_SURE and flag in NOT_SURE_IS_YES):
            rows.add(FLAG_ROWS[flag])
    return rows


def _questions(now: CheckInAnswers) -> tuple[str, ...]:
    wanted = {f for name in now.new_symptoms if _DATA["symptom"][name]["row"] == "nerves" for f in FLAG_ROWS}
    return tuple(flag for flag in FLAG_ROWS if flag in wanted and flag not in now.red_flags)


def escalate(
    now: CheckInAnswers,
    context: CheckInContext | None = None,
    earlier: Sequence[CheckInAnswers] = (),
    numbers: Numbers | None = None,
) -> Escalation:
    """What the answers `now` ask for, given earlier answers about the same session. The most urgent row decides.

    More soreness, pain, bruising or symptoms never lowers the level.
    """
    known = context or CheckInContext()
    rows = _soreness_rows(now, earlier, known) | _bruise_rows(now, known) | _pain_rows(now, known) | _symptom_rows(now)
    if len(rows) > 1:
        rows.discard("fading")
    ordered = sorted(rows, key=lambda row: (-ROWS[row][0], row))
    call = numbers or Numbers()
    return Escalation(
        level=max((ROWS[row][0] for row in rows), default=Level.REASSURE),
        rows=tuple(ordered),
        texts=tuple(ROWS[r][1].format(emergency=call.emergency, advice_line=call.advice_line) for r in ordered),
        cap_next_delta=-1 if rows & LOWERING_ROWS else 0,
        hold_next_for_review=bool(rows & HOLDING_ROWS),
        stop_deep="stop_deep" in rows,
        red_flag_questions=_questions(now),
        rules_version=CHECKIN_VERSION,
    )
