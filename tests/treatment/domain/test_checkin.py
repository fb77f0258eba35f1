"""Every row of the escalation table, and: more trouble never lowers the level."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.treatment.domain.aftercare import Numbers
from unknot.treatment.domain.checkin import (
    SYMPTOMS,
    CheckInAnswers,
    CheckInContext,
    CheckInInvalidError,
    Level,
    escalate,
    not_monitored,
    schedule,
)

END = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
Answers = CheckInAnswers


def test_schedule_asks_at_24_hours_again_only_when_sore_then_weekly() -> None:
    def hours(soreness: int | None) -> list[tuple[str, float]]:
        due = schedule(END, soreness_24h=soreness, weeks=2)
        return [(d.kind, (d.due_at - END) / timedelta(hours=1)) for d in due]

    assert hours(None) == hours(2) == [("24h", 24), ("weekly", 168), ("weekly", 336)]
    assert hours(3) == [("24h", 24), ("72h", 72), ("weekly", 168), ("weekly", 336)]


def outcome(now: Answers, context: CheckInContext | None = None, *earlier: Answers) -> tuple[str, tuple[str, ...]]:
    found = escalate(now, context, earlier)
    return found.level.slug, found.rows


def test_row_mild_and_falling_is_reassured() -> None:
    assert outcome(Answers(24, soreness=4)) == ("reassure", ("fading",))
    assert outcome(Answers(48, soreness=2), None, Answers(24, soreness=4)) == ("reassure", ("fading",))


def test_row_high_at_24_hours_lowers_the_next_cap() -> None:
    found = escalate(Answers(24, soreness=5))
    assert (found.level, found.rows, found.cap_next_delta) == (Level.WATCH, ("sore_high",), -1)
    assert escalate(Answers(24, soreness=4)).cap_next_delta == 0


def test_row_still_sore_at_72_hours_or_rising_is_followed_up_and_held() -> None:
    for found in (
        escalate(Answers(72, soreness=3), None, [Answers(24, soreness=5)]),
        escalate(Answers(48, soreness=3), None, [Answers(24, soreness=2)]),
    ):
        assert (found.level, found.rows) == (Level.THERAPIST_CONTACT, ("sore_long",))
        assert (found.hold_next_for_review, found.cap_next_delta) == (True, -1)
    assert outcome(Answers(72, soreness=2), None, Answers(24, soreness=5)) == ("reassure", ("fading",))


def test_row_bruise_larger_than_a_palm_or_on_a_blood_thinner() -> None:
    thinner = CheckInContext(on_blood_thinner=True)
    assert outcome(Answers(24, bruise="larger_than_palm")) == ("review_same_day", ("bruise",))
    assert outcome(Answers(24, bruise="small"), thinner) == ("review_same_day", ("bruise",))
    small = escalate(Answers(24, bruise="small"))
    assert (small.level, small.rows, small.cap_next_delta) == (Level.WATCH, ("bruise_small",), -1)  # C60: bruised
    assert not small.hold_next_for_review
    spreading = Answers(24, bruise="small", bruise_spreading=True)
    assert outcome(spreading) == ("md_first", ("bruise_spreading", "bruise"))
    contradictory = Answers(24, bruise="none", bruise_spreading=True)
    assert outcome(contradictory) == ("md_first", ("bruise_spreading", "bruise"))


def test_row_pain_up_for_three_days() -> None:
    before = CheckInContext(pain_before=4)
    assert outcome(Answers(73, pain=6), before) == ("therapist_contact", ("pain_up",))
    assert outcome(Answers(73, pain=5), before) == ("reassure", ())
    assert outcome(Answers(24, pain=9), before) == ("reassure", ())
    assert outcome(Answers(73, pain=6, function_loss=True), before) == ("md_first", ("pain_up_function", "pain_up"))


@pytest.mark.parametrize("symptom", ["numbness", "tingling", "weakness"])
def test_row_new_nerve_signs_ask_the_red_flag_questions_at_once(symptom: str) -> None:
    found = escalate(Answers(24, new_symptoms=frozenset({symptom})))
    assert (found.level, found.hold_next_for_review) == (Level.URGENT, True)
    assert found.red_flag_questions == ("R01", "R02", "R03", "R04", "R05", "R06")


@pytest.mark.parametrize(
    ("flag", "answer", "level"),
    [
        ("R01", "yes", "emergency"),
        ("R05", "not_sure", "emergency"),
        ("R06", "yes", "urgent"),
        ("R06", "not_sure", "urgent"),
        ("R03", "no", "urgent"),
    ],
)
def test_answers_to_the_red_flag_questions(flag: str, answer: str, level: str) -> None:
    now = Answers(24, new_symptoms=frozenset({"numbness"}), red_flags={flag: answer})
    found = escalate(now)
    assert found.level.slug == level
    assert flag not in found.red_flag_questions


@pytest.mark.parametrize(
    ("symptom", "level"),
    [
        ("leg_swelling", "urgent"),
        ("chest_pain", "emergency"),
        ("breathless", "emergency"),
        ("stroke_signs", "emergency"),
        ("worst_headache", "emergency"),
        ("dark_urine", "emergency"),
        ("fever", "urgent"),
    ],
)
def test_row_other_warning_signs(symptom: str, level: str) -> None:
    found = escalate(Answers(24, new_symptoms=frozenset({symptom})), numbers=Numbers("112", "116117"))
    assert (found.level.slug, found.hold_next_for_review, found.red_flag_questions) == (level, True, ())
    assert ("112" in found.texts[0]) == (level == "emergency")


def test_row_two_sessions_with_long_soreness_stop_deep_work() -> None:
    again = CheckInContext(sore_over_48h_last_time=True)
    found = escalate(Answers(72, soreness=3), again)
    assert (found.stop_deep, found.level) == (True, Level.THERAPIST_CONTACT)
    assert not escalate(Answers(48, soreness=3), again).stop_deep
    assert not escalate(Answers(72, soreness=3)).stop_deep


answers = st.builds(
    Answers,
    hours_after=st.sampled_from([12, 24, 48, 49, 72, 100, 168]),
    soreness=st.integers(0, 10),
    pain=st.integers(0, 10),
    bruise=st.sampled_from(["none", "small", "larger_than_palm"]),
    bruise_spreading=st.booleans(),
    function_loss=st.booleans(),
    new_symptoms=st.frozensets(st.sampled_from(sorted(SYMPTOMS)), max_size=2),
    red_flags=st.dictionaries(st.sampled_from(["R01", "R06"]), st.sampled_from(["no"]), max_size=2),
)
contexts = st.builds(CheckInContext, st.one_of(st.none(), st.integers(0, 10)), st.booleans(), st.booleans())
earlier = st.lists(st.builds(Answers, st.sampled_from([12, 24, 48]), st.integers(0, 10)), max_size=2)


@given(answers, contexts, earlier, st.data())
def test_more_trouble_never_lowers_the_level(
    now: Answers, context: CheckInContext, before: list[Answers], data: st.DataObject
) -> None:
    assert now.soreness is not None
    assert now.pain is not None
    bruises = ["none", "small", "larger_than_palm"]
    worse = replace(
        now,
        soreness=data.draw(st.integers(now.soreness, 10)),
        pain=data.draw(st.integers(now.pain, 10)),
        bruise=data.draw(st.sampled_from(bruises[bruises.index(now.bruise) :])),
        bruise_spreading=now.bruise_spreading or data.draw(st.booleans()),
        function_loss=now.function_loss or data.draw(st.booleans()),
        new_symptoms=now.new_symptoms | data.draw(st.frozensets(st.sampled_from(sorted(SYMPTOMS)))),
        red_flags={k: data.draw(st.sampled_from([v, "yes", "not_sure"])) for k, v in now.red_flags.items()},
    )
    first, second = escalate(now, context, before), escalate(worse, context, before)
    assert second.level >= first.level
    assert second.cap_next_delta <= first.cap_next_delta
    assert second.hold_next_for_review >= first.hold_next_for_review


@pytest.mark.parametrize(
    "bad",
    [{"soreness": 11}, {"pain": -1}, {"bruise": "big"}, {"new_symptoms": {"itch"}}, {"red_flags": {"R99": "yes"}}],
)
def test_answers_off_the_scale_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(CheckInInvalidError):
        Answers(24, **bad)  # type: ignore[arg-type]


def test_free_text_says_that_nobody_reads_along() -> None:
    assert not_monitored(Numbers("112", "116117")) == (
        "Nobody reads free text here in real time. If it is urgent, call 112; for advice call 116117."
    )
