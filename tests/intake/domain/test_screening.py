import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.intake.domain import (
    AVOID,
    UNCAPPED,
    EmergencyNotRelaxableError,
    Outcome,
    Relaxation,
    RelaxationError,
    ScreeningResult,
    StoredScreeningError,
    UnknownRegionError,
    UnknownRuleError,
    UnknownRulesVersionError,
    check_relaxation,
    effective_cap,
    read_answers,
    screen,
)
from unknot.intake.domain.regions import SLUGS, region_named
from unknot.intake.domain.screening import LEVEL
from unknot.intake.domain.screening_rules import EFFECT_KINDS, screening_rules

NOW = datetime(2027, 3, 4, 17, 0, tzinfo=UTC)
IDS = sorted(screening_rules().known_ids)
EMERGENCY_ROWS = sorted(row.id for row in screening_rules().rows.values() if not row.overridable)

places = st.lists(st.sampled_from(SLUGS), unique=True, max_size=3)
values = st.sampled_from(["yes", "no", "not_sure", "prefer_not"])
answer = st.one_of(
    values, values.flatmap(lambda value: places.map(lambda marked: {"answer": value, "regions": marked}))
)
answer_sets = st.tuples(st.dictionaries(st.sampled_from(IDS), answer, max_size=12), places).map(
    lambda parts: {**parts[0], "regions": parts[1]}
)


def screened(raw: dict[str, Any], **options: Any) -> ScreeningResult:
    return screen(read_answers(raw), **options)


def relaxed(rule: str, **options: Any) -> Relaxation:
    return Relaxation(rule=rule, by="Maren Okafor", reason="Spoke with the client on the phone", at=NOW, **options)


@given(answer_sets, st.sampled_from(IDS), places)
def test_a_further_yes_is_never_less_strict(raw: dict[str, Any], question: str, marked: list[str]) -> None:
    given_value = raw.get(question, "no")
    if (given_value["answer"] if isinstance(given_value, dict) else given_value) != "no":
        return
    before = screened(raw)
    after = screened({**raw, question: {"answer": "yes", "regions": marked}})
    assert after.outcome.severity >= before.outcome.severity
    assert all(effective_cap(after, slug) <= effective_cap(before, slug) for slug in SLUGS)
    assert set(after.avoid) >= set(before.avoid)
    assert set(after.removed_techniques) >= set(before.removed_techniques)
    assert set(after.positions) >= set(before.positions)


@given(answer_sets)
def test_the_strictest_effect_wins(raw: dict[str, Any]) -> None:
    result = screened(raw)
    asked_for = [LEVEL[item.effect] for item in result.precautions]
    asked_for += [
        Outcome.REVIEW for item in result.precautions if (item.effect, item.region) == ("avoid", "unspecified")
    ]
    assert result.outcome.severity == max((level.severity for level in asked_for), default=0)


@given(answer_sets, st.randoms())
def test_order_of_answers_is_irrelevant_and_same_answers_give_the_same(raw: dict[str, Any], random: Any) -> None:
    keys = list(raw)
    random.shuffle(keys)
    shuffled = {key: raw[key] for key in keys} | {"regions": raw["regions"][::-1]}
    assert screened(shuffled) == screened(raw) == screened(raw)


@given(answer_sets)
def test_a_result_survives_storage(raw: dict[str, Any]) -> None:
    overrides = [relaxed("C12"), relaxed("C01", scope="hold")]
    result = screened(raw, overrides=overrides)
    assert ScreeningResult.from_dict(json.loads(json.dumps(result.to_dict()))) == result


@given(answer_sets, st.sampled_from(EMERGENCY_ROWS), st.sampled_from(["row", "hold"]))
def test_an_emergency_is_never_overridden(raw: dict[str, Any], row: str, scope: str) -> None:
    everything = [relaxed(rule, scope=scope) for rule in screening_rules().rows]
    alarming = {"R06a": "yes"} if row == "R06" else {row: "yes"}
    result = screened({**raw, **alarming}, overrides=everything)
    assert result.outcome is Outcome.EMERGENCY
    assert row in result.refused_overrides
    assert row not in {item.rule for item in result.relaxed}


def test_an_overridable_row_that_turns_into_an_emergency_is_not_overridden() -> None:
    assert screened({"R10": "yes"}, overrides=[relaxed("R10")]).outcome is Outcome.CLEAR
    result = screened({"R10": "yes", "R10a": "yes"}, overrides=[relaxed("R10")])
    assert (result.outcome, result.refused_overrides) == (Outcome.EMERGENCY, ("R10",))


def test_recording_a_relaxation_of_an_emergency_is_refused() -> None:
    for raw, rule in (({"R15": "no"}, "R15"), ({"R06": "yes"}, "R06"), ({"R10a": "yes"}, "R10")):
        with pytest.raises(EmergencyNotRelaxableError) as refusal:
            check_relaxation(read_answers(raw), relaxed(rule))
        assert refusal.value.extra == {"rule": rule}
    with pytest.raises(UnknownRuleError):
        check_relaxation(read_answers({}), relaxed("R99"))
    check_relaxation(read_answers({"C12": "yes", "R10": "yes"}), relaxed("R10"))


