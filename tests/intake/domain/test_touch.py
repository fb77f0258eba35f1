"""How somebody wishes to be touched: read, kept, said in words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.intake.domain import (
    ASKING,
    COMFORTS,
    COVERING,
    TALKING,
    TouchWishError,
    TouchWishes,
    newly_off,
    read_wishes,
    wish_lines,
)
from unknot.intake.domain.regions import SLUGS
from unknot.treatment.domain import POSITION_RULES

wishes = st.fixed_dictionaries(
    {
        "off_limits": st.lists(st.sampled_from(SLUGS)),
        "covering": st.sampled_from(["", *COVERING]),
        "asking": st.sampled_from(["", *ASKING]),
        "talking": st.sampled_from(["", *TALKING]),
        "comforts": st.lists(st.sampled_from(sorted(COMFORTS))),
        "signal": st.text(max_size=80).filter(lambda text: "\x00" not in text),
        "words": st.text(max_size=600).filter(lambda text: "\x00" not in text),
    }
)


@given(wishes)
def test_what_was_read_survives_storage_and_is_said(raw: dict[str, Any]) -> None:
    found = read_wishes(raw)
    assert read_wishes(found.to_dict()) == found
    assert bool(wish_lines(found)) == found.says_something
    assert set(found.off_limits) == set(raw["off_limits"])
    assert set(found.positions) == set(raw["comforts"]) & set(POSITION_RULES)


def test_the_most_binding_comes_first() -> None:
    said = read_wishes(
        {"words": "Slowly, please.", "off_limits": ["foot", "abdomen"], "covering": "dressed", "asking": "each"}
    )
    assert wish_lines(said) == (
        "No touch: the belly, the foot.",
        "Covering: I stay dressed: work through my clothes.",
        "Ask: before each new area.",
        "In their words: Slowly, please.",
    )


def test_nothing_said_is_nothing_said() -> None:
    assert wish_lines(read_wishes({})) == ()
    assert not TouchWishes().says_something


def test_only_what_closes_is_new() -> None:
    before, after = TouchWishes(off_limits=("chest", "foot")), TouchWishes(off_limits=("foot", "hand"))
    assert newly_off(before, after) == ("hand",)
    assert newly_off(after, TouchWishes()) == ()


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"off_limits": ["tail"]}, "off_limits"),
        ({"off_limits": "foot"}, "off_limits"),
        ({"covering": "naked"}, "covering"),
        ({"asking": 3}, "asking"),
        ({"comforts": ["music"]}, "comforts"),
        ({"signal": "x" * 81}, "signal"),
        ({"words": "a\x00b"}, "words"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(raw: dict[str, Any], field: str) -> None:
    with pytest.raises(TouchWishError) as refusal:
        read_wishes(raw)
    assert refusal.value.field == field
