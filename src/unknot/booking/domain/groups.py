"""Several people at once: who takes whom, and who lies on which table. Small, exact, without a database."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

from unknot.kernel.errors import InvalidError

FEWEST, MOST = 2, 4
Thing = TypeVar("Thing", bound=Hashable)


class GroupSizeError(InvalidError):
    """A visit together is for two, three or four people. Nothing was booked."""

    code = "group-size"


def check_size(size: int, *, fewest: int = FEWEST) -> None:
    """Raises GroupSizeError unless so many people can come together; of a group that shrank, one may be left."""
    if not fewest <= size <= MOST:
        raise GroupSizeError(field="people")


def assign(wishes: Sequence[Sequence[Thing]]) -> tuple[Thing, ...] | None:
    """One thing for each wish, no thing twice; None if that can't be. Each wish lists what would do, best first.

    The first wish gets the best that leaves the others something, then the second, and so on. Of every list only as
    many different things count as there are wishes: the others can take at most one less. So the search is tiny.
    """
    short = [tuple(dict.fromkeys(wish))[: len(wishes)] for wish in wishes]
    return _assign(short, frozenset())


def _assign(wishes: Sequence[Sequence[Thing]], used: frozenset[Thing]) -> tuple[Thing, ...] | None:
    if not wishes:
        return ()
    for thing in wishes[0]:
        if thing not in used:
            rest = _assign(wishes[1:], used | {thing})
            if rest is not None:
                return (thing, *rest)
    return None
