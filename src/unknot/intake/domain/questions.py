"""Which questions are put to whom: the guide's, the booking form's, the full history and "what changed"."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from unknot.intake.domain.guide_rules import guide_rules
from unknot.intake.domain.screening_rules import Group, Row, ScreeningRules, screening_rules


@dataclass(frozen=True, slots=True)
class Question:
    """One question in plain words. `asks_where`: places may be marked with the answer; `follow_ups` are put after a
    yes; `how_to_check` helps someone who is not sure; `valid_for_days` is how long an answer stands."""

    id: str
    text: str
    asks_where: bool = False
    how_to_check: str = ""
    valid_for_days: int | None = None
    follow_ups: tuple["Question", ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions on one card, with one "none of these". Cards with the same `page` stand on one page.

    "None of these" stands for an answer of no to every question of the card.
    """

    id: str
    page: str
    title: str
    intro: str
    questions: tuple[Question, ...]
    none_of_these: bool = True

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the questions, in order."""
        return tuple(question.id for question in self.questions)

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {**asdict(self), "rules": list(self.rules)}


def guide_questions(*, version: str | None = None) -> tuple[Question, ...]:
    """The guide's questions in order. Raises `UnknownRulesVersionError`."""
    return tuple(Question(signal.id, signal.ask) for signal in guide_rules(version).signals.values())


def short_questions(*, version: str | None = None, rules: ScreeningRules | None = None) -> tuple[QuestionGroup, ...]:
    """What is asked at booking: warning signs first, on one page by theme, then health by subject.

    Left out are rows that can never hold a booking; they belong to the full history before the first visit.
    With `rules`, under a practice's own. Raises `UnknownRulesVersionError`.
    """
    rules = rules or screening_rules(version)
    cards = (_card(group, rules, leave_out=group.later) for group in rules.groups)
    return tuple(card for card in cards if card.questions)


def full_questions(*, version: str | None = None) -> tuple[QuestionGroup, ...]:
    """Every row of the screening, grouped like the short form. Raises `UnknownRulesVersionError`."""
    rules = screening_rules(version)
    return tuple(_card(group, rules) for group in rules.groups)


def changed_questions(
    *,
    answered_days_ago: Mapping[str, int] | None = None,
    version: str | None = None,
    rules: ScreeningRules | None = None,
) -> tuple[QuestionGroup, ...]:
    """What a returning client is asked: "what has changed", then rows whose answer has run out or was never given.

    `answered_days_ago` is whole days since each row was answered; None asks only what has changed. With `rules`, under
    a practice's own. Raises `UnknownRulesVersionError`.
    """
    rules = rules or screening_rules(version)
    cards = [_card(rules.changed, rules)]
    if answered_days_ago is not None:
        kept = set(rules.rows) - set(due_again(answered_days_ago, rules=rules))
        leave_out = kept | set(rules.changed.rows)
        cards.extend(_card(group, rules, leave_out=leave_out) for group in rules.groups)
    return tuple(card for card in cards if card.questions)


def due_again(
    answered_days_ago: Mapping[str, int], *, version: str | None = None, rules: ScreeningRules | None = None
) -> tuple[str, ...]:
    """Rows that have to be asked again: never answered, or answered `valid_for_days` or more days ago."""
    rows = (rules or screening_rules(version)).rows.values()
    return tuple(row.id for row in rows if answered_days_ago.get(row.id, row.days) >= row.days)


def _card(group: Group, rules: ScreeningRules, *, leave_out: Iterable[str] = ()) -> QuestionGroup:
    skipped = set(leave_out)
    questions = tuple(_question(rules.rows[row]) for row in group.rows if row not in skipped)
    return QuestionGroup(group.id, group.page, group.title, group.intro, questions)


def _question(row: Row) -> Question:
    follow_ups = tuple(Question(item.id, item.ask, valid_for_days=row.days) for item in row.follow_ups)
    return Question(row.id, row.ask, row.site, row.check, row.days, follow_ups)
