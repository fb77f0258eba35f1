"""Structured data stays data, whatever people write."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from unknot.website.domain import structured

values = st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=4)


@given(values)
def test_nothing_in_it_can_end_the_script_and_all_of_it_comes_back(value: dict[str, Any]) -> None:
    text = structured.embedded(value)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == value


def test_a_practice_without_a_clinic_says_no_address() -> None:
    data = structured.business(
        name="N", url="https://n.example/", description="", phone="", email="", places=[], offerings=[]
    )
    assert json.loads(structured.embedded(data)) == {
        "@context": "https://schema.org",
        "@id": "https://n.example/",
        "@type": "HealthAndBeautyBusiness",
        "name": "N",
        "url": "https://n.example/",
    }
