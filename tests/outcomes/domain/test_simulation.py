"""The study has its shape, is repeatable, and the bands hold about as often as they say."""

from typing import Any

import pytest

from unknot.outcomes.domain.simulation import FIXED, simulate, simulate_truth


@pytest.fixture(scope="module")
def study() -> dict[str, Any]:
    return simulate(20, seed=3)


def test_shape(study: dict[str, Any]) -> None:
    assert set(study["truths"]) == {"A", "B"}
    for figures in study["truths"].values():
        assert set(figures["policies"]) == {*FIXED, "as_needed", "model"}
        assert {"coverage", "width", "paired_gain", "responders_flagged", "nonresponders_flagged"} <= set(figures)
        assert set(figures["policies"]["model"]) == {"pain", "sessions", "days_below_target", "soreness_days"}


@pytest.mark.parametrize("truth", ["A", "B"])
def test_bands_hold_about_four_times_in_five(study: dict[str, Any], truth: str) -> None:
    # 20 clients with 25 ratings each that hang together within a client: wide bounds; the full study asks 0.75-0.85.
    assert 0.70 <= study["truths"][truth]["coverage"] <= 0.90
    assert 2.0 <= study["truths"][truth]["width"] <= 4.0


@pytest.mark.parametrize("truth", ["A", "B"])
def test_more_sessions_mean_less_pain_under_fixed_schedules(study: dict[str, Any], truth: str) -> None:
    policies = study["truths"][truth]["policies"]
    schedules = ("none", "every_28_days", "every_14_days", "weekly")
    pains = [policies[name]["pain"] for name in schedules]
    assert pains == sorted(pains, reverse=True)
    assert [policies[name]["sessions"] for name in schedules] == [0, 7, 13, 26]


def test_same_seed_same_figures() -> None:
    assert simulate_truth("A", 2, 5) == simulate_truth("A", 2, 5)
    assert simulate_truth("A", 2, 5) != simulate_truth("A", 2, 6)


def test_stopping_after_the_talk_saves_sessions_and_flags_the_same_clients() -> None:
    stopping = simulate_truth("B", 12, 4)
    going_on = simulate_truth("B", 12, 4, stop_after_review=False)
    assert stopping["nonresponders_flagged"] == going_on["nonresponders_flagged"] > 0
    assert stopping["policies"]["model"]["sessions"] < going_on["policies"]["model"]["sessions"]


def test_a_study_needs_clients() -> None:
    with pytest.raises(ValueError, match="at least one client"):
        simulate(0, seed=1)