def test_relaxing_a_row_sets_it_aside_and_is_recorded() -> None:
    decision = relaxed("C12")
    result = screened({"C12": "yes", "C20": "yes"}, overrides=[decision])
    assert (result.outcome, result.relaxed) == (Outcome.ADAPT, (decision,))
    assert {item.rule for item in result.precautions} == {"C20"}


def test_lifting_the_hold_keeps_the_limits() -> None:
    result = screened({"C15": "yes"}, overrides=[relaxed("C15", scope="hold")])
    assert (result.outcome, effective_cap(result, "low_back")) == (Outcome.ADAPT, 1)
    raised = screened({"C15": "yes"}, overrides=[relaxed("C15", scope="hold", cap=2)])
    assert (raised.outcome, effective_cap(raised, "low_back")) == (Outcome.ADAPT, 2)
    assert [item.text for item in raised.precautions] == [
        "Pressure no more than level 2 (heavy lotioning) on the whole body. Set by your therapist."
    ]


def test_the_latest_relaxation_counts() -> None:
    early = Relaxation(rule="C15", by="A", reason="b", at=datetime(2027, 3, 1, tzinfo=UTC))
    late = relaxed("C15", scope="hold")
    for overrides in ([early, late], [late, early]):
        assert screened({"C15": "yes"}, overrides=overrides).relaxed == (late,)


def test_relaxing_what_nobody_answered_changes_nothing() -> None:
    result = screened({"C20": "yes"}, overrides=[relaxed("C12"), relaxed("X1")])
    assert (result.relaxed, result.refused_overrides) == ((), ("X1",))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"by": " "}, "by"),
        ({"reason": ""}, "reason"),
        ({"reason": "a\x00b"}, "reason"),
        ({"reason": "x" * 1001}, "reason"),
        ({"at": datetime(2027, 3, 4)}, "at"),  # noqa: DTZ001
        ({"scope": "all"}, "scope"),
        ({"cap": 3}, "cap"),
        ({"scope": "hold", "cap": 6}, "cap"),
        ({"scope": "hold", "cap": True}, "cap"),
    ],
)
def test_a_relaxation_is_complete(facts: dict[str, Any], field: str) -> None:
    whole = {"rule": "C12", "by": "Maren Okafor", "reason": "Cleared", "at": NOW, **facts}
    with pytest.raises(RelaxationError) as refusal:
        Relaxation(**whole)
    assert refusal.value.field == field


def test_avoiding_beats_a_cap_and_the_lowest_cap_counts() -> None:
    result = screened({"C12": "yes", "C33": "yes", "C23": {"answer": "yes", "regions": ["ankle"]}})
    assert effective_cap(result, "ankle") == AVOID
    assert effective_cap(result, "abdomen") == AVOID
    assert effective_cap(result, "knee") == 2
    assert effective_cap(result, "shoulder") == 3
    assert effective_cap(result, "legs") == AVOID
    assert effective_cap(result, "arms") == 3
    assert dict(result.caps)["ankle"] == 2
    assert not any(level <= effective_cap(result, "ankle") for level in range(6))


def test_without_rules_nothing_is_capped() -> None:
    result = screened({"C12": "no"})
    assert {effective_cap(result, slug) for slug in (*SLUGS, "all")} == {UNCAPPED}
    with pytest.raises(UnknownRegionError):
        effective_cap(result, "tail")


def test_the_place_marked_for_a_row_goes_before_the_complaint() -> None:
    marked = {"answer": "yes", "regions": [{"region": "ankle", "laterality": "left"}]}
    result = screened({"C23": marked, "regions": ["low_back"]})
    assert [(item.region, item.laterality) for item in result.precautions] == [("ankle", "left")]
    assert result.avoid == ("ankle",)


def test_both_sides_marked_apart_are_both_sides() -> None:
    sides = [{"region": "knee", "laterality": side} for side in ("left", "right")]
    result = screened({"C49": {"answer": "yes", "regions": sides}})
    assert [(item.region, item.laterality) for item in result.precautions] == [("knee", "bilateral")]


def test_without_any_place_a_cap_holds_everywhere_and_an_avoided_place_needs_a_talk() -> None:
    capped = screened({"C24": "yes"})
    assert {effective_cap(capped, slug) for slug in SLUGS} == {2}
    avoided = screened({"C45": "yes"})
    assert (avoided.outcome, avoided.avoid) == (Outcome.REVIEW, ())
    assert [item.kind for item in avoided.advice] == ["show_place"]


def test_lymph_nodes_cap_the_limb_and_its_quarter_of_the_trunk() -> None:
    result = screened({"C18": {"answer": "yes", "regions": [{"region": "forearm", "laterality": "left"}]}})
    assert {slug for slug, _ in result.caps} == {"upper_arm", "elbow", "forearm", "wrist", "hand", "shoulder", "chest",
                                                 "upper_back"}  # fmt: skip


