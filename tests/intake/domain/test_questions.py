from hypothesis import given
from hypothesis import strategies as st

from unknot.intake.domain import (
    Outcome,
    changed_questions,
    due_again,
    full_questions,
    guide_questions,
    screen,
    short_questions,
)
from unknot.intake.domain.answers import read_answers
from unknot.intake.domain.screening import LEVEL
from unknot.intake.domain.screening_rules import screening_rules

ROWS = tuple(screening_rules().rows)


def test_the_full_form_asks_every_row_once() -> None:
    asked = [row for group in full_questions() for row in group.rules]
    assert sorted(asked) == sorted(ROWS)


def test_warning_signs_come_first_on_one_page_and_health_follows_by_subject() -> None:
    groups = short_questions()
    pages = [group.page for group in groups]
    assert pages == sorted(pages, key=["warning_signs", "health"].index)
    assert {row for group in groups if group.page == "health" for row in group.rules if row.startswith("R")} == set()
    assert [group.id for group in groups if group.page == "health"] == [
        "today", "heart_circulation", "bleeding", "bones_joints", "skin", "pregnancy", "nerves", "other",
    ]  # fmt: skip
    assert all(group.none_of_these and group.title and group.intro for group in groups)


def test_booking_leaves_out_only_rows_that_can_never_hold_a_booking() -> None:
    short = {row for group in short_questions() for row in group.rules}
    left_out = set(ROWS) - short
    assert left_out == {"R22", "R28", "C43", "C47", "C51", "C52", "C55"}
    rules = screening_rules()
    kinds = {effect.do for row in left_out for effect in rules.rows[row].effects}
    assert not any(LEVEL[kind].severity >= Outcome.REVIEW.severity for kind in kinds)


def test_follow_ups_and_places_travel_with_the_question() -> None:
    questions = {question.id: question for group in full_questions() for question in group.questions}
    assert [item.id for item in questions["C46"].follow_ups] == ["C46a", "C46b"]
    assert (questions["C23"].asks_where, questions["C12"].asks_where) == (True, False)
    assert questions["R03"].how_to_check == screening_rules().rows["R03"].check
    assert questions["C01"].to_dict()["valid_for_days"] == 1


def test_every_question_can_be_answered() -> None:
    asked = [question for group in full_questions() for question in group.questions]
    ids = [item.id for question in asked for item in (question, *question.follow_ups)]
    ids += [question.id for question in guide_questions()]
    assert screen(read_answers(dict.fromkeys(ids, "no"))).outcome == "clear"
    assert len(ids) == len(set(ids)) == 88 + 15 + 23


def test_what_has_changed_asks_every_answer_that_stands_for_a_day() -> None:
    (changed,) = changed_questions()
    today_only = {row.id for row in screening_rules().rows.values() if row.days == 1}
    missing = today_only - set(changed.rules)
    assert missing == {"R14", "C43"}  # asked through due_again, below
    again = changed_questions(answered_days_ago=dict.fromkeys(ROWS, 1))
    assert {row for group in again for row in group.rules} == set(changed.rules) | missing


@given(st.dictionaries(st.sampled_from(ROWS), st.integers(0, 400)))
def test_a_row_is_due_when_its_answer_has_run_out(days_ago: dict[str, int]) -> None:
    due = set(due_again(days_ago))
    for row in screening_rules().rows.values():
        assert (row.id in due) == (row.id not in days_ago or days_ago[row.id] >= row.days)


def test_groups_are_printable() -> None:
    first = short_questions()[0].to_dict()
    assert (first["id"], first["rules"][0], first["none_of_these"]) == ("bladder_legs", "R01", True)
