"""Who may book what: rules of the menu about new clients and about asking first."""

from collections.abc import Iterable
from typing import Literal, Protocol

from unknot.kernel.errors import InvalidError

Entry = Literal["open", "ask", "closed"]


class NotForNewError(InvalidError):
    """This massage is for people we have treated before. Nothing was booked; book a first visit of another kind."""

    code = "not-for-new-clients"


class Ruled(Protocol):
    """What is needed of a service."""

    @property
    def new_clients(self) -> str: ...
    @property
    def approval(self) -> bool: ...


def entry(parts: Iterable[Ruled], *, is_new: bool, by_staff: bool) -> Entry:
    """How somebody gets in: `open` at once, `ask` and the practice confirms, `closed` to somebody new. Staff decide
    for themselves."""
    rules = list(parts)
    if by_staff:
        return "open"
    if is_new and any(one.new_clients == "no" for one in rules):
        return "closed"
    if any(one.approval or (is_new and one.new_clients == "approval") for one in rules):
        return "ask"
    return "open"
