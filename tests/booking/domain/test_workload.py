"""What hands can bear in a day."""

import pytest

from unknot.booking.domain.workload import Limits, Load

HOUR = Load.of(60, added=0, deep=False)
DEEP = Load.of(90, added=15, deep=True)


def test_what_is_added_is_no_deep_work() -> None:
    assert Load(1, 90, 75) == DEEP
    assert Load(2, 150, 75) == HOUR + DEEP


@pytest.mark.parametrize(
    ("limits", "load", "more", "sentence"),
    [
        (Limits(), Load(99, 999, 999), DEEP, ""),
        (Limits(visits=2), Load(1, 60), HOUR, ""),
        (Limits(visits=2), Load(2, 60), HOUR, "2 of 2 visits"),
        (Limits(minutes=120), Load(1, 60), HOUR, ""),
        (Limits(minutes=119), Load(1, 60), HOUR, "60 of 119 hands-on minutes, and this visit has 60"),
        (Limits(deep_minutes=75), Load(), DEEP, ""),
        (Limits(deep_minutes=100), Load(1, 60, 60), DEEP, "60 of 100 minutes of deep pressure, and this visit has 75"),
        (Limits(deep_minutes=60), Load(2, 180, 180), HOUR, ""),
    ],
)
def test_limits(limits: Limits, load: Load, more: Load, sentence: str) -> None:
    assert limits.exceeded(load, more) == sentence
