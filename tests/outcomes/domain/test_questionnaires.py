"""Files that a practice brings: what is read, what is refused, and scores worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.outcomes.domain import BadFileError, ScoreInvalidError, judge, read_questionnaire, score_questionnaire

# Fictional, made up for the tests.
HEAD = """
slug = "stairs_4"
title = "Stairs and shelves"
version = "1"
instructions = "Think of today."
licence = "Free for everybody to use in tests."
attribution = "Made up for Unknot's tests."
[scale]
noun = "trouble with stairs"
low = {low}
high = {high}
better = "lower"
mdc = 2
mic = 3
[scoring]
rule = "{rule}"
{scoring}
[asked]
weeks = [0, 10]
regions = ["low_back"]
"""
OPTIONS = "".join(f'[[option]]\nlabel = "{name}"\npoints = {n}\n' for n, name in enumerate(["never", "some", "often"]))
ITEMS = "".join(f'[[item]]\ntext = "Statement {n}"\n' for n in range(1, 5))


def file(rule: str, low: float, high: float, scoring: str = "", options: str = OPTIONS, items: str = ITEMS) -> str:
    return HEAD.format(rule=rule, low=low, high=high, scoring=scoring) + options + items


TICKS = file("ticks", 0, 4, options="")
TABLE = "least_answered = 2\n[scoring.table]\n" + "\n".join(f"{n} = {30 + 5 * n}" for n in range(9))


def test_a_file_is_read_with_its_licence_and_when_to_ask() -> None:
    found = read_questionnaire(TICKS)
    assert (found.slug, found.title, len(found.items), found.weeks) == ("stairs_4", "Stairs and shelves", 4, (0, 10))
    assert (found.licence, found.regions) == ("Free for everybody to use in tests.", frozenset({"low_back"}))
    assert (found.measure.mdc, found.measure.mic, found.measure.better) == (2, 3, "lower")


@pytest.mark.parametrize(
    ("text", "chosen", "value", "answered"),
    [
        (TICKS, [0, None, 0, None], 2, 4),  # two ticked, the rest is "no", not missing
        (file("sum", 0, 8), [0, 1, 2, 2], 5, 4),  # 0 + 1 + 2 + 2
        (file("sum", 0, 8), [0, 1, 2, None], None, 3),  # a blank where all are needed
        (file("sum", 0, 8, "least_answered = 3"), [0, 1, 2, None], 4, 3),  # 3 x 4 / 3
        (file("mean", 0, 2, "least_answered = 1"), [2, None, 1, None], 1.5, 2),  # (2 + 1) / 2
        (file("percent", 0, 100, "least_answered = 3"), [2, 1, None, 0], 50, 3),  # 100 x 3 / 6
        (file("table", 30, 70, TABLE), [2, 1, None, None], 60, 2),  # 3 x 4 / 2 = 6 -> 30 + 5 x 6
        (file("table", 30, 70, TABLE), [1, 1, 1, None], 50, 3),  # 3 x 4 / 3 = 4 -> 50
        (file("table", 30, 70, TABLE), [2, None, None, None], None, 1),
    ],
)
def test_scores_worked_out_by_hand(text: str, chosen: list[int | None], value: float | None, answered: int) -> None:
    score = score_questionnaire(read_questionnaire(text), chosen)
    assert (score.value, score.answered, score.asked) == (value, answered, 4)


def test_the_published_form_of_a_known_measure_keeps_our_numbers() -> None:
    statements = "".join(f'[[item]]\ntext = "Made-up statement {n}"\n' for n in range(24))
    back = read_questionnaire(TICKS.replace('"stairs_4"', '"rmdq"').replace(ITEMS, statements))
    assert (back.measure.high, back.measure.mic, back.measure.recovered_at) == (24, 5, 2)
    ticked: list[int | None] = [0] * 11 + [None] * 13
    assert score_questionnaire(back, ticked).value == 11
    assert judge(back.measure, 11, 6).direction == "better"
    assert judge(back.measure, 6, 11).direction == "worse"
    with pytest.raises(BadFileError, match="24 statements"):
        read_questionnaire(TICKS.replace('"stairs_4"', '"rmdq"'))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('slug = "stairs_4"', 'slug = "nprs"', "none of our own"),
        ('slug = "stairs_4"', 'slug = "Stairs!"', "short name"),
        ('licence = "Free for everybody to use in tests."', "", "`licence` is missing"),
        ('rule = "sum"', 'rule = "eval"', "one of ticks"),
        ("high = 8", "high = 7", "leave the scale"),
        ("weeks = [0, 10]", "weeks = [2]", "may hold 0, 4, 10"),
        ('regions = ["low_back"]', "regions = [3]", "body map"),
        ("points = 2", 'points = "two"', "should be a number"),
        ("points = 2", "points = nan", "should be a number"),
        ('better = "lower"', 'better = "up"', "better = lower or higher"),
        ("[asked]", "[asked", "not TOML"),
        ("[asked]", "least_answered = 9\n[asked]", "between 1 and the number of items"),
        ('text = "Statement 1"', 'text = "a\\u0000b"', "can't be shown"),
        (ITEMS, "", "1 to 60 items"),
        (ITEMS, "item = 3\n", "not laid out"),
    ],
)
def test_what_is_no_questionnaire_is_refused_with_the_reason(old: str, new: str, said: str) -> None:
    text = file("sum", 0, 8)
    if old == ITEMS and new:
        text = "item = 3\n" + text
    assert old in text
    with pytest.raises(BadFileError, match=said):
        read_questionnaire(text.replace(old, new if new != "item = 3\n" else "", 1))


@pytest.mark.parametrize("chosen", [[0, 0, 0], [0, 0, 0, 3], [0, 0, 0, -1], []])
def test_answers_that_are_none_are_refused(chosen: list[int | None]) -> None:
    with pytest.raises(ScoreInvalidError):
        score_questionnaire(read_questionnaire(file("sum", 0, 8)), chosen)


@given(st.lists(st.none() | st.integers(0, 2), min_size=4, max_size=4), st.sampled_from(["sum", "mean", "percent"]))
def test_scores_stay_on_their_scale_and_more_trouble_never_scores_less(chosen: list[int | None], rule: str) -> None:
    high = {"sum": 8, "mean": 2, "percent": 100}[rule]
    form = read_questionnaire(file(rule, 0, high, "least_answered = 1"))
    score = score_questionnaire(form, chosen)
    if all(one is None for one in chosen):
        assert score.value is None
        return
    assert score.value is not None
    assert 0 <= score.value <= high
    more = score_questionnaire(form, [None if one is None else min(one + 1, 2) for one in chosen]).value
    assert more is not None
    assert more >= score.value


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(BadFileError):
        read_questionnaire(text)
