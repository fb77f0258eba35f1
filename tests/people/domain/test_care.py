"""Ages, and who is under eighteen."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.people.domain.care import BadBirthDateError, age_on, check_birth_date, is_minor

DAYS = st.dates(min_value=date(1920, 1, 1), max_value=date(2080, 12, 31))


@given(DAYS, st.integers(min_value=0, max_value=120))
def test_a_birthday_adds_one_year_and_the_day_before_none(born: date, years: int) -> None:
    turns = date(born.year + years, born.month, born.day) if (born.month, born.day) != (2, 29) else None
    if turns is None:
        turns = date(born.year + years, 3, 1) if not _leap(born.year + years) else date(born.year + years, 2, 29)
    assert age_on(born, turns) == years
    assert age_on(born, turns - timedelta(days=1)) == years - 1


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def test_the_eighteenth_birthday_is_the_first_day_of_deciding_alone() -> None:
    assert is_minor(date(2008, 11, 18), date(2026, 11, 17))
    assert not is_minor(date(2008, 11, 17), date(2026, 11, 17))


@pytest.mark.parametrize("born", [date(2026, 11, 18), date(1890, 1, 1)])
def test_a_birth_date_has_been_and_not_too_long_ago(born: date) -> None:
    with pytest.raises(BadBirthDateError):
        check_birth_date(born, date(2026, 11, 17))
    check_birth_date(date(2026, 11, 17), date(2026, 11, 17))
