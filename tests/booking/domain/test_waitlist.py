"""The waitlist's rule as values."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.booking.domain.waitlist import (
    LEAST,
    OFFER,
    RULE,
    WaitlistWishError,
    Wish,
    clear_of,
    is_civil,
    kept_until,
    order_words,
)
from unknot.kernel.zones import to_utc

NOW = datetime(2026, 11, 17, 16, 0, tzinfo=UTC)
WISH = Wish("therapeutic-60", date(2026, 11, 23), date(2026, 11, 29))
WISHES = st.builds(
    lambda first, days, weekdays, opens, length, who, where: Wish(
        "therapeutic-60",
        date(2026, 11, 20) + timedelta(days=first),
        date(2026, 11, 20) + timedelta(days=first + days),
        who,
        where,
        tuple(sorted(weekdays)),
        opens * 60,
        (opens + length) * 60,
    ),
    st.integers(0, 9),
    st.integers(0, 9),
    st.sets(st.integers(0, 6), max_size=3),
    st.integers(0, 20),
    st.integers(1, 4),
    st.sampled_from([None, "noor", "dev"]),
    st.sampled_from([None, "clinic", "studio"]),
)


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"weekdays": (0,)}, True),
        ({"weekdays": (1, 2)}, False),
        ({"opens": 600, "closes": 601}, True),
        ({"opens": 601}, False),
        ({"closes": 600}, False),
        ({"therapist": "noor"}, True),
        ({"therapist": "dev"}, False),
        ({"place": "studio"}, False),
        ({"first": date(2026, 11, 24)}, False),
        ({"first": date(2026, 11, 20), "last": date(2026, 11, 22)}, False),
    ],
)
def test_what_fits(change: dict[str, Any], fits: bool) -> None:
    assert replace(WISH, **change).fits(local_start="2026-11-23T10:00", therapist="noor", place="clinic") is fits


@given(one=WISHES, other=WISHES, day=st.integers(0, 20), hour=st.integers(0, 23), who=st.sampled_from(["noor", "dev"]))
def test_who_could_want_the_same_competes(one: Wish, other: Wish, day: int, hour: int, who: str) -> None:
    start = f"{date(2026, 11, 20) + timedelta(days=day)}T{hour:02}:00"
    for place in ("clinic", "studio"):
        slot = {"local_start": start, "therapist": who, "place": place}
        if one.fits(**slot) and other.fits(**slot):
            assert one.competes(other)
    assert one.competes(other) == other.competes(one)


@given(ahead=st.integers(-500, 5000), notice=st.integers(0, 3000))
def test_an_offer_never_reaches_into_the_notice(ahead: int, notice: int) -> None:
    starts_at = NOW + timedelta(minutes=ahead)
    until = kept_until(now=NOW, starts_at=starts_at, notice_minutes=notice)
    if until is None:
        assert starts_at - timedelta(minutes=notice) - NOW < LEAST
    else:
        assert NOW + LEAST <= until <= min(NOW + OFFER, starts_at - timedelta(minutes=notice))


@pytest.mark.parametrize(
    ("shown", "civil"), [("07:59", False), ("08:00", True), ("19:59", True), ("20:00", False), ("03:00", False)]
)
def test_offers_go_out_by_day(shown: str, civil: bool) -> None:
    zone = "America/Edmonton"
    assert is_civil(to_utc(datetime.fromisoformat(f"2026-11-17T{shown}"), zone), zone) is civil


@pytest.mark.parametrize(
    "change",
    [
        {"last": date(2026, 11, 22)},
        {"last": date(2027, 11, 22)},
        {"opens": 600, "closes": 600},
        {"closes": 1441},
        {"opens": -1},
        {"weekdays": (7,)},
    ],
)
def test_what_is_no_wish(change: dict[str, Any]) -> None:
    with pytest.raises(WaitlistWishError):
        replace(WISH, **change)


def test_clear_of_is_half_open() -> None:
    hour = (NOW, NOW + timedelta(hours=1))
    later = (hour[1], hour[1] + timedelta(hours=1))
    assert clear_of(hour, [later])
    assert not clear_of(hour, [later, (NOW + timedelta(minutes=59), hour[1])])


def test_words() -> None:
    assert [order_words(count) for count in (0, 1, 4)] == [
        "You are the next to be asked.",
        "One person waits longer than you.",
        "4 people wait longer than you.",
    ]
    assert "two hours" in " ".join(RULE)
    assert timedelta(hours=2) == OFFER
