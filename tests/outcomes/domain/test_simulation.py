"""The study has its shape, is repeatable, and the bands hold about as often as they say."""

from typing import Any

import pytest

from unknot.outcomes.domain.simulation import FIXED, missed, simulate, simulate_truth


@pytest.fixture(scope="module")
def study() -> dict[str, Any]:
    return simulate(40, seed=3)


def test_shape(study: dict[str, Any]) -> None:
    assert set(study["truths"]) == {"A", "B"}
    for figures in study["truths"].values():
        assert set(figures["policies"]) == {*FIXED, "as_needed", "model"}
        assert {"coverage", "width", "paired_gain", "responders_flagged", "nonresponders_flagged"} <= set(figures)
        assert set(figures["policies"]["model"]) == {"pain", "sessions", "days_below_target", "soreness_days"}


@pytest.mark.parametrize("truth", ["A", "B"])
def test_a_short_study_keeps_the_limits(study: dict[str, Any], truth: str) -> None:
    # The same seed gives the same figures; docs/explanation/response-model.md has those of 400 clients.
    assert missed(study["truths"][truth]) == []
    assert study["truths"][truth]["nonresponders_flagged"] > study["truths"][truth]["responders_flagged"]


def test_limits_hold_at_their_ends_and_not_beyond() -> None:
    good: dict[str, float | None] = {"coverage": 0.75, "paired_gain": 0.0, "responders_flagged": 0.15}
    assert missed(good) == missed(good | {"coverage": 0.85}) == []
    for name, value in (("coverage", 0.749), ("coverage", 0.851), ("paired_gain", -0.001), ("paired_gain", None)):
        assert missed(good | {name: value}) == [name]
    assert missed(good | {"responders_flagged": 0.151}) == ["responders_flagged"]


@pytest.mark.parametrize("truth", ["A", "B"])
def test_bands_hold_about_four_times_in_five(study: dict[str, Any], truth: str) -> None:
    assert 0.75 <= study["truths"][truth]["coverage"] <= 0.85
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
