"""Stop always wins, order of arrival decides, and the same facts give the same state however they arrive."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from unknot.treatment.domain.comfort import Acknowledgement, ComfortEvent, SegmentSpan, Signal, comfort_state

START = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def tap(name: str, signal: str, seconds: float, phone: float | None = None) -> ComfortEvent:
    return ComfortEvent(name, Signal(signal), at(seconds if phone is None else phone), at(seconds))


taps = st.lists(
    st.builds(
        tap,
        st.sampled_from([f"e{i}" for i in range(12)]),
        st.sampled_from(list(Signal)),
        st.integers(0, 600),
        st.integers(-100_000, 100_000),
    ),
    max_size=15,
)
acks = st.lists(
    st.builds(Acknowledgement, st.sampled_from([f"e{i}" for i in range(12)]), st.integers(0, 700).map(at)), max_size=4
)
SPANS = (
    SegmentSpan("s02", at(0), at(200), "low_back"),
    SegmentSpan("s03", at(200), None, "shoulder", at_cap=True),
)


@given(taps, acks, st.randoms(use_true_random=False))
def test_order_of_arrival_in_the_list_and_repeats_do_not_matter(events, acknowledgements, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = events + events[:3]
    random.shuffle(shuffled)
    assert comfort_state(shuffled, SPANS, acknowledgements) == comfort_state(events, SPANS, acknowledgements)


@given(taps)
def test_without_an_answer_a_stop_always_holds(events: list[ComfortEvent]) -> None:
    state = comfort_state([*events, tap("the-stop", "stop", 300)], SPANS)
    assert (state.wish, state.stop_active, state.prompts[0].kind) == (Signal.STOP, True, "stop")


@given(taps, st.sampled_from(["same", "lighter", "deeper"]))
def test_answering_another_tap_never_clears_a_stop(events: list[ComfortEvent], other: str) -> None:
    later = tap("later", other, 700)
    state = comfort_state([*events, tap("the-stop", "stop", 300), later], SPANS, [Acknowledgement("later", at(701))])
    assert state.stop_active


@given(taps)
def test_answering_the_last_stop_clears_all_stops_before_it(events: list[ComfortEvent]) -> None:
    state = comfort_state([*events, tap("the-stop", "stop", 700)], SPANS, [Acknowledgement("the-stop", at(705))])
    assert (state.stop_active, state.unacknowledged, state.wish) == (False, (), None)


@given(taps, st.integers(-1_000_000, 1_000_000))
def test_the_clock_of_the_phone_changes_nothing(events: list[ComfortEvent], skew: int) -> None:
    moved = [
        ComfortEvent(e.id, e.signal, e.client_at + timedelta(seconds=skew), e.received_at, e.sequence) for e in events
    ]
    first, second = comfort_state(events, SPANS), comfort_state(moved, SPANS)
    assert first == second


def test_a_session_told_from_start_to_end() -> None:
    events = [
        tap("a", "lighter", 10),
        tap("b", "same", 50),
        tap("c", "lighter", 120),
        tap("d", "deeper", 260),
        tap("a", "lighter", 400),
    ]
    state = comfort_state(events, SPANS, [Acknowledgement("a", at(14)), Acknowledgement("c", at(123.5))])
    assert state.wish is Signal.DEEPER
    assert state.unacknowledged == ("d",)
    assert state.too_much_count == 2
    assert state.adjust_seconds == (("a", 4.0), ("c", 3.5))
    assert state.lower_regions == ("low_back",)
    assert [(p.kind, p.segment) for p in state.prompts] == [("lighter_segment", "s02"), ("at_cap", "s03")]


def test_two_in_different_segments_do_not_prompt_but_three_in_a_session_do() -> None:
    two = [tap("a", "lighter", 100), tap("b", "lighter", 250)]
    assert comfort_state(two, SPANS).prompts == ()
    three = [*two, tap("c", "lighter", 10)]
    assert [p.kind for p in comfort_state(three, SPANS).prompts] == ["lighter_segment", "lighter_session"]


def test_nothing_signalled_is_no_wish() -> None:
    state = comfort_state([])
    assert (state.wish, state.unacknowledged, state.too_much_count) == (None, (), 0)


def test_same_instant_is_ordered_by_sequence() -> None:
    first = ComfortEvent("z", Signal.DEEPER, at(0), at(5), sequence=1)
    second = ComfortEvent("a", Signal.LIGHTER, at(0), at(5), sequence=2)
    assert comfort_state([second, first]).wish is Signal.LIGHTER
