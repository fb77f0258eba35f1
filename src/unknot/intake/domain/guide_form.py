"""The guide as a short form: cards with plain options, each option one signal of the guide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unknot.intake.domain.answers import Answers, AnswerValue
from unknot.kernel.errors import InvalidError

NONE, NOT_SURE = "none", "not_sure"


class CardChoiceError(InvalidError):
    """These choices do not go together. Nothing was lost; change one of them."""

    code = "card-choice"


@dataclass(frozen=True, slots=True)
class GuideCard:
    """One card. `many`: several options may hold; otherwise one at most. `none` are the words for "none of these"."""

    id: str
    title: str
    hint: str
    options: tuple[tuple[str, str], ...]  # signal id, words
    many: bool = True
    none: str = "None of these"

    @property
    def signals(self) -> tuple[str, ...]:
        """Ids of the signals, in order."""
        return tuple(signal for signal, _ in self.options)


GUIDE_CARDS: tuple[GuideCard, ...] = (
    GuideCard(
        "goal", "What brings you?", "Tick all that fit. Nothing here is a commitment.",
        (
            ("G1", "Less pain or stiffness in one area"),
            ("G2", "Moving more freely"),
            ("G3", "Tension from posture or repeated movement"),
            ("G4", "Recovering from a strain, more than 3 days ago"),
            ("G5", "Easing stress, sleeping better"),
            ("G6", "Care for the whole body rather than one spot"),
        ),
    ),
    GuideCard(
        "duration", "How long has it bothered you?", "A guess is fine.",
        (("D1", "Less than 4 weeks"), ("D2", "About 4 to 12 weeks"), ("D3", "More than 12 weeks")),
        many=False, none="Nothing in particular bothers me",
    ),
    GuideCard(
        "experience", "What have you tried?", "How your body responded before counts most.",
        (
            ("E1", "This would be my first massage"),
            ("E2", "Lighter pressure, three times or more, and it did little"),
            ("E3", "Deep work that helped; any soreness was gone in 2 days"),
            ("E4", "Deep work that left me bruised, or sore for longer than 2 days"),
        ),
    ),
    GuideCard(
        "pressure", "How do you like pressure?", "More is not better. You can change your mind at any time.",
        (("P1", "Firm"), ("P2", "Gentle")),
        many=False, none="No preference",
    ),
    GuideCard(
        "state", "How is it right now?", "",
        (
            ("S1", "My pain is 7 or more out of 10"),
            ("S2", "I hurt in many places, or touch is very tender"),
            ("S3", "A place that has bothered me for long feels tight or knotted"),
            ("P3", "I worry that it may hurt, or can bear little just now"),
        ),
    ),
    GuideCard(
        "days", "Your days", "These count a little; they mostly tell your therapist where to look.",
        (
            ("L1", "The same position most of the day, such as a desk"),
            ("L2", "Driving 2 hours or more a day"),
            ("L3", "Heavy work, or the same task over and over"),
            ("L4", "Stiffer in the cold"),
        ),
    ),
)  # fmt: skip

WORDS: dict[str, str] = {signal: words for card in GUIDE_CARDS for signal, words in card.options}


def read_guide_cards(chosen: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The guide's answers from what was chosen on each card (signal ids, `none`, `not_sure`), by card id.

    A card left empty was not asked. On a card where something is chosen, the rest is answered no, or not sure if that
    was chosen as well. Raises `CardChoiceError` naming the card.
    """
    answers: dict[str, str] = {}
    for card in GUIDE_CARDS:
        picked = [value for value in chosen.get(card.id, ()) if value]
        if not picked:
            continue
        if set(picked) - {*card.signals, NONE, NOT_SURE}:
            raise CardChoiceError(f"{card.title} Choose from the options shown.", field=card.id)
        if len(picked) > 1 and (NONE in picked or not card.many):
            what = f"“{card.none}” and something else" if NONE in picked else "more than one answer"
            raise CardChoiceError(f"{card.title} You chose {what}. Keep what is true.", field=card.id)
        rest = AnswerValue.NOT_SURE if NOT_SURE in picked else AnswerValue.NO
        answers |= {signal: (AnswerValue.YES if signal in picked else rest).value for signal in card.signals}
    return answers


def chosen_of(answers: Answers) -> dict[str, list[str]]:
    """What is chosen on each card for these answers: the way back, to fill the form again."""
    chosen: dict[str, list[str]] = {}
    for card in GUIDE_CARDS:
        values = {signal: answers.value(signal) for signal in card.signals}
        picked = [signal for signal, value in values.items() if value is AnswerValue.YES]
        given = [value for value in values.values() if value is not None]
        if any(value.is_unknown for value in given):
            picked.append(NOT_SURE)
        elif given and not picked:
            picked.append(NONE)
        chosen[card.id] = picked
    return chosen
