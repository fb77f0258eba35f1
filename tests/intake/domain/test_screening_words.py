from dataclasses import replace

from unknot.intake.domain import adaptations, question_words, read_answers, screen
from unknot.intake.domain.screening_rules import screening_rules


def test_one_entry_for_each_rule_strictest_first() -> None:
    result = screen(read_answers({"C20": "yes", "C12": "yes", "C01": "yes"}))
    found = adaptations(result)
    assert [item.rule for item in found] == ["C01", "C12", "C20"]
    assert [(item.holds, item.talk) for item in found] == [(True, False), (False, True), (False, False)]
    bones = found[2]
    assert bones.why == "Thin bone can break under pressure."
    assert bones.doing[0] == "Pressure no more than level 3 (medium) on the whole body."
    assert all(bones.why not in line for line in bones.doing)
    assert bones.asked == screening_rules().rows["C20"].ask


def test_words_of_a_version_that_is_gone_stay_as_stored() -> None:
    result = replace(screen(read_answers({"C20": "yes"})), rules_version="2019.1")
    only = adaptations(result)[0]
    assert (only.asked, only.why) == ("", "")
    assert only.doing == tuple(dict.fromkeys(item.text for item in result.precautions))


def test_questions_by_id() -> None:
    assert question_words("G2") == "Would you like to move more freely?"
    assert question_words("C12a") == "Do you bruise easily?"
    assert question_words("C12").startswith("Do you take a blood thinner")
    assert question_words("Z1") == ""
    assert question_words("G2", guide_version="1900.1") == ""
