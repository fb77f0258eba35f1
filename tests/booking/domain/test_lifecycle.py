import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.booking.domain.lifecycle import BLOCKING, FINAL, MOVES, UPCOMING, Event, LifecycleError, State, transition
from unknot.kernel.errors import ConflictError

# Written out again on purpose: the table in the product has to be changed here too.
LEGAL = {
    "held request requested", "held confirm confirmed", "held cancel cancelled", "held expire expired",
    "requested confirm confirmed", "requested decline cancelled", "requested cancel cancelled",
    "requested expire expired", "confirmed arrive arrived", "confirmed start in_session",
    "confirmed complete completed",
    "confirmed cancel cancelled", "confirmed miss no_show", "arrived start in_session", "arrived complete completed",
    "arrived cancel cancelled", "arrived leave confirmed",
    "in_session complete completed", "completed reopen in_session",
    "completed unclose confirmed",
    "no_show reinstate confirmed", "no_show arrive arrived",
}  # fmt: skip


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("event", list(Event))
def test_only_listed_moves_are_legal(state: State, event: Event) -> None:
    listed = [move.split()[2] for move in LEGAL if move.split()[:2] == [state, event]]
    if listed:
        assert transition(state, event) == listed[0]
        return
    with pytest.raises(LifecycleError) as refusal:
        transition(state, event)
    assert isinstance(refusal.value, ConflictError)
    assert refusal.value.extra["possible"] == sorted(move.split()[1] for move in LEGAL if move.split()[0] == state)


@given(st.lists(st.sampled_from(Event), max_size=20))
def test_a_life_that_ended_stays_ended(events: list[Event]) -> None:
    state = State.HELD
    for event in events:
        try:
            after = transition(state, event)
        except LifecycleError:
            continue
        assert state not in (State.CANCELLED, State.EXPIRED)
        state = after


def test_every_state_can_be_reached_from_a_hold() -> None:
    reached, edge = {State.HELD}, [State.HELD]
    while edge:
        for after in MOVES[edge.pop()].values():
            if after not in reached:
                reached.add(after)
                edge.append(after)
    assert reached == set(State)


def test_which_states_keep_their_time() -> None:
    assert {"held", "requested", "confirmed", "arrived", "in_session", "completed"} == BLOCKING
    assert {"cancelled", "expired"} == FINAL
    assert {"held", "requested", "confirmed", "arrived", "in_session"} == UPCOMING


def test_the_message_says_what_happened_what_was_kept_and_what_next() -> None:
    with pytest.raises(LifecycleError) as refusal:
        transition(State.COMPLETED, Event.CANCEL)
    assert refusal.value.message == (
        "This visit is completed, so “cancel” is not possible. Nothing was changed. Possible now: reopen, unclose."
    )
    with pytest.raises(LifecycleError, match="Book a new visit instead"):
        transition(State.EXPIRED, Event.CONFIRM)
