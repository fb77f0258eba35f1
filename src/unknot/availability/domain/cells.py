"""Time as whole cells of five minutes, counted in UTC from 1970: small integers, quick to sort, add and compare."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from unknot.kernel.zones import instant_of

CELL = 5
_CELL_TIME = timedelta(minutes=CELL)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Busy(NamedTuple):
    """A stretch in which the therapist is taken: service time [start_cell, end_cell) and its own buffers, all in cells.

    Service and buffers stay apart because the rule `larger` lets the buffers of two neighbours overlap. Time off and
    outside events have no buffers.
    """

    start_cell: int
    end_cell: int
    before: int = 0
    after: int = 0


def cell_of(instant: datetime) -> int:
    """The cell that holds `instant` (aware)."""
    return (instant - _EPOCH) // _CELL_TIME


def cell_up(instant: datetime) -> int:
    """The first cell that starts at or after `instant` (aware)."""
    return -((_EPOCH - instant) // _CELL_TIME)


def instant_of_cell(cell: int) -> datetime:
    """The start of a cell (aware, UTC)."""
    return instant_of(cell * CELL)


def cells_up(minutes: int) -> int:
    """How many whole cells `minutes` need."""
    return -(-minutes // CELL)


def busy_between(starts_at: datetime, ends_at: datetime, *, before: int = 0, after: int = 0) -> Busy:
    """`Busy` from instants (aware) and buffers in minutes, widened to whole cells."""
    return Busy(cell_of(starts_at), cell_up(ends_at), cells_up(before), cells_up(after))
