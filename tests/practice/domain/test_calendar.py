"""Public holidays by jurisdiction."""

from datetime import date

from unknot.practice.domain.calendar import public_holidays


def test_holidays_of_a_province_and_of_its_neighbour() -> None:
    family_day = date(2027, 2, 15)
    assert public_holidays("CA-AB", family_day, family_day) == {family_day: "Family Day"}
    assert public_holidays("CA-QC", family_day, family_day) == {}


def test_a_range_over_new_year_in_order_both_ends_included() -> None:
    found = public_holidays("CA-AB", date(2026, 12, 25), date(2027, 1, 1))
    assert list(found) == [date(2026, 12, 25), date(2027, 1, 1)]


def test_what_is_not_known_has_no_holidays_of_its_own() -> None:
    new_year = date(2027, 1, 1)
    assert public_holidays("XX-YY", new_year, new_year) == {}
    assert list(public_holidays("CA-XX", new_year, new_year)) == [new_year]
