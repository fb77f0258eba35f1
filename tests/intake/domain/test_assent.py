"""Who consents for whom, by age."""

import pytest

from unknot.intake.domain import ConsentScopeError, band_for, check_assent
from unknot.intake.domain.assent import BANDS


@pytest.mark.parametrize(
    ("age", "decided_for", "band"),
    [
        (0, True, "small_child"),
        (6, False, "small_child"),
        (7, True, "child"),
        (13, True, "child"),
        (14, True, "young_person"),
        (17, False, "young_person"),
        (18, False, None),
        (18, True, "decided_for"),
        (91, True, "decided_for"),
        (None, False, None),
        (None, True, "decided_for"),
    ],
)
def test_bands_by_age(age: int | None, decided_for: bool, band: str | None) -> None:
    found = band_for(age, decided_for=decided_for)
    assert (found.id if found else None) == band


def test_the_own_word_that_each_age_needs() -> None:
    enough = {band.id: [word for word in ("", "told", "yes") if _is_enough(band.id, word)] for band in BANDS}
    assert enough == {
        "small_child": ["told", "yes"],
        "child": ["yes"],
        "young_person": ["yes"],
        "decided_for": ["told", "yes"],
    }
    check_assent(None, "")
    with pytest.raises(ConsentScopeError):
        check_assent(None, "maybe")


def _is_enough(band_id: str, word: str) -> bool:
    band = next(one for one in BANDS if one.id == band_id)
    try:
        check_assent(band, word)
    except ConsentScopeError:
        return False
    return True


def test_every_text_is_there_and_names_the_person() -> None:
    for band in BANDS:
        assert min(len(text) for text in (band.who, band.ask, band.words, band.therapist)) > 20
        assert "{" not in band.named(band.who, "Ida") + band.named(band.ask, "Ida") + band.words + band.therapist
        assert "Ida" in band.named(band.ask, "Ida")
