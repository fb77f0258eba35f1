"""A practice's own rules: released rows adjusted, emergencies never loosened, more yeses never less strict."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.intake.domain import (
    HOLDS,
    Adjustment,
    AdjustmentError,
    EmergencyNotLoosenedError,
    Outcome,
    UnknownRuleError,
    adjusted,
    check_adjustment,
    effective_cap,
    read_adjustment,
    read_answers,
    screen,
    screening_rules,
    short_questions,
)
from unknot.intake.domain.adjusting import is_protected
from unknot.intake.domain.regions import SLUGS

ROWS = screening_rules().rows
PROTECTED = sorted(row.id for row in ROWS.values() if is_protected(row))
rows = st.sampled_from(sorted(ROWS))
changes = st.builds(
    Adjustment,
    rule=rows,
    hold=st.sampled_from(HOLDS),
    cap=st.none() | st.integers(0, 5),
    days=st.none() | st.integers(1, 365),
)
several = st.lists(changes, max_size=8)
answers = st.dictionaries(
    st.sampled_from(sorted(screening_rules().known_ids)), st.sampled_from(["yes", "no", "not_sure", "prefer_not"])
)


def screened(raw: dict[str, str], made: list[Adjustment]) -> Any:
    return screen(read_answers({**raw, "regions": ["low_back"]}), rules=adjusted(made, number=1))


@given(several, answers, rows)
def test_no_result_is_less_strict_after_another_yes(made: list[Adjustment], raw: dict[str, str], row: str) -> None:
    before, after = screened({**raw, row: "no"}, made), screened({**raw, row: "yes"}, made)
    assert after.outcome.severity >= before.outcome.severity
    assert all(effective_cap(after, slug) <= effective_cap(before, slug) for slug in SLUGS)
    assert set(after.avoid) >= set(before.avoid)


@given(several, answers)
def test_no_change_makes_an_emergency_sign_looser(made: list[Adjustment], raw: dict[str, str]) -> None:
    only = {key: value for key, value in raw.items() if screening_rules().parent_of.get(key, key) in PROTECTED}
    released, here = screen(read_answers({**only, "regions": ["low_back"]})), screened(only, made)
    assert here.outcome.severity >= released.outcome.severity
    assert all(effective_cap(here, slug) <= effective_cap(released, slug) for slug in SLUGS)
    assert {one.rule for one in released.precautions if one.effect == "emergency"} <= {
        one.rule for one in here.precautions if one.effect == "emergency"
    }


@given(several)
def test_without_changes_the_rules_are_as_released_and_the_version_says_whose(made: list[Adjustment]) -> None:
    here = adjusted(made, number=7)
    assert here.version == "2026.1+7"
    untouched = set(ROWS) - {one.rule for one in made}
    assert all(here.rows[row] == ROWS[row] for row in untouched)
    assert screening_rules(here.version) is screening_rules("2026.1")


def test_a_change_does_what_it_says() -> None:
    made = [Adjustment("C12", hold="md_first", cap=2, days=30)]
    result = screened({"C12": "yes"}, made)
    assert (result.outcome, effective_cap(result, "foot")) == (Outcome.DOCTOR_FIRST, 2)
    assert (result.rules_version, result.valid_for_days) == ("2026.1+1", 30)
    assert "elbow" in result.removed_techniques
    assert {one.source.endswith("adjusted by this practice") for one in result.precautions} == {True}
    looser = screened({"C12": "yes"}, [Adjustment("C12", hold="none", cap=4)])
    assert (looser.outcome, effective_cap(looser, "foot")) == (Outcome.ADAPT, 4)
    fresh = screened({"C58": "yes"}, [Adjustment("C58", cap=3)])
    assert effective_cap(fresh, "hand") == 3


def test_a_row_that_now_holds_a_visit_is_asked_before_the_booking() -> None:
    def asked(made: list[Adjustment]) -> set[str]:
        return {row for card in short_questions(rules=adjusted(made, number=1)) for row in card.rules}

    [later] = [row for group in screening_rules().groups for row in group.later][:1]
    assert later not in asked([])
    assert later in asked([Adjustment(later, hold="review")])


@pytest.mark.parametrize("row", PROTECTED)
def test_loosening_an_emergency_sign_is_refused(row: str) -> None:
    for looser in (Adjustment(row, hold="none"), Adjustment(row, hold="review"), Adjustment(row, days=365)):
        with pytest.raises(EmergencyNotLoosenedError):
            check_adjustment(looser)
    check_adjustment(Adjustment(row, days=1))


def test_unknown_rows_and_values_are_refused() -> None:
    with pytest.raises(UnknownRuleError):
        check_adjustment(Adjustment("C99"))
    for raw, field in (
        ({"hold": "maybe"}, "hold"),
        ({"cap": 6}, "cap"),
        ({"cap": True}, "cap"),
        ({"days": 0}, "days"),
        ({"days": "9"}, "days"),
    ):
        with pytest.raises(AdjustmentError) as refusal:
            read_adjustment({"rule": "C12", **raw})
        assert refusal.value.field == field
