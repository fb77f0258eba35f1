"""The guide's page: cards of options and the body map."""

from collections.abc import Mapping, Sequence
from typing import Any

from unknot.intake import domain
from unknot.intake.forms.places import Posted, read_places

NOT_SURE = {"value": "not_sure", "label": "Not sure"}


def read_guide(posted: Posted) -> dict[str, Any]:
    """The guide's answers with the marked places. Raises `CardChoiceError` naming the card."""
    return {**domain.read_guide_cards(posted), "regions": read_places(posted)}


def chosen_before(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """What to show as chosen on each card, from earlier answers (or none)."""
    return domain.chosen_of(domain.read_answers(answers))


def guide_fields(
    chosen: Mapping[str, Sequence[str]], *, fault: domain.CardChoiceError | None = None
) -> list[dict[str, Any]]:
    """The cards as the template's questions, with what is chosen and the error of the card at fault."""
    return [_field(card, list(chosen.get(card.id, ())), fault) for card in domain.GUIDE_CARDS]


def _field(card: domain.GuideCard, chosen: list[str], fault: domain.CardChoiceError | None) -> dict[str, Any]:
    choices = [{"value": signal, "label": words} for signal, words in card.options]
    choices += [{"value": "none", "label": card.none}, NOT_SURE]
    return {
        "name": card.id,
        "legend": card.title,
        "hint": card.hint,
        "kind": "checkbox" if card.many else "radio",
        "choices": choices,
        "values": chosen,
        "value": chosen[0] if chosen else "",
        "error": fault.message if fault is not None and fault.field == card.id else "",
    }
