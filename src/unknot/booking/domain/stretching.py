"""A visit that grows or moves into others: who is in the way, and how long it could be at most. In UTC minutes."""

from collections.abc import Iterable
from dataclasses import dataclass

STEP, SHORTEST = 5, 15


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another visit of the same therapist: its service [starts, ends) and the buffers around it."""

    key: object
    starts: int
    ends: int
    before: int
    after: int


def gap(earlier_after: int, later_before: int, *, buffer_rule: str) -> int:
    """Minutes kept between two services that follow each other."""
    return max(earlier_after, later_before) if buffer_rule == "larger" else earlier_after + later_before


def in_the_way(
    others: Iterable[Neighbour], *, starts: int, minutes: int, before: int, after: int, buffer_rule: str
) -> list[Neighbour]:
    """Those whose time or buffers a visit at `starts` would touch, by start."""
    found = []
    for one in others:
        clear_before = one.ends + gap(one.after, before, buffer_rule=buffer_rule) <= starts
        clear_after = starts + minutes + gap(after, one.before, buffer_rule=buffer_rule) <= one.starts
        if not (clear_before or clear_after):
            found.append(one)
    return sorted(found, key=lambda one: one.starts)


def longest(others: Iterable[Neighbour], *, starts: int, after: int, buffer_rule: str) -> int | None:
    """The longest visit that fits at `starts` before the next one, in steps of five minutes; None if nobody follows or
    nothing sensible fits."""
    following = [one for one in others if one.starts > starts]
    if not following:
        return None
    room = min(one.starts - gap(after, one.before, buffer_rule=buffer_rule) - starts for one in following)
    fits = room // STEP * STEP
    return fits if fits >= SHORTEST else None
