import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.intake.domain import (
    Answers,
    AnswersShapeError,
    AnswerValue,
    Place,
    UnknownAnswerIdError,
    UnknownAnswerValueError,
    UnknownRegionError,
    WrongPlaceError,
    read_answers,
)
from unknot.kernel.errors import InvalidError


def test_the_object_of_the_command_line_and_the_api() -> None:
    raw = {
        "G2": "yes", "D3": "yes", "E1": "no", "R01": "not_sure", "C12": "yes",
        "regions": [{"region": "low_back", "laterality": "left"}],
    }  # fmt: skip
    answers = read_answers(raw)
    assert list(answers) == ["C12", "D3", "E1", "G2", "R01"]
    assert answers.value("R01") is AnswerValue.NOT_SURE
    assert answers.value("R02") is None
    assert answers.regions == (Place("low_back", "left"),)
    assert answers.to_dict() == {key: raw[key] for key in raw}


def test_places_may_be_short_or_complete() -> None:
    full = {"region": "low_back", "laterality": "midline", "intensity": 7, "quality": "aching"}
    answers = read_answers({"C23": {"answer": "yes", "regions": ["ankle"]}, "regions": [full, "sacrum"]})
    assert answers.regions == (Place("low_back", "midline", 7, "aching"), Place("sacrum", "midline"))
    found = answers.get("C23")
    assert found is not None
    assert found.places == (Place("ankle", "bilateral"),)
    assert read_answers(json.loads(json.dumps(answers.to_dict()))) == answers


@pytest.mark.parametrize("question", ["R29", "R00", "G7", "g2", "", "C12b", "R01\x00", "x" * 5000, "\ud800", 7, None])
def test_unknown_ids_are_refused_by_name(question: Any) -> None:
    with pytest.raises(UnknownAnswerIdError) as refusal:
        read_answers({"G2": "yes", question: "yes"})
    assert len(refusal.value.message) < 200
    assert refusal.value.message.isascii()
    assert "\x00" not in refusal.value.message
    if question in ("R29", "G7", "C12b"):
        assert refusal.value.field == question
        assert refusal.value.message == f"There is no question with the id '{question}'."


@pytest.mark.parametrize(
    "value", ["Yes", "maybe", "", "yes\x00", "y" * 100_000, True, False, None, 1, 0.5, ["yes"], [], b"yes"]
)
def test_unknown_values_are_refused_by_name(value: Any) -> None:
    for question in ("G2", "C12"):
        with pytest.raises(UnknownAnswerValueError) as refusal:
            read_answers({question: value})
        assert refusal.value.field == question
        assert refusal.value.message.startswith(f"{question}: ")
        assert len(refusal.value.message) < 200


@pytest.mark.parametrize("raw", [None, [], "yes", 3, [("G2", "yes")]])
def test_answers_are_one_object(raw: Any) -> None:
    with pytest.raises(AnswersShapeError) as refusal:
        read_answers(raw)
    assert refusal.value.field == "answers"


def test_too_many_answers() -> None:
    with pytest.raises(AnswersShapeError):
        read_answers({f"X{n}": "yes" for n in range(501)})


@pytest.mark.parametrize(
    ("given_answer", "error"),
    [
        ({"regions": []}, AnswersShapeError),
        ({"answer": "yes", "places": []}, AnswersShapeError),
        ({"answer": "sure"}, UnknownAnswerValueError),
        ({"answer": "yes", "regions": "ankle"}, WrongPlaceError),
        ({"answer": "yes", "regions": ["tail"]}, UnknownRegionError),
    ],
)
def test_an_answer_with_places_is_checked(given_answer: Any, error: type[InvalidError]) -> None:
    with pytest.raises(error) as refusal:
        read_answers({"C23": given_answer})
    assert str(refusal.value.field).split(".")[0] == "C23"


def test_places_belong_to_screening_rows() -> None:
    with pytest.raises(UnknownAnswerValueError) as refusal:
        read_answers({"G2": {"answer": "yes", "regions": ["ankle"]}})
    assert refusal.value.field == "G2"


@pytest.mark.parametrize(
    ("places", "error"),
    [
        (None, WrongPlaceError),
        ("low_back", WrongPlaceError),
        ({"region": "low_back"}, WrongPlaceError),
        ([None], WrongPlaceError),
        ([{}], WrongPlaceError),
        ([{"region": 3}], WrongPlaceError),
        ([{"region": "low_back", "side": "left"}], WrongPlaceError),
        ([{"region": "low_back\x00"}], UnknownRegionError),
        ([{"region": "z" * 100_000}], UnknownRegionError),
        ([{"region": "legs"}], UnknownRegionError),
        ([{"region": "knee", "laterality": "midline"}], WrongPlaceError),
        ([{"region": "sacrum", "laterality": "left"}], WrongPlaceError),
        ([{"region": "knee", "laterality": ["left"]}], WrongPlaceError),
        ([{"region": "knee", "laterality": "up\x00" * 999}], WrongPlaceError),
        ([{"region": "knee", "intensity": 11}], WrongPlaceError),
        ([{"region": "knee", "intensity": -1}], WrongPlaceError),
        ([{"region": "knee", "intensity": True}], WrongPlaceError),
        ([{"region": "knee", "intensity": 3.0}], WrongPlaceError),
        ([{"region": "knee", "quality": "purple"}], WrongPlaceError),
        ([{"region": "knee", "quality": {}}], WrongPlaceError),
        (["knee", "knee"], WrongPlaceError),
        (["knee"] * 61, WrongPlaceError),
    ],
)
def test_wrong_places_are_refused(places: Any, error: type[InvalidError]) -> None:
    with pytest.raises(error) as refusal:
        read_answers({"regions": places})
    assert refusal.value.field == "regions"
    assert len(refusal.value.message) < 200
    assert "\x00" not in refusal.value.message


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["yes", "low_back", "left"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["answer", "regions", "region", "laterality"]) | st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["G2", "C23", "R01", "regions"]) | st.text(), anything, max_size=5))
def test_whatever_is_sent_is_read_or_refused(raw: dict[str, Any]) -> None:
    refused: InvalidError | None = None
    answers = Answers()
    try:
        answers = read_answers(raw)
    except InvalidError as refusal:
        refused = refusal
    assert refused is None or refused.field
    assert read_answers(answers.to_dict()) == answers
