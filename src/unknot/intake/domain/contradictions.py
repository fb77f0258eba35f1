"""Answers that do not go together: named kindly, never thrown away; the more careful one holds until somebody asked."""

from collections.abc import Collection
from dataclasses import dataclass

from unknot.intake.domain.answers import Answers, AnswerValue
from unknot.intake.domain.rulebook import rule_files

ASK = "Your therapist asks which is right; until then the more careful answer holds."
AGAIN = "Which is right? Untick one, or say that you are not sure."


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Ids that can't all be yes (the screening row it is filed under first), with words for the client."""

    rows: tuple[str, ...]
    text: str


def contradictions(answers: Answers) -> tuple[Contradiction, ...]:
    """Pairs that are both answered yes. One more yes never makes one go away."""
    return tuple(pair for pair in PAIRS if all(answers.value(row) is AnswerValue.YES for row in pair.rows))


def to_ask_again(answers: Answers, shown: Collection[str]) -> tuple[Contradiction, ...]:
    """What a form should ask again, of the rows it shows: such pairs, and an answer that the others deny."""
    found = [one for one in contradictions(answers) if set(one.rows) <= set(shown)]
    for row, others, text in NEEDS:
        denied = all(answers.value(other) is AnswerValue.NO for other in others)
        if answers.value(row) is AnswerValue.YES and denied and {row, *others} <= set(shown):
            found.append(Contradiction((row, *others), text))
    return tuple(found)


_RAW = list(rule_files("contradictions").values())[-1]
PAIRS: tuple[Contradiction, ...] = tuple(Contradiction(tuple(one["rows"]), one["text"]) for one in _RAW["pair"])
NEEDS: tuple[tuple[str, tuple[str, ...], str], ...] = tuple(
    (one["row"], tuple(one["one_of"]), one["text"]) for one in _RAW["needs"]
)
