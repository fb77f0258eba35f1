"""The life of an appointment: nine states, and every move between them that is allowed.

A hold keeps a time while someone decides or pays; a request keeps it until the practice answers or the request expires.
From `confirmed` on, the visit may close itself (`complete`) when nobody tapped *arrived* or *start*; `unclose`,
`reopen` and `reinstate` undo what was closed or marked by mistake. Cancelled and expired are final: a late payment for
them is refunded, never revived.
"""

from collections.abc import Mapping
from enum import StrEnum

from unknot.kernel.errors import ConflictError


class State(StrEnum):
    """Where an appointment stands."""

    HELD = "held"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    IN_SESSION = "in_session"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    EXPIRED = "expired"


class Event(StrEnum):
    """What happens to it. `decline` is the practice's no to a request, `cancel` anyone's later no."""

    REQUEST = "request"
    CONFIRM = "confirm"
    DECLINE = "decline"
    EXPIRE = "expire"
    ARRIVE = "arrive"
    LEAVE = "leave"
    START = "start"
    COMPLETE = "complete"
    CANCEL = "cancel"
    MISS = "miss"
    REOPEN = "reopen"
    UNCLOSE = "unclose"
    REINSTATE = "reinstate"


MOVES: Mapping[State, Mapping[Event, State]] = {
    State.HELD: {
        Event.REQUEST: State.REQUESTED,
        Event.CONFIRM: State.CONFIRMED,
        Event.CANCEL: State.CANCELLED,
        Event.EXPIRE: State.EXPIRED,
    },
    State.REQUESTED: {
        Event.CONFIRM: State.CONFIRMED,
        Event.DECLINE: State.CANCELLED,
        Event.CANCEL: State.CANCELLED,
        Event.EXPIRE: State.EXPIRED,
    },
    State.CONFIRMED: {
        Event.ARRIVE: State.ARRIVED,
        Event.START: State.IN_SESSION,
        Event.COMPLETE: State.COMPLETED,
        Event.CANCEL: State.CANCELLED,
        Event.MISS: State.NO_SHOW,
    },
    State.ARRIVED: {
        Event.START: State.IN_SESSION,
        Event.COMPLETE: State.COMPLETED,
        Event.CANCEL: State.CANCELLED,  # screened out at the door
        Event.LEAVE: State.CONFIRMED,  # we were late, and the client comes another day
    },
    State.IN_SESSION: {Event.COMPLETE: State.COMPLETED},
    State.COMPLETED: {
        Event.REOPEN: State.IN_SESSION,
        Event.UNCLOSE: State.CONFIRMED,  # it closed itself, and nobody knows yet what happened
    },
    State.NO_SHOW: {Event.REINSTATE: State.CONFIRMED, Event.ARRIVE: State.ARRIVED},
    State.CANCELLED: {},
    State.EXPIRED: {},
}

UPCOMING = frozenset({State.HELD, State.REQUESTED, State.CONFIRMED, State.ARRIVED, State.IN_SESSION})
"""States from which something is still to come."""

BLOCKING = UPCOMING | {State.COMPLETED}
"""States that keep their time: the WHERE of the exclusion constraints. A completed visit did take place, and keeping
its time means that reopening it can never collide. A missed one frees it, so `reinstate` has to pass the constraint
again."""

FINAL = frozenset(state for state, moves in MOVES.items() if not moves)

_WORDS = {
    State.HELD: "is only held",
    State.REQUESTED: "is waiting for an answer",
    State.CONFIRMED: "is confirmed",
    State.ARRIVED: "has a client who has arrived",
    State.IN_SESSION: "is under way",
    State.COMPLETED: "is completed",
    State.CANCELLED: "was cancelled",
    State.NO_SHOW: "was marked as missed",
    State.EXPIRED: "ran out before it was confirmed",
}


class LifecycleError(ConflictError):
    """This visit can't make that move as it stands. Nothing was changed."""

    code = "visit-state"


def transition(state: State, event: Event) -> State:
    """The state after `event`. Raises `LifecycleError`, which names what can be done instead."""
    moves = MOVES[state]
    if event in moves:
        return moves[event]
    choice = f"Possible now: {', '.join(sorted(moves))}." if moves else "Book a new visit instead."
    raise LifecycleError(
        f"This visit {_WORDS[state]}, so “{event}” is not possible. Nothing was changed. {choice}",
        extra={"state": str(state), "event": str(event), "possible": sorted(str(move) for move in moves)},
    )
