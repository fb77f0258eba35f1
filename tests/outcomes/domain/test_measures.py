"""Scores by hand, and changes judged the same way in both directions."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.outcomes.domain.measures import (
    MEASURES,
    MeasureOffError,
    ScoreInvalidError,
    UnknownMeasureError,
    change,
    goal_t,
    judge,
    measure,
    paired_psfs,
    same_zone,
    score_flexion,
    score_goal,
    score_grc,
    score_nprs,
    score_pgic,
    score_psfs,
    score_rmdq,
    score_rmdq_yes_no,
    transition,
)


def test_psfs_is_the_mean_of_what_was_rated() -> None:
    score = score_psfs({"sit through a film": 3, "lift the child": None, "drive": 6})
    assert (score.value, score.answered, score.asked) == (4.5, 2, 3)


def test_psfs_retest_compares_the_same_activities() -> None:
    before, after = paired_psfs({"sit": 2, "lift": 4, "drive": None}, {"sit": 6, "lift": None, "drive": 9})
    assert (before.value, after.value) == (2.0, 6.0)


def test_psfs_needs_one_activity() -> None:
    with pytest.raises(ScoreInvalidError):
        score_psfs({"sit": None})


def test_rmdq_counts_ticks() -> None:
    assert score_rmdq([1, 5, 5, 24]).value == 3
    assert score_rmdq([]).value == 0
    with pytest.raises(ScoreInvalidError):
        score_rmdq([25])


def test_rmdq_with_blanks_is_proportional_up_to_a_fifth() -> None:
    # 4 blank of 24 (16.7%): 10 yes of 20 answered -> 24 x 10 / 20 = 12
    assert score_rmdq_yes_no([True] * 10 + [False] * 10 + [None] * 4).value == 12.0
    # 5 blank of 24 (20.8%) is too many
    assert score_rmdq_yes_no([True] * 10 + [False] * 9 + [None] * 5).value is None


def test_flexion_scores() -> None:
    assert score_flexion("ftf", 18.5).value == 18.5
    assert score_flexion("mschober", 15, 20.5).value == 5.5
    assert score_flexion("mmst", 15, 21).value == 6
    with pytest.raises(ScoreInvalidError):
        score_flexion("mmst", 15)


@pytest.mark.parametrize(
    ("scoring", "bad"),
    [(score_nprs, 11), (score_nprs, -1), (score_nprs, 2.5), (score_pgic, 0), (score_grc, 6), (score_goal, 3)],
)
def test_values_off_the_scale_are_refused(scoring, bad) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ScoreInvalidError):
        scoring(bad)


@pytest.mark.parametrize(
    ("slug", "before", "after", "direction"),
    [
        ("nprs", 6, 4, "better"),  # 2 points
        ("nprs", 4, 6, "worse"),
        ("nprs", 6, 5, "about_same"),
        ("nprs", 3, 2, "about_same"),  # 33%, but within the error
        ("rmdq", 14, 9, "better"),
        ("rmdq", 9, 14, "worse"),
        ("rmdq", 14, 10, "about_same"),
        ("rmdq", 6, 3, "about_same"),  # 50%, but fewer than 5 points
        ("psfs", 3.0, 5.0, "better"),
        ("psfs", 3.0, 4.5, "about_same"),  # over the MIC, within the error
        ("psfs", 5.0, 3.0, "worse"),
        ("ftf", 20, 10.2, "better"),
        ("ftf", 20, 11, "about_same"),
        ("mschober", 4, 5.8, "better"),
        ("mmst", 6, 5, "worse"),
        ("goal", -2, -1, "better"),
        ("goal", 0, 0, "about_same"),
    ],
)
def test_change_needs_both_thresholds(slug: str, before: float, after: float, direction: str) -> None:
    assert change(slug, before, after).direction == direction


def test_the_share_is_taken_of_the_worse_value() -> None:
    # 3 <-> 4 is 25% of 4 (not enough), 2 <-> 3 is 33% of 3 (enough for the MIC, still within the error).
    assert [change("nprs", *pair).exceeds_mic for pair in ((4, 3), (3, 4), (3, 2), (2, 3))] == [
        False,
        False,
        True,
        True,
    ]
    assert change("ftf", 20, 5).exceeds_mic is None


def test_one_psfs_activity_needs_three_points() -> None:
    assert change("psfs", 3, 5, single_activity=True).direction == "about_same"
    assert change("psfs", 3, 6, single_activity=True).direction == "better"


COMPARED = ["nprs", "psfs", "rmdq", "ftf", "mschober", "mmst", "goal"]
OPPOSITE = {"better": "worse", "worse": "better", "about_same": "about_same"}


@given(st.sampled_from(COMPARED), st.data())
def test_worse_is_judged_exactly_as_better_is(slug: str, data: st.DataObject) -> None:
    row = MEASURES[slug]
    values = st.integers(int(row.low), int(row.high))
    before, after = data.draw(values), data.draw(values)
    there, back = change(slug, before, after), change(slug, after, before)
    assert back.direction == OPPOSITE[there.direction]
    assert (back.exceeds_mdc, back.exceeds_mic) == (there.exceeds_mdc, there.exceeds_mic)


@given(st.sampled_from(COMPARED), st.data())
def test_a_called_change_is_never_within_the_error(slug: str, data: st.DataObject) -> None:
    row = MEASURES[slug]
    values = st.floats(row.low, row.high)
    before, after = data.draw(values), data.draw(values)
    found = change(slug, before, after)
    if found.direction != "about_same":
        assert abs(after - before) >= (row.mdc or 1) - 1e-6


def test_sentences() -> None:
    assert change("nprs", 6, 3).sentence == "Your pain went from 6 to 3: better, by enough to count."
    assert change("nprs", 6, 5).sentence == (
        "Your pain went from 6 to 5: about the same. A difference this small can be chance."
    )
    assert change("nprs", 6, 6).sentence == "Your pain stayed at 6: about the same."


@pytest.mark.parametrize(
    ("slug", "value", "direction"),
    [
        ("pgic", 2, "better"),
        ("pgic", 3, "about_same"),
        ("pgic", 5, "about_same"),
        ("pgic", 6, "worse"),
        ("grc", 2, "better"),
        ("grc", 1, "about_same"),
        ("grc", -2, "worse"),
    ],
)
def test_ratings_of_change(slug: str, value: int, direction: str) -> None:
    assert transition(slug, value).direction == direction


def test_transition_and_state_measures_are_not_mixed_up() -> None:
    with pytest.raises(ScoreInvalidError):
        change("pgic", 1, 2)
    with pytest.raises(ScoreInvalidError):
        transition("nprs", 2)


@pytest.mark.parametrize("slug", ["odi", "ndi", "promis_pf", "promis_pi", "start_back"])
def test_plug_ins_are_off(slug: str) -> None:
    with pytest.raises(MeasureOffError):
        measure(slug)


def test_unknown_measures_are_refused() -> None:
    with pytest.raises(UnknownMeasureError):
        measure("vas9000")


def test_every_number_carries_a_mark_and_a_source() -> None:
    for row in MEASURES.values():
        assert row.licence
        assert (row.mic is None and row.better_at is None) or (row.mic_mark in {"V", "K", "P"} and row.mic_source)
        assert row.mdc is None or (row.mdc_mark in {"V", "K", "P"} and row.mdc_source)


@pytest.mark.parametrize(
    ("levels", "t"),
    [([0], 50.0), ([1], 60.0), ([-2], 30.0), ([1, 1], 62.403), ([-2, -2, -2], 22.614), ([2, -1, 0], 54.564)],
)
def test_goals_as_one_t_score_worked_out_by_hand(levels: list[int], t: float) -> None:
    # 50 + 10 x sum / sqrt(0.7 n + 0.3 n^2): for two goals sqrt(2.6), for three sqrt(4.8)
    assert goal_t(levels).value == pytest.approx(t, abs=0.001)


@pytest.mark.parametrize("levels", [[], [3], [0, -3]])
def test_goals_off_the_scale_have_no_t_score(levels: list[int]) -> None:
    with pytest.raises(ScoreInvalidError):
        goal_t(levels)


def test_recovery_and_the_ends_of_a_scale_are_said() -> None:
    assert "count as recovered" in change("rmdq", 11, 2).sentence
    assert "count as recovered" not in change("rmdq", 11, 3).sentence
    assert "little room" in change("rmdq", 3, 0).sentence
    assert "little room" not in change("rmdq", 4, 0).sentence


def test_without_any_threshold_nothing_is_called_a_change() -> None:
    unknown = replace(MEASURES["nprs"], mic=None, mdc=None)
    found = judge(unknown, 9, 1)
    assert found.direction == "about_same"
    assert "neither better nor worse" in found.sentence


@pytest.mark.parametrize(
    ("slug", "first", "zone"),
    [("nprs", 6, (4.05, 7.95)), ("nprs", 1, (0, 2.95)), ("rmdq", 12, (7.08, 16.92)), ("ftf", 30, (20.5, 39.5))],
)
def test_the_zone_of_about_the_same(slug: str, first: float, zone: tuple[float, float]) -> None:
    assert same_zone(MEASURES[slug], first) == pytest.approx(zone)
