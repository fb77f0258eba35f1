"""What a client told us so far: the answers with the time each screening row was last asked, and what still stands.

Emergency rows and rows about today stand for one day; the other rows for as long as their rule says. So a returning
client gets one short "what has changed" page and keeps the rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from unknot.intake.domain.answers import REGIONS_KEY, Answers, read_answers
from unknot.intake.domain.guide_rules import guide_rules
from unknot.intake.domain.questions import QuestionGroup, changed_questions, short_questions
from unknot.intake.domain.screening_result import Relaxation, ScreeningResult
from unknot.intake.domain.screening_rules import EffectKind, Row, ScreeningRules, screening_rules
from unknot.kernel.errors import InvalidError

ALARMS: tuple[EffectKind, ...] = ("emergency", "urgent", "crisis")


class StoredAnswersError(InvalidError):
    """These stored answers cannot be read. Nothing was changed; please answer the questions again."""

    code = "stored-answers"


@dataclass(frozen=True)
class Told:
    """All answers so far. `asked_at` holds the time (aware) each screening row was last asked, by row id."""

    answers: Answers = field(default_factory=Answers)
    asked_at: Mapping[str, datetime] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` gives an equal value back."""
        return {
            "answers": self.answers.to_dict(),
            "asked_at": {key: at.isoformat() for key, at in self.asked_at.items()},
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Told":
        """Read what `to_dict` wrote, leaving out questions that no longer exist. Raises `StoredAnswersError`."""
        rules, known = screening_rules(), _known_ids()
        try:
            answers = {key: value for key, value in stored["answers"].items() if key in known}
            asked = {key: datetime.fromisoformat(at) for key, at in stored["asked_at"].items() if key in rules.rows}
            return cls(read_answers(answers), asked)
        except (KeyError, TypeError, ValueError, AttributeError, InvalidError) as fault:
            raise StoredAnswersError() from fault

    def with_answers(self, new: Answers, *, now: datetime, instead_of: frozenset[str] = frozenset()) -> "Told":
        """These answers with newer ones over them.

        `instead_of` are ids that the newer answers replace even where they are silent (`regions`, guide signals);
        complaint regions are also replaced if any is given. A screening row takes its follow-ups along. Whatever else
        is not among the new answers keeps its answer and its time.
        """
        rules = screening_rules()
        fresh = new.to_dict()
        rows = {rules.parent_of.get(key, key) for key in fresh if key in rules.known_ids}
        replaced = instead_of | rows | {follow for follow, parent in rules.parent_of.items() if parent in rows}
        kept = {key: value for key, value in self.answers.to_dict().items() if key not in replaced}
        return Told(read_answers(kept | fresh), {**self.asked_at, **dict.fromkeys(sorted(rows), now)})

    @property
    def has_screening(self) -> bool:
        """Whether any screening row was asked."""
        return bool(self.asked_at)


PLACES: frozenset[str] = frozenset({REGIONS_KEY})


def guide_ids() -> frozenset[str]:
    """Ids of the guide's signals, newest rules."""
    return frozenset(guide_rules().signals)


def screening_ids() -> frozenset[str]:
    """Ids of the screening's rows and follow-ups, newest rules."""
    return screening_rules().known_ids


def _known_ids() -> frozenset[str]:
    return guide_ids() | screening_rules().known_ids | PLACES


def _stands_for(row: Row) -> timedelta:
    return timedelta(days=1 if row.can("emergency") else row.days)


def _booking_rows(rules: ScreeningRules | None) -> list[Row]:
    rules = rules or screening_rules()
    return [rules.rows[row_id] for card in short_questions(rules=rules) for row_id in card.rules]


def valid_until(told: Told, *, rules: ScreeningRules | None = None) -> datetime | None:
    """When these answers stop being enough to book: the first row of the booking form to run out, under the newest
    released rules or a practice's own.

    None if an emergency row was never asked.
    """
    rows = _booking_rows(rules)
    if any(row.can("emergency") and row.id not in told.asked_at for row in rows):
        return None
    return min(told.asked_at[row.id] + _stands_for(row) for row in rows if row.id in told.asked_at)


def due_rows(told: Told, *, now: datetime, rules: ScreeningRules | None = None) -> tuple[str, ...]:
    """Rows of the booking form that were never asked, or whose answer has run out by `now`."""
    rows = _booking_rows(rules)
    return tuple(
        row.id for row in rows if row.id not in told.asked_at or told.asked_at[row.id] + _stands_for(row) <= now
    )


def questions_now(told: Told, *, now: datetime, rules: ScreeningRules | None = None) -> tuple[QuestionGroup, ...]:
    """What to ask before a booking: the short form of somebody new, "what has changed" and the rows that have run out
    of somebody who answered before, nothing if every answer still stands."""
    if not told.has_screening:
        return short_questions(rules=rules)
    due = set(due_rows(told, now=now, rules=rules))
    if not due:
        return ()
    rows = (rules or screening_rules()).rows.values()
    answered = {row.id: row.days if row.id in due else 0 for row in rows}
    return changed_questions(answered_days_ago=answered, rules=rules)


def prefilled(told: Told, shown: Iterable[str]) -> dict[str, str]:
    """Earlier answers worth showing again on a "what has changed" page: lasting conditions, never signs of the
    moment."""
    rules = screening_rules()
    found: dict[str, str] = {}
    for row_id in shown:
        row, value = rules.rows[row_id], told.answers.value(row_id)
        if value is not None and value != "no" and row.days > 1 and not row.can(*ALARMS):
            found[row_id] = value.value
    return found


def standing_relaxations(
    before: ScreeningResult, old: Answers, new: Answers, *, now: datetime, rules: ScreeningRules | None = None
) -> tuple[Relaxation, ...]:
    """Relaxations of an earlier screening that still hold: same answer to the row and its follow-ups, not run out."""
    rules = rules or screening_rules()
    kept: list[Relaxation] = []
    for item in before.relaxed:
        row = rules.rows.get(item.rule)
        if row is None or item.at + timedelta(days=row.days) <= now:
            continue
        ids = (row.id, *(follow.id for follow in row.follow_ups))
        if all(old.get(one) == new.get(one) for one in ids):
            kept.append(item)
    return tuple(kept)
