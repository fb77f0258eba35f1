"""The clock of a session."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from unknot.treatment.domain import PlanRequest, SegmentSpan, build_plan, clock, done_from

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
PLAN = build_plan(PlanRequest(60, focus=(("low_back", "left"),)))
KEYS = [segment.key for segment in PLAN.segments]


def spans(*lengths: int) -> list[SegmentSpan]:
    """Parts one after the other with these lengths in seconds; the last one is open."""
    found, at = [], START
    for i, length in enumerate(lengths):
        end = at + timedelta(seconds=length)
        found.append(SegmentSpan(KEYS[i], at, end if i < len(lengths) - 1 else None))
        at = end
    return found


@given(st.lists(st.integers(0, 1500), min_size=1, max_size=len(KEYS)))
def test_exactly_one_part_is_current_and_the_rest_follows(lengths: list[int]) -> None:
    now = START + timedelta(seconds=sum(lengths))
    found = clock(PLAN, spans(*lengths), START, now)
    states = [step.state for step in found.steps]
    assert states == ["done"] * (len(lengths) - 1) + ["current"] + ["todo"] * (len(KEYS) - len(lengths))
    assert found.elapsed == sum(lengths)
    assert found.left == 3600 - sum(lengths)
    assert found.current is not None
    assert found.left_here == found.current.segment.minutes * 60 - lengths[-1]
    todo = [step for step in found.steps if step.state == "todo"]
    assert all(a.to_seconds == b.from_seconds for a, b in pairwise(todo))


@given(st.lists(st.integers(0, 1500), min_size=1, max_size=len(KEYS)))
def test_done_is_what_ran_in_whole_minutes(lengths: list[int]) -> None:
    done = done_from(PLAN, spans(*lengths), START + timedelta(seconds=sum(lengths)))
    expected = {KEYS[i]: int(length / 60 + 0.5) for i, length in enumerate(lengths)}
    assert {part.key: part.minutes for part in done} == {key: n for key, n in expected.items() if n}


def test_going_back_opens_the_part_again() -> None:
    again = [
        SegmentSpan("s01", START, START + timedelta(minutes=2)),
        SegmentSpan("s02", START + timedelta(minutes=2), START + timedelta(minutes=3)),
        SegmentSpan("s01", START + timedelta(minutes=3)),
    ]
    found = clock(PLAN, again, START, START + timedelta(minutes=4))
    assert found.current is not None
    assert (found.current.segment.key, found.current.from_seconds, found.left_here) == ("s01", 180, 240)
    assert [(p.key, p.minutes) for p in done_from(PLAN, again, START + timedelta(minutes=5))] == [
        ("s01", 4),
        ("s02", 1),
    ]
