import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.intake.domain import (
    GuideResult,
    Relaxation,
    StoredGuideError,
    UnknownRulesVersionError,
    lean,
    read_answers,
    screen,
)
from unknot.intake.domain.guide_rules import guide_rules

SIGNALS = tuple(guide_rules().signals)
STIFF = {"G2": "yes", "D3": "yes", "L1": "yes", "E2": "yes", "S3": "yes"}
values = st.sampled_from(["yes", "no", "not_sure", "prefer_not"])
guide_answers = st.dictionaries(st.sampled_from(SIGNALS), values)


def leaned(raw: dict[str, Any]) -> GuideResult:
    return lean(read_answers(raw))


# The worked cases (a) to (e) of the clinical reference, section 2.4.
@pytest.mark.parametrize(
    ("raw", "score", "expected"),
    [
        ({"G5": "yes", "G6": "yes", "E1": "yes"}, "-6", "therapeutic"),
        (STIFF, "5.5", "deep"),
        ({"D3": "yes", "E1": "yes", "P1": "yes"}, "1", "combine"),
        ({**STIFF, "C12": "yes"}, "5.5", "lighter_only"),
        (dict.fromkeys(SIGNALS, "not_sure"), "0", "undecided"),
    ],
    ids="abcde",
)
def test_worked_cases(raw: dict[str, str], score: str, expected: str) -> None:
    result = leaned(raw)
    assert (result.score, result.lean) == (Decimal(score), expected)


# The whole table of section 2.4, written from the reference by hand.
WEIGHTS = {
    "G1": "0", "G2": "1", "G3": "1", "G4": "0", "G5": "-2", "G6": "-2", "D1": "-1", "D2": "0", "D3": "1", "E1": "-2",
    "E2": "2", "E3": "2", "E4": "-3", "L1": "0.5", "L2": "0.5", "L3": "0.5", "L4": "0", "P1": "2", "P2": "-2",
    "P3": "-2", "S1": "-2", "S2": "-2", "S3": "1",
}  # fmt: skip
CAPS = {"E4": 3, "S2": 2}


@pytest.mark.parametrize("signal", WEIGHTS)
def test_each_signal_weighs_what_the_reference_says(signal: str) -> None:
    result = leaned({signal: "yes"})
    assert (result.score, result.pressure_cap) == (Decimal(WEIGHTS[signal]), CAPS.get(signal))


def test_the_table_is_whole_and_every_signal_has_words() -> None:
    assert tuple(WEIGHTS) == SIGNALS
    for signal in guide_rules().signals.values():
        assert signal.ask.endswith("?")
        assert signal.text.endswith(".")
        assert signal.basis
        assert signal.source
        assert "%" not in signal.text + signal.hint


@pytest.mark.parametrize(
    ("score", "signals", "expected"),
    [
        ("3", ("G2", "E2"), "deep"),
        ("2.5", ("L1", "E2"), "combine"),
        ("-1", ("D1",), "combine"),
        ("-1.5", ("G5", "L1"), "combine"),
        ("-2", ("G5",), "therapeutic"),
    ],
)
def test_thresholds(score: str, signals: tuple[str, ...], expected: str) -> None:
    result = leaned(dict.fromkeys(signals, "yes"))
    assert (result.score, result.lean) == (Decimal(score), expected)


def test_more_than_half_unknown_shows_no_lean() -> None:
    assert leaned({"G2": "yes", "E2": "yes", "P1": "not_sure", "P3": "prefer_not"}).lean == "deep"
    result = leaned({"G2": "yes", "E2": "yes", "P1": "not_sure", "P3": "prefer_not", "S1": "not_sure"})
    assert (result.lean, result.reasons, result.not_used) == ("undecided", (), ("P1", "P3", "S1"))
    assert result.title == "Book a therapeutic session; your RMT will decide with you"
    assert leaned({}).lean == "undecided"


def test_contradictory_answers_combine() -> None:
    result = leaned({"P1": "yes", "P2": "yes", "G2": "yes", "E2": "yes", "S3": "yes"})
    assert (result.score, result.lean, result.contradictions) == (Decimal(4), "combine", (("P1", "P2"),))


