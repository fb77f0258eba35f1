import pytest

from unknot.intake.domain.guide_rules import GUIDE_VERSION, GUIDE_VERSIONS, guide_rules
from unknot.intake.domain.rulebook import read_mark, rule_files, version_key
from unknot.intake.domain.screening_rules import SCREENING_VERSION, SCREENING_VERSIONS, screening_rules


def test_the_newest_version_is_the_default_and_old_ones_stay() -> None:
    assert guide_rules().version == GUIDE_VERSION == GUIDE_VERSIONS[-1]
    assert screening_rules().version == SCREENING_VERSION == SCREENING_VERSIONS[-1]
    assert guide_rules() is guide_rules(GUIDE_VERSION)
    assert screening_rules() is screening_rules(SCREENING_VERSION)
    assert "2026.1" in GUIDE_VERSIONS
    assert "2026.1" in SCREENING_VERSIONS


def test_versions_are_ordered_by_number() -> None:
    assert sorted(["2026.10", "2026.9", "2025.11"], key=version_key) == ["2025.11", "2026.9", "2026.10"]


def test_files_are_found_by_kind() -> None:
    assert rule_files("no-such-kind") == {}
    assert tuple(rule_files("guide")) == GUIDE_VERSIONS


def test_an_unknown_mark_is_a_packaging_fault() -> None:
    with pytest.raises(ValueError, match="C01"):
        read_mark("A", "C01")
