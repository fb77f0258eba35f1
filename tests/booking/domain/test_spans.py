"""The stored ranges against what the sweep of the room below offers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.availability.domain.cells import Busy, cell_of, instant_of_cell
from unknot.availability.domain.slots import free_gaps, starts
from unknot.booking.domain.spans import Claims, Span, VisitLengthError, blocked_span, claims, service_span

MIDNIGHT = datetime(2027, 5, 4, tzinfo=UTC)
FIRST = cell_of(MIDNIGHT)
Visit = tuple[int, int, int, int]
"""Start (cells after midnight), and length, set-up, clean-up in minutes."""

visits = st.tuples(
    st.integers(60, 160),
    st.sampled_from([30, 60, 90]),
    st.sampled_from([0, 5, 15, 30]),
    st.sampled_from([0, 10, 15, 45]),
)
rules = st.sampled_from(["sum", "larger"])


def begins(visit: Visit) -> datetime:
    return MIDNIGHT + timedelta(minutes=5 * visit[0])


def blocked(visit: Visit, rule: str) -> Span:
    return blocked_span(begins(visit), visit[1], before=visit[2], after=visit[3], buffer_rule=rule)


def claimed(visit: Visit, rule: str) -> Claims:
    return claims(begins(visit), visit[1], before=visit[2], after=visit[3], buffer_rule=rule)


def overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def claims_collide(one: Claims, other: Claims) -> bool:
    """What the constraint with `kind WITH <>` compares."""
    return overlap(one.core, other.reach) or overlap(one.reach, other.core)


def offered(taken: Visit, asked: Visit, rule: str) -> bool:
    busy = Busy(FIRST + taken[0], FIRST + taken[0] + taken[1] // 5, taken[2] // 5, taken[3] // 5)
    gaps = free_gaps([(FIRST, FIRST + 288)], [busy], buffer_rule=rule)
    found = starts(gaps, minutes=asked[1], before=asked[2], after=asked[3], grid_min=5, zone="Africa/Abidjan")
    return cell_of(begins(asked)) in found


def gap_rule(one: Visit, other: Visit, rule: str) -> bool:
    """The rule in words: is the gap between the services wide enough?"""
    first, second = sorted([one, other], key=begins)
    gap = (begins(second) - begins(first)) // timedelta(minutes=1) - first[1]
    return gap >= (first[3] + second[2] if rule == "sum" else max(first[3], second[2]))


@given(visits, visits, rules)
@settings(max_examples=400, deadline=None)
def test_claims_refuse_exactly_what_is_not_offered(taken: Visit, asked: Visit, rule: str) -> None:
    collide = claims_collide(claimed(taken, rule), claimed(asked, rule))
    assert collide == (not offered(taken, asked, rule))
    if begins(taken) != begins(asked):
        assert collide == (not gap_rule(taken, asked, rule))


@given(visits, visits)
@settings(max_examples=300, deadline=None)
def test_one_range_is_exact_under_sum(taken: Visit, asked: Visit) -> None:
    assert overlap(blocked(taken, "sum"), blocked(asked, "sum")) == (not offered(taken, asked, "sum"))


@given(visits, visits)
@settings(max_examples=400, deadline=None)
def test_one_range_under_larger_keeps_every_promise(taken: Visit, asked: Visit) -> None:
    refused = overlap(blocked(taken, "larger"), blocked(asked, "larger"))
    first, second = sorted([taken, asked], key=begins)
    if offered(taken, asked, "larger"):
        assert not refused
    elif first[3] >= second[2]:
        assert refused  # exact where the clean-up is at least the set-up that follows
    if overlap(service_span(begins(taken), taken[1]), service_span(begins(asked), asked[1])):
        assert refused


@given(visits, visits)
@settings(max_examples=200, deadline=None)
def test_the_larger_rule_is_never_stricter_than_the_sum(taken: Visit, asked: Visit) -> None:
    if offered(taken, asked, "sum"):
        assert offered(taken, asked, "larger")
        assert not overlap(blocked(taken, "larger"), blocked(asked, "larger"))


def test_c11_next_visit_after_eleven() -> None:
    first = (120, 60, 15, 30)  # 10:00-11:00
    for clock, rule in ((141, "sum"), (138, "larger")):
        assert overlap(blocked(first, rule), blocked((clock - 1, 60, 15, 30), rule))
        assert not overlap(blocked(first, rule), blocked((clock, 60, 15, 30), rule))
    assert instant_of_cell(FIRST + 141).strftime("%H:%M") == "11:45"


def test_c04_services_overlap() -> None:
    assert overlap(blocked((114, 180, 0, 0), "sum"), blocked((108, 180, 0, 0), "sum"))


def test_nonsense_is_refused() -> None:
    with pytest.raises(VisitLengthError):
        blocked_span(MIDNIGHT, 0, before=0, after=0, buffer_rule="sum")
    with pytest.raises(VisitLengthError):
        claims(MIDNIGHT, 60, before=-5, after=0, buffer_rule="sum")
    with pytest.raises(VisitLengthError):
        blocked_span(MIDNIGHT, 60, before=0, after=0, buffer_rule="none")
    with pytest.raises(ValueError, match="zone"):
        service_span(MIDNIGHT.replace(tzinfo=None), 60)
