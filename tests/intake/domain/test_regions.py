import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.intake.domain import GROUPS, REGIONS, UnknownRegionError, place_name, region_named, regions_in
from unknot.intake.domain.regions import SLUGS, snomed_candidates, with_adjacent, with_quarter

some = st.lists(st.sampled_from(SLUGS), unique=True).map(tuple)


def test_the_catalogue_of_the_reference() -> None:
    assert SLUGS == (
        "head_scalp", "neck_post", "neck_ant", "shoulder", "upper_back", "low_back", "sacrum", "gluteal", "hip_ant",
        "chest", "abdomen", "upper_arm", "elbow", "forearm", "wrist", "hand", "thigh_post", "thigh_ant", "thigh_lat",
        "thigh_inner", "knee", "lower_leg", "ankle", "foot",
    )  # fmt: skip


def test_sensitivity_and_midline() -> None:
    assert {region.slug: region.sensitivity for region in REGIONS if region.sensitivity != "no"} == {
        "neck_ant": "restricted", "sacrum": "partly", "gluteal": "yes", "hip_ant": "partly", "chest": "yes",
        "abdomen": "partly", "thigh_inner": "yes",
    }  # fmt: skip
    assert {region.slug for region in REGIONS if region.lateralities == ("midline",)} == {"sacrum", "abdomen"}
    assert all(region.default_laterality in region.lateralities and region.views for region in REGIONS)


def test_neighbours_are_mutual_and_nobody_is_alone() -> None:
    for region in REGIONS:
        assert region.near
        assert region.slug not in region.near
        assert all(region.slug in region_named(other).near for other in region.near)


def test_groups_unfold_in_catalogue_slugs() -> None:
    assert all(set(members) <= set(SLUGS) and len(set(members)) == len(members) for members in GROUPS.values())
    assert regions_in("neck") == ("neck_post", "neck_ant")
    assert regions_in("knee") == ("knee",)
    assert regions_in("all") == SLUGS
    with pytest.raises(UnknownRegionError):
        regions_in("tail")


def test_every_place_has_plain_words() -> None:
    assert place_name("low_back") == "the low back"
    assert all(place_name(place).startswith("the ") for place in (*SLUGS, *GROUPS, "unspecified"))


@given(some)
def test_widening_keeps_what_was_marked_in_order(slugs: tuple[str, ...]) -> None:
    for widened in (with_adjacent(slugs), with_quarter(slugs)):
        assert set(slugs) <= set(widened)
        assert list(widened) == [slug for slug in SLUGS if slug in widened]


def test_code_candidates_are_unconfirmed() -> None:
    codes = snomed_candidates()
    assert {code.confidence for code in codes} == {"V-"}
    assert {code.code for code in codes if code.region == "low_back"} == {"37822005"}
