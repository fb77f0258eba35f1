"""Which region an article hands to the guide."""

import pytest

from unknot.website.domain import region_of, region_words


@pytest.mark.parametrize(
    ("title", "tags", "region"),
    [
        ("Deep tissue for low back pain", [], "low_back"),
        ("Massage at your desk", ["Neck pain", "evidence"], "neck_post"),
        ("Shoulders of swimmers", [], "shoulder"),
        ("Your first visit", ["first visit"], ""),
        ("Hippocrates said", [], ""),
        ("Low back pain", ["necks"], "neck_post"),
    ],
)
def test_tags_decide_before_the_title(title: str, tags: list[str], region: str) -> None:
    assert region_of(title=title, tags=tags) == region


def test_regions_read_as_words() -> None:
    assert [region_words(one) for one in ("low_back", "neck_post", "")] == ["low back", "neck", ""]
