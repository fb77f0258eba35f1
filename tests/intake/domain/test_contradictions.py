"""Answers that do not go together: the careful one holds, somebody asks, a form asks again at once."""

from typing import Any

import pytest

from unknot.intake.domain import Outcome, effective_cap, read_answers, screen, short_questions, to_ask_again
from unknot.intake.domain.contradictions import NEEDS, PAIRS
from unknot.intake.domain.guide_rules import guide_rules
from unknot.intake.domain.screening_result import Relaxation, ScreeningResult
from unknot.intake.domain.screening_rules import screening_rules
from unknot.intake.forms.screening import misfits


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "-".join(pair.rows))
def test_both_stand_and_the_therapist_asks(pair: Any) -> None:
    both = screen(read_answers(dict.fromkeys(pair.rows, "yes")))
    alone = [screen(read_answers({row: "yes"})) for row in pair.rows]
    assert both.contradictions == (pair.rows,)
    assert both.outcome.severity >= max(Outcome.REVIEW.severity, *(one.outcome.severity for one in alone))
    assert all(effective_cap(both, "foot") <= effective_cap(one, "foot") for one in alone)
    [talk] = [one for one in both.precautions if one.detail == "contradiction"]
    assert talk.text.startswith(pair.text)
    assert all(one.contradictions == () for one in alone)


def test_a_therapist_who_decided_about_one_has_settled_it(now: Any) -> None:
    decision = Relaxation("C60", "Maren Oduya", "They meant a colleague's massage", now, "hold")
    answers = read_answers({"C60": "yes", "E1": "yes"})
    result = screen(answers, overrides=[decision])
    assert (result.outcome, result.contradictions) == (Outcome.ADAPT, (("C60", "E1"),))


def test_only_known_ids_and_never_an_emergency() -> None:
    known = screening_rules().known_ids | set(guide_rules().signals)
    assert {row for pair in PAIRS for row in pair.rows} | {row for row, others, _ in NEEDS for row in others} <= known
    assert all(pair.rows[0] in screening_rules().rows for pair in PAIRS)


def test_a_form_asks_again_what_one_answer_says_and_the_others_deny() -> None:
    cards = short_questions()
    shown = [row for card in cards for row in card.rules]
    nothing: dict[str, str] = dict.fromkeys(shown, "no")
    assert to_ask_again(read_answers(nothing), shown) == ()
    assert len(to_ask_again(read_answers({**nothing, "C34": "yes"}), shown)) == 1
    assert to_ask_again(read_answers({**nothing, "C34": "yes", "C33": "yes"}), shown) == ()
    assert to_ask_again(read_answers({**nothing, "C34": "yes", "C33": "not_sure"}), shown) == ()
    [fault] = misfits({**nothing, "C32": "yes", "C33": "yes"}, cards)
    assert "Which is right?" in fault["text"]
    assert any("C33" in card.rules for card in cards if card.id == fault["card"])


def test_an_older_stored_result_reads_as_before() -> None:
    stored = screen(read_answers({"C12": "yes"})).to_dict()
    del stored["contradictions"]
    assert ScreeningResult.from_dict(stored).contradictions == ()
