"""The body map: picture and list name the same regions, and a form reads back what was marked."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.web.bodymap import QUALITIES, body_map, heat, read_body_map, region_names

VALUES = sorted(region_names())
facts = st.fixed_dictionaries(
    {"intensity": st.none() | st.integers(0, 10), "quality": st.sampled_from(["", *(slug for slug, _ in QUALITIES)])}
)
selections = st.dictionaries(st.sampled_from(VALUES), facts)


def test_every_region_of_the_reference_is_there() -> None:
    sided = [
        "head_scalp",
        "neck_post",
        "neck_ant",
        "shoulder",
        "upper_back",
        "low_back",
        "gluteal",
        "hip_ant",
        "chest",
        "upper_arm",
        "elbow",
        "forearm",
        "wrist",
        "hand",
        "thigh_post",
        "thigh_ant",
        "thigh_lat",
        "thigh_inner",
        "knee",
        "lower_leg",
        "ankle",
        "foot",
    ]
    midline = {"sacrum:midline", "abdomen:midline"}
    expected = {f"{slug}:{side}" for slug in sided for side in ("left", "right")} | midline
    assert set(VALUES) == expected


def test_the_picture_shows_exactly_the_regions_of_the_list() -> None:
    context = body_map({}, readonly=False)
    drawn = {path["value"] for view in context["views"] for path in view["paths"]}
    listed = [region["value"] for area in context["areas"] for region in area["regions"]]
    assert drawn == set(listed) == set(VALUES)
    assert len(listed) == len(VALUES)


def test_ids_are_unique_and_two_maps_do_not_share_any() -> None:
    ids = [
        path["id"]
        for name in ("bodymap", "other")
        for view in body_map({}, readonly=True, name=name)["views"]
        for path in view["paths"]
    ]
    assert [found for found, count in Counter(ids).items() if count > 1] == []
    assert [
        found
        for found in ("region-low_back-left", "region-sacrum-midline", "region-knee-right-back")
        if found not in ids
    ] == []


def test_the_left_of_the_person_is_on_the_right_in_front_and_on_the_left_behind() -> None:
    views = {view["key"]: view for view in body_map({}, readonly=True)["views"]}

    def middle(view: str, value: str) -> float:
        path = next(path for path in views[view]["paths"] if path["value"] == value)
        numbers = [float(number) for number in re.findall(r"-?\d+\.?\d*", path["d"])]
        return sum(numbers[::2]) / len(numbers[::2])

    assert middle("front", "knee:left") > 100 > middle("front", "knee:right")
    assert middle("back", "knee:left") < 100 < middle("back", "knee:right")
    assert (views["front"]["left"], views["back"]["left"]) == ("right", "left")


@given(selections)
def test_a_form_reads_back_what_the_map_shows(selected: dict) -> None:
    context = body_map(selected, readonly=False)
    posted: dict[str, list[str]] = {"region": []}
    for area in context["areas"]:
        for region in area["regions"]:
            if region["chosen"]:
                posted["region"].append(region["value"])
            posted[f"intensity-{region['value']}"] = [region["intensity"]]
            posted[f"quality-{region['value']}"] = [region["quality"]]
    assert read_body_map(posted) == selected


@given(selections)
def test_a_group_with_a_chosen_region_is_open(selected: dict) -> None:
    for area in body_map(selected, readonly=False)["areas"]:
        assert area["open"] == any(region["value"] in selected for region in area["regions"])


@pytest.mark.parametrize(("intensity", "shade"), [(0, 0), (1, 1), (2, 1), (3, 2), (6, 3), (9, 5), (10, 5)])
def test_heat_of_an_intensity(intensity: int, shade: int) -> None:
    assert heat(intensity) == shade


def test_what_the_form_cannot_send_is_left_out() -> None:
    posted = {
        "region": ["low_back:left", "tail:left", "knee:right"],
        "intensity-low_back:left": ["11"], "quality-low_back:left": ["haunted"], "intensity-knee:right": ["²"],
    }  # fmt: skip
    empty = {"intensity": None, "quality": ""}
    assert read_body_map(posted) == {"low_back:left": empty, "knee:right": empty}


def test_an_unknown_region_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        body_map({"tail:left": {}}, readonly=True)
