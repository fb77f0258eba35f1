import pytest

from unknot.intake.domain import (
    REGIONS,
    SENSITIVE,
    ConsentScopeError,
    UnknownRulesVersionError,
    check_consent,
    consent_text,
    suggested_regions,
)


def test_the_six_elements_are_always_said_in_order() -> None:
    text = consent_text(regions=())
    assert [part.id for part in text.elements] == [
        "nature", "benefits", "risks", "alternatives", "without", "questions",
    ]  # fmt: skip
    assert (text.techniques, text.regions) == ((), ())
    assert all(part.title and part.text for part in text.elements)


def test_every_sensitive_region_has_words_and_no_other() -> None:
    assert {part.id for part in consent_text().regions} == set(SENSITIVE)
    assert set(SENSITIVE) == {region.slug for region in REGIONS if region.sensitivity != "no"}
    only = consent_text(techniques=("deep", "unheard_of"), regions=("gluteal",))
    assert ([part.id for part in only.techniques], [part.id for part in only.regions]) == (["deep"], ["gluteal"])


def test_an_unknown_version_is_named() -> None:
    with pytest.raises(UnknownRulesVersionError):
        consent_text(version="1900.1")


def test_what_a_consent_may_hold() -> None:
    for method in ("electronic", "paper"):
        regions = check_consent(scope="sensitive", regions=["chest", "gluteal"], for_one_visit=True, method=method)
        assert regions == ("gluteal", "chest")
    assert check_consent(scope="treatment", regions=(), for_one_visit=False, method="verbal") == ()


@pytest.mark.parametrize(
    ("scope", "regions", "for_one_visit", "method", "field"),
    [
        ("sensitive", ["chest"], False, "paper", "appointment_id"),
        ("sensitive", ["chest"], True, "verbal", "method"),
        ("sensitive", [], True, "paper", "regions"),
        ("sensitive", ["hand"], True, "paper", "regions"),
        ("treatment", ["chest"], True, "paper", "regions"),
        ("anything", [], True, "paper", "scope"),
        ("photo", [], True, "wink", "method"),
    ],
)
def test_what_it_may_not(scope: str, regions: list[str], for_one_visit: bool, method: str, field: str) -> None:
    with pytest.raises(ConsentScopeError) as refused:
        check_consent(scope=scope, regions=regions, for_one_visit=for_one_visit, method=method)
    assert refused.value.field == field


def test_what_work_on_a_place_may_reach() -> None:
    assert suggested_regions(["low_back"]) == ("sacrum", "gluteal")
    assert suggested_regions(["chest", "hand"]) == ("chest",)
    assert suggested_regions([]) == ()
