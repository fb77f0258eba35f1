from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.intake.domain import (
    PLACES,
    Relaxation,
    StoredAnswersError,
    Told,
    due_rows,
    guide_ids,
    prefilled,
    questions_now,
    read_answers,
    screen,
    short_questions,
    standing_relaxations,
    valid_until,
)
from unknot.intake.domain.screening_rules import screening_rules

NOW = datetime(2026, 11, 17, 16, tzinfo=UTC)
RULES = screening_rules()
BOOKING = [row for card in short_questions() for row in card.rules]
WELL = dict.fromkeys(BOOKING, "no")
values = st.sampled_from(["yes", "no", "not_sure", "prefer_not"])
raw = st.dictionaries(st.sampled_from(sorted(guide_ids() | RULES.known_ids)), values, max_size=30)
hours = st.integers(0, 24 * 400).map(lambda count: timedelta(hours=count))
histories = st.lists(st.tuples(raw, hours), max_size=4)


def told(history: list[tuple[dict[str, str], timedelta]]) -> Told:
    found = Told()
    for answers, after in history:
        found = found.with_answers(read_answers(answers), now=NOW + after)
    return found


@given(histories)
def test_what_was_told_reads_back_equal(history: list[tuple[dict[str, str], timedelta]]) -> None:
    found = told(history)
    assert Told.from_dict(found.to_dict()) == found


@given(histories, raw)
def test_newer_answers_stand_and_others_stay(
    history: list[tuple[dict[str, str], timedelta]], new: dict[str, str]
) -> None:
    before = told(history)
    after = before.with_answers(read_answers(new), now=NOW)
    rows = {RULES.parent_of.get(key, key) for key in new if key in RULES.known_ids}
    for key in before.answers:
        if key not in new and RULES.parent_of.get(key, key) not in rows:
            assert after.answers.get(key) == before.answers.get(key)
    assert {key: after.answers.value(key) for key in new} == new
    assert {row: after.asked_at[row] for row in rows} == dict.fromkeys(rows, NOW)


@given(histories, hours)
def test_whoever_is_not_valid_is_asked_something(
    history: list[tuple[dict[str, str], timedelta]], later: timedelta
) -> None:
    found, until = told(history), valid_until(told(history))
    if until is None or until <= NOW + later:
        assert questions_now(found, now=NOW + later) != ()
    if not due_rows(found, now=NOW + later):
        assert until is not None
        assert until > NOW + later


def test_a_whole_screening_stands_for_a_day_and_its_health_rows_for_longer() -> None:
    found = told([(WELL, timedelta())])
    assert valid_until(found) == NOW + timedelta(days=1)
    assert questions_now(found, now=NOW + timedelta(hours=23)) == ()
    rows = [row for card in questions_now(found, now=NOW + timedelta(days=1)) for row in card.rules]
    assert {row.id for row in RULES.rows.values() if row.can("emergency")} <= set(rows)
    assert "C20" not in rows
    late = [row for card in questions_now(found, now=NOW + timedelta(days=90)) for row in card.rules]
    assert sorted(late) == sorted(set(BOOKING))
    assert len(rows) < len(late)


def test_a_missing_emergency_row_is_never_valid() -> None:
    for missing in (row for row in BOOKING if RULES.rows[row].can("emergency")):
        answers = {key: value for key, value in WELL.items() if key != missing}
        assert valid_until(told([(answers, timedelta())])) is None


def test_rows_of_the_full_history_do_not_end_a_booking_s_validity() -> None:
    found = told([({"C43": "yes"}, timedelta()), (WELL, timedelta(days=5))])
    assert valid_until(found) == NOW + timedelta(days=6)


def test_what_is_replaced_even_by_silence() -> None:
    before = told([({"G2": "yes", "C20": "yes"}, timedelta())])
    marked = before.with_answers(read_answers({"regions": ["knee"]}), now=NOW)
    emptied = marked.with_answers(read_answers({}), now=NOW, instead_of=PLACES | guide_ids())
    assert emptied.answers.to_dict() == {"C20": "yes"}


def test_lasting_answers_are_shown_again_and_signs_of_the_moment_are_not() -> None:
    said = {"C20": "yes", "C12": "not_sure", "C01": "yes", "R15": "yes", "R26": "yes", "C32": "no"}
    found = told([(WELL | said, timedelta())])
    assert prefilled(found, BOOKING) == {"C20": "yes", "C12": "not_sure"}


def test_relaxations_stand_while_the_answer_does() -> None:
    decision = Relaxation("C16", "Maren Oduya", "Letter seen", NOW)
    old = read_answers({"C16": "yes"})
    before = screen(old, overrides=[decision])
    assert standing_relaxations(before, old, old, now=NOW + timedelta(days=89)) == (decision,)
    assert standing_relaxations(before, old, old, now=NOW + timedelta(days=90)) == ()
    other = read_answers({"C16": {"answer": "yes", "regions": ["chest"]}})
    assert standing_relaxations(before, old, other, now=NOW) == ()


def test_a_follow_up_answered_anew_ends_a_relaxation() -> None:
    old = read_answers({"C12": "yes", "C12a": "no"})
    before = screen(old, overrides=[Relaxation("C12", "Maren Oduya", "Low dose", NOW)])
    assert standing_relaxations(before, old, read_answers({"C12": "yes", "C12a": "yes"}), now=NOW) == ()


def test_stored_answers_lose_questions_that_are_gone_and_refuse_nonsense() -> None:
    stored = {"answers": {"G2": "yes", "X1": "yes"}, "asked_at": {"X1": NOW.isoformat(), "C20": NOW.isoformat()}}
    assert Told.from_dict(stored) == Told(read_answers({"G2": "yes"}), {"C20": NOW})
    for bad in ({}, {"answers": 1, "asked_at": {}}, {"answers": {"G2": "x"}, "asked_at": {}}):
        with pytest.raises(StoredAnswersError):
            Told.from_dict(bad)