@given(guide_answers)
def test_bounds_and_storage(raw: dict[str, str]) -> None:
    result = leaned(raw)
    assert len(result.reasons) <= 3
    assert len(result.against) <= 1
    assert GuideResult.from_dict(json.loads(json.dumps(result.to_dict()))) == result
    assert result.score == sum(Decimal(WEIGHTS[key]) for key, value in raw.items() if value == "yes")
    assert set(result.not_used) == {key for key, value in raw.items() if value in ("not_sure", "prefer_not")}


@given(guide_answers, st.randoms())
def test_order_is_irrelevant(raw: dict[str, str], random: Any) -> None:
    keys = list(raw)
    random.shuffle(keys)
    assert leaned({key: raw[key] for key in keys}) == leaned(raw)


@given(guide_answers)
def test_a_warning_sign_goes_before_everything(raw: dict[str, str]) -> None:
    assert {leaned({**raw, row: "yes"}).lean for row in ("R01", "R19", "C04", "C01", "C14")} == {"not_now_refer"}


def test_reasons_and_against() -> None:
    deep = leaned({**STIFF, "E1": "no", "D1": "no", "P3": "yes", "P1": "yes"})
    assert deep.lean == "deep"
    assert [reason.signal for reason in deep.reasons] == ["E2", "P1", "D3"]
    assert [reason.signal for reason in deep.against] == ["P3"]
    assert (deep.reasons[0].answer, deep.reasons[0].text) == ("yes", "You said lighter pressure did not do much.")
    capped = leaned({**STIFF, "C12": "yes"})
    assert [reason.signal for reason in capped.reasons] == ["C12"]
    assert [reason.signal for reason in capped.against] == ["E2"]
    referred = leaned({**STIFF, "R19": "yes"})
    assert [reason.signal for reason in referred.reasons] == ["R19"]
    assert [reason.signal for reason in leaned({"G1": "yes"}).reasons] == ["G1"]


def test_a_cap_elsewhere_leaves_the_focus_free() -> None:
    sore_feet = {**STIFF, "C44": {"answer": "yes", "regions": ["foot"]}, "regions": ["low_back"]}
    assert (leaned(sore_feet).lean, leaned(sore_feet).pressure_cap) == ("deep", None)
    both = {**sore_feet, "regions": ["low_back", "foot"]}
    assert leaned(both).lean == "deep"
    assert leaned(both).note_for_therapist.splitlines()[-1] == "Foot: leave alone."
    assert leaned({**sore_feet, "regions": ["knee"]}).lean == "lighter_only"


def test_a_focus_to_be_left_alone_is_never_deep() -> None:
    result = leaned({**STIFF, "C23": "yes", "regions": ["low_back"]})
    assert (result.lean, result.pressure_cap) == ("lighter_only", -1)
    assert "Leave the focus area alone." in result.note_for_therapist.splitlines()


def test_a_given_screening_is_used_with_its_relaxations() -> None:
    answers = read_answers({**STIFF, "C12": "yes"})
    decision = Relaxation(
        rule="C12", by="Maren Okafor", reason="Stopped last year", at=datetime(2027, 1, 5, tzinfo=UTC)
    )
    assert lean(answers, screening=screen(answers, overrides=[decision])).lean == "deep"
    assert lean(answers, screening=screen(answers)) == lean(answers)


def test_focus_hints_and_note() -> None:
    result = leaned({**STIFF, "L4": "yes", "P1": "not_sure"})
    assert [(hint.signal, hint.regions) for hint in result.focus_hints] == [
        ("L1", ("neck_post", "shoulder", "gluteal", "hip_ant")),
        ("L4", ()),
    ]
    assert result.note_for_therapist.splitlines() == [
        "Guide 2026.1: deep (score +5.5). You decide with the client.",
        "From: D3 (+1), E2 (+2), G2 (+1), L1 (+0.5), L4 (+0), S3 (+1).",
        "Not known: P1.",
    ]


def test_every_lean_says_why_it_may_be_wrong() -> None:
    rules = guide_rules()
    assert all(rules.why_wrong.values())
    assert leaned(STIFF).why_it_may_be_wrong == rules.why_wrong["deep"]


def test_versions() -> None:
    assert lean(read_answers(STIFF), version="2026.1").rules_version == "2026.1"
    with pytest.raises(UnknownRulesVersionError):
        lean(read_answers(STIFF), version="2025.9")


@pytest.mark.parametrize("broken", [{}, {"lean": "harder"}, {**leaned(STIFF).to_dict(), "score": "much"}])
def test_a_broken_stored_result_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(StoredGuideError):
        GuideResult.from_dict(broken)
