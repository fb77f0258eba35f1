"""Stretching a visit into the next one (case C05)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.booking.domain.stretching import SHORTEST, Neighbour, in_the_way, longest

NEXT = Neighbour("next", 660, 720, 0, 15)
buffers = st.integers(0, 6).map(lambda steps: steps * 5)


def test_sixty_to_ninety_minutes_runs_into_the_next_visit() -> None:
    def asked(minutes: int) -> list[object]:
        hit = in_the_way([NEXT], starts=585, minutes=minutes, before=0, after=15, buffer_rule="sum")
        return [one.key for one in hit]

    assert asked(60) == []
    assert asked(90) == ["next"]
    assert longest([NEXT], starts=585, after=15, buffer_rule="sum") == 60


@pytest.mark.parametrize(("rule", "fits"), [("sum", 35), ("larger", 45)])
def test_neighbours_buffers_meet_by_the_practice_s_rule(rule: str, fits: int) -> None:
    after = Neighbour("after", 660, 720, 10, 0)
    assert longest([after], starts=600, after=15, buffer_rule=rule) == fits


def test_nobody_after_it_or_no_room_at_all() -> None:
    assert longest([], starts=600, after=15, buffer_rule="sum") is None
    assert longest([Neighbour("x", 300, 360, 0, 0)], starts=600, after=15, buffer_rule="sum") is None
    assert longest([NEXT], starts=640, after=15, buffer_rule="sum") is None


@given(st.integers(0, 100).map(lambda five: five * 5), buffers, buffers, buffers, st.sampled_from(["sum", "larger"]))
def test_the_longest_that_fits_is_in_nobody_s_way(start: int, before: int, after: int, own: int, rule: str) -> None:
    others = [Neighbour("a", start + 90, start + 150, before, after), Neighbour("b", start + 200, start + 230, 5, 5)]
    fits = longest(others, starts=start, after=own, buffer_rule=rule)
    assert fits is not None
    assert fits >= SHORTEST
    free = {"starts": start, "before": 0, "after": own, "buffer_rule": rule}
    assert in_the_way(others, minutes=fits, **free) == []
    assert in_the_way(others, minutes=fits + 5, **free) == [others[0]]
