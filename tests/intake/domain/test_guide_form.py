import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.intake.domain import GUIDE_CARDS, GUIDE_WORDS, CardChoiceError, chosen_of, read_answers, read_guide_cards
from unknot.intake.domain.guide_rules import guide_rules


@st.composite
def choices(draw: st.DrawFn) -> dict[str, list[str]]:
    """What a person can choose with the form: per card nothing, some options, or "none" alone; not sure beside many."""
    chosen: dict[str, list[str]] = {}
    for card in GUIDE_CARDS:
        single = st.sampled_from([*card.signals, "none", "not_sure"]).map(lambda one: [one])
        several = st.lists(st.sampled_from([*card.signals, "not_sure"]), unique=True) if card.many else single
        chosen[card.id] = draw(st.one_of(st.just([]), single, several))
    return chosen


def test_every_signal_stands_on_one_card() -> None:
    listed = [signal for card in GUIDE_CARDS for signal in card.signals]
    assert sorted(listed) == sorted(guide_rules().signals)
    assert set(GUIDE_WORDS) == set(listed)


@given(choices())
def test_what_was_chosen_is_chosen_again_when_the_form_is_shown_anew(chosen: dict[str, list[str]]) -> None:
    again = chosen_of(read_answers(read_guide_cards(chosen)))
    whole = {card.id: {*card.signals, "not_sure"} for card in GUIDE_CARDS}
    for card, picked in chosen.items():
        if set(picked) == whole[card]:  # nothing is left to be unsure about
            picked = [one for one in picked if one != "not_sure"]  # noqa: PLW2901
        assert sorted(again[card]) == sorted(picked)


def test_a_card_left_empty_was_not_asked() -> None:
    assert read_guide_cards({"pressure": ["P1"]}) == {"P1": "yes", "P2": "no"}
    assert read_guide_cards({"pressure": [""], "goal": []}) == {}
    assert read_guide_cards({"pressure": ["none"]}) == {"P1": "no", "P2": "no"}
    assert read_guide_cards({"pressure": ["not_sure"]}) == {"P1": "not_sure", "P2": "not_sure"}
    assert read_guide_cards({"experience": ["E2", "not_sure"]})["E1"] == "not_sure"


@pytest.mark.parametrize("picked", [["P1", "P2"], ["P1", "none"], ["G1"], ["maybe"]])
def test_choices_that_do_not_go_together(picked: list[str]) -> None:
    with pytest.raises(CardChoiceError) as refused:
        read_guide_cards({"pressure": picked})
    assert refused.value.field == "pressure"
