"""What changed on the body map, in words."""

from hypothesis import given
from hypothesis import strategies as st

from unknot.treatment.domain import REGIONS, MarkedRegion, map_changes

places = st.builds(
    MarkedRegion,
    region=st.sampled_from(sorted(REGIONS)),
    laterality=st.sampled_from(["left", "right", "bilateral", "midline"]),
    intensity=st.none() | st.integers(0, 10),
    quality=st.sampled_from(["", "aching", "stiff"]),
)
maps = st.lists(places, max_size=6)


def said(before: list[MarkedRegion], after: list[MarkedRegion]) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in map_changes(before, after)]


def test_new_stronger_same_less_and_gone() -> None:
    name = {slug: REGIONS[slug].name.capitalize() for slug in ("shoulder", "low_back", "sacrum", "knee", "foot")}
    before = [
        MarkedRegion("low_back", "bilateral", 6, "aching"),
        MarkedRegion("sacrum", "midline", 4),
        MarkedRegion("foot", "left", 3),
        MarkedRegion("knee", "right"),
    ]
    after = [
        MarkedRegion("low_back", "left", 3, "stiff"),
        MarkedRegion("low_back", "right", 8),
        MarkedRegion("sacrum", "midline", 5),
        MarkedRegion("shoulder", "left", 5),
        MarkedRegion("knee", "right", 2),
    ]
    assert said(before, after) == [
        ("new", f"{name['shoulder']}, left: newly marked (5 of 10)."),
        ("more", f"{name['low_back']}, right: stronger, from 6 to 8."),
        ("same", f"{name['sacrum']}: about the same (4, then 5)."),
        ("same", f"{name['knee']}, right: marked both times (2 of 10)."),
        ("less", f"{name['low_back']}, left: less, from 6 to 3. Felt aching, now stiff."),
        ("gone", f"{name['foot']}, left: marked before (3 of 10), not any more."),
    ]


@given(maps)
def test_the_same_map_has_not_changed(marked: list[MarkedRegion]) -> None:
    assert {one.kind for one in map_changes(marked, marked)} <= {"same"}


@given(maps, maps)
def test_backwards_it_is_the_opposite(before: list[MarkedRegion], after: list[MarkedRegion]) -> None:
    opposite = {"new": "gone", "gone": "new", "more": "less", "less": "more", "same": "same"}
    there, back = map_changes(before, after), map_changes(after, before)
    assert sorted(opposite[one.kind] for one in there) == sorted(one.kind for one in back)
