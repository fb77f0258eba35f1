"""Every position and technique that the screening can rule out is understood by the plan: none falls on deaf ears."""

import pytest

from unknot.intake.domain.screening_rules import screening_rules
from unknot.treatment.domain import POSITION_RULES, TECHNIQUES, TOOLS, PlanRequest, build_plan

NOT_PLANNED = {"vibration_device"}  # no plan uses a device; the therapist reads the words


def test_every_position_of_the_screening_is_known() -> None:
    assert set(screening_rules().item_words["pos"]) <= set(POSITION_RULES)


def test_every_technique_of_the_screening_takes_something_out() -> None:
    words = set(screening_rules().item_words["tech_minus"]) - NOT_PLANNED
    deaf = {
        word
        for word in words
        if word not in TOOLS and not any(one.is_removed_by({word}) for one in TECHNIQUES.values())
    }
    assert deaf == set()


@pytest.mark.parametrize("style", ["therapeutic", "deep"])
def test_nobody_thirteen_weeks_pregnant_lies_on_back_or_belly(style: str) -> None:
    request = PlanRequest(minutes=90, style=style, positions=frozenset({"side_or_semi_reclined"}))
    on_table = {one.position for one in build_plan(request).segments if one.on_table}
    assert on_table <= {"side_lying", "semi_reclined", "seated"}


def test_no_deep_gliding_on_blood_thinners() -> None:
    def techniques(*removed: str) -> set[str | None]:
        request = PlanRequest(
            minutes=90, style="deep", deep_requested=True, focus=(("low_back", "left"),), removed=frozenset(removed)
        )
        return {one.technique for one in build_plan(request).segments}

    assert "stripping" in techniques()
    assert techniques("elbow", "muscle_stripping", "friction") & {"stripping", "friction"} == set()