def test_varicose_veins_are_avoided_on_the_leg_only() -> None:
    result = screened({"C44": "yes", "regions": ["low_back", "lower_leg"]})
    assert (result.avoid, result.outcome) == (("lower_leg",), Outcome.ADAPT)


def test_weakened_bone_caps_the_neighbours() -> None:
    result = screened({"C17": {"answer": "yes", "regions": ["wrist"]}})
    assert dict(result.caps) == {"forearm": 1, "wrist": 1, "hand": 1}
    assert set(region_named("wrist").near) == {"forearm", "hand"}


def test_an_oncology_trained_therapist_stands_in_for_the_go_ahead() -> None:
    raw = {"C16": {"answer": "yes", "regions": ["chest"]}}
    assert (screened(raw).outcome, screened(raw).needs_skill) == (Outcome.DOCTOR_FIRST, ("oncology",))
    trained = screened(raw, therapist_skills=("oncology",))
    assert (trained.outcome, trained.avoid, effective_cap(trained, "low_back")) == (Outcome.ADAPT, ("chest",), 2)
    assert screened({"C14": "yes"}, therapist_skills=("oncology",)).outcome is Outcome.DOCTOR_FIRST


def test_advice_says_what_to_do_instead() -> None:
    def advice(**raw: Any) -> list[tuple[str, str | None]]:
        return [(item.kind, item.call) for item in screened(raw).advice]

    assert advice(R15="yes", C12="yes") == [("emergency", "911")]
    assert advice(R15="yes", R26="yes") == [("emergency", "911"), ("crisis", "988")]
    assert advice(R26="yes") == [("crisis", "988")]
    assert advice(R26="prefer_not") == [("crisis", "988"), ("talk_first", None)]
    assert advice(R19="yes") == [("urgent", "811")]
    assert advice(C14="yes", C12="yes") == [("get_clearance", None), ("talk_first", None)]
    assert advice(R22="yes") == [("suggest_doctor", None)]
    assert advice(R15="not_sure") == [("talk_first", None), ("if_happening", "911")]
    assert advice(C12="not_sure") == [("talk_first", None)]


def test_not_sure_about_a_cauda_equina_sign_says_how_to_check() -> None:
    result = screened({"R03": "not_sure", "R01": "yes"})
    assert [(item.kind, item.rules) for item in result.advice] == [
        ("emergency", ("R01", "R03")),
        ("how_to_check", ("R03",)),
    ]
    assert result.advice[1].text.endswith(screening_rules().rows["R03"].check)


def test_the_safety_net_is_shown_unless_something_else_comes_first() -> None:
    shown = {raw: bool(screened({raw: "yes"}).safety_net) for raw in ("R28", "C20", "C12", "C01", "C04", "R19", "R15")}
    assert shown == {"R28": True, "C20": True, "C12": True, "C01": False, "C04": False, "R19": False, "R15": False}
    assert screened({"R01": "no"}).safety_net == screening_rules().safety_net


def test_a_follow_up_counts_with_its_row_and_some_imply_it() -> None:
    assert screened({"C12": "no", "C12a": "yes"}).outcome is Outcome.CLEAR
    assert screened({"R06a": "yes"}).outcome is Outcome.EMERGENCY
    assert screened({"R06": "no", "R06a": "not_sure"}).outcome is Outcome.REVIEW
    assert screened({"C12": "yes", "C20": "no", "C12a": "not_sure"}).outcome is Outcome.REVIEW
    assert screened({"C57": "no", "C57a": "not_sure"}).outcome is Outcome.CLEAR


def test_a_stricter_cap_of_the_same_row_replaces_the_looser() -> None:
    result = screened({"C13": "yes", "C13a": "yes"})
    assert [item.pressure_cap for item in result.precautions if item.effect == "cap"] == [3]


def test_how_long_a_screening_stands() -> None:
    assert screened({}).valid_for_days == 90
    assert screened({"C12": "yes"}).valid_for_days == 90
    assert screened({"C12": "yes", "C01": "no"}).valid_for_days == 1


def test_a_partial_screening_says_what_was_not_asked() -> None:
    asked_all = dict.fromkeys(screening_rules().rows, "no")
    assert screened(asked_all).not_asked == ()
    assert screened({**asked_all, "G1": "yes"} | {"R06a": "no"}).not_asked == ()
    del asked_all["R15"]
    assert screened(asked_all).not_asked == ("R15",)


def test_caps_are_marked_as_our_proposal() -> None:
    result = screened({"C14": "yes"})
    assert {item.effect: item.confidence for item in result.precautions} == {"clear": "V", "cap": "P"}


def test_every_effect_has_a_level() -> None:
    assert set(LEVEL) == set(EFFECT_KINDS)


def test_versions() -> None:
    assert screened({"C01": "yes"}, version="2026.1").rules_version == "2026.1"
    with pytest.raises(UnknownRulesVersionError) as refusal:
        screened({}, version="1999.1")
    assert refusal.value.field == "rules_version"


@pytest.mark.parametrize("broken", [{}, {"outcome": "fine"}, {"outcome": "clear", "precautions": 3}])
def test_a_broken_stored_result_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(StoredScreeningError):
        ScreeningResult.from_dict(broken)
