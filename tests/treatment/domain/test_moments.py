"""When late news happened: a wrong clock changes nothing, nothing lies outside the session, order is kept."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from unknot.treatment.domain import happened_at

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
NOW = START + timedelta(hours=2)
seconds = st.integers(0, 7200)
skews = st.integers(-(10**9), 10**9).map(lambda s: timedelta(seconds=s))
moments = st.datetimes(timezones=st.just(UTC))


@given(seconds, skews)
def test_a_clock_that_is_wrong_by_years_changes_nothing(age: int, skew: timedelta) -> None:
    pressed, sent = NOW - timedelta(seconds=age) + skew, NOW + skew
    assert happened_at(device_at=pressed, sent_at=sent, received_at=NOW, not_before=START) == NOW - timedelta(
        seconds=age
    )


@given(st.none() | moments, st.none() | moments)
def test_whatever_a_device_says_it_was_in_the_session(device_at: datetime | None, sent_at: datetime | None) -> None:
    assert START <= happened_at(device_at=device_at, sent_at=sent_at, received_at=NOW, not_before=START) <= NOW


@given(st.lists(st.integers(0, 9000), min_size=2), skews)
def test_what_was_made_first_counts_first(ages: list[int], skew: timedelta) -> None:
    made = [NOW - timedelta(seconds=age) + skew for age in sorted(ages, reverse=True)]
    found = [happened_at(device_at=one, sent_at=NOW + skew, received_at=NOW, not_before=START) for one in made]
    assert found == sorted(found)


def test_without_the_time_of_sending_it_is_as_received() -> None:
    assert happened_at(device_at=START, sent_at=None, received_at=NOW, not_before=START) == NOW
