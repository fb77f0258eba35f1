from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.kernel.zones import instant_of, local, minute_of
from unknot.travel.domain.insertion import HomeStart, HomeVisitError, Stop, home_starts, insertion_window
from unknot.travel.domain.places import Point

ZONE = "America/Toronto"
MIDNIGHT = minute_of(datetime(2027, 5, 4, 4, 0, tzinfo=UTC))
HOME, HERE, THERE, CLINIC = Point(43.60, -79.40), Point(43.65, -79.38), Point(43.70, -79.42), Point(43.66, -79.50)
TRIP = {frozenset((HERE, other)): 25 for other in (HOME, THERE, CLINIC)} | {
    frozenset((HOME, THERE)): 20, frozenset((HOME, CLINIC)): 15, frozenset((CLINIC, THERE)): 30,
}  # fmt: skip


def drive(origin: Point, target: Point) -> int:
    return TRIP[frozenset((origin, target))] if origin != target else 0


def at(hour: int, minute: int = 0) -> int:
    return MIDNIGHT + hour * 60 + minute


def clock(found: list[HomeStart]) -> list[str]:
    return [f"{local(instant_of(one.starts), ZONE):%H:%M}" for one in found]


def offered(stops: list[Stop], *, windows: list[tuple[int, int]] | None = None, grid: int = 5) -> list[HomeStart]:
    return home_starts(
        windows or [(at(9), at(17))], stops, home=HOME, here=HERE, minutes=60, setup=10, packup=10, drive=drive,
        grid_min=grid, zone=ZONE,
    )  # fmt: skip


def test_c12_a_trip_of_25_minutes_and_10_of_set_up() -> None:
    window = insertion_window(
        at(11), THERE, at(15), HOME, HERE, 60, setup=10, packup=10, drive=drive
    )  # fmt: skip
    assert window == (at(11, 35), at(13, 25))
    assert clock(offered([Stop(at(9, 30), at(11), THERE)]))[0] == "11:35"


def test_c12_hidden_when_the_next_visit_becomes_unreachable() -> None:
    before, after = Stop(at(9, 30), at(11), THERE), Stop(at(13), at(14), THERE)
    assert insertion_window(at(11), THERE, at(13), THERE, HERE, 60, setup=10, packup=10, drive=drive) is None
    assert clock(offered([before, after]))[0] == "14:35"
    roomier = Stop(at(13, 20), at(14), THERE)
    assert clock(offered([before, roomier]))[:3] == ["11:35", "11:40", "11:45"]
    assert clock(offered([before, roomier]))[3] == "14:35"


def test_c12_the_day_starts_and_ends_at_home() -> None:
    found = clock(offered([], grid=5))
    assert (found[0], found[-1]) == ("09:35", "15:25")


def test_c12_a_private_appointment_with_a_place_and_a_clinic_shift_count() -> None:
    assert clock(offered([Stop(at(9), at(13), CLINIC)]))[0] == "13:35"
    assert clock(offered([Stop(at(12), at(17), CLINIC)]))[-1] == "10:25"


def test_busy_without_a_place_takes_time_but_no_travel() -> None:
    assert clock(offered([Stop(at(9), at(12))]))[0] == "12:10"
    assert clock(offered([Stop(at(9, 30), at(11), THERE), Stop(at(11), at(11, 10))]))[0] == "11:35"


def test_nobody_drives_or_sets_up_in_a_pause() -> None:
    pause = [(at(9), at(12)), (at(13), at(17))]
    found = clock(offered([Stop(at(10), at(11, 50), THERE)], windows=pause))
    assert found[0] == "13:25"  # 10 minutes of the way before the pause, 15 after it, then set-up


def test_the_way_to_the_next_place_is_split_by_a_pause() -> None:
    pause = [(at(9), at(12)), (at(13), at(17))]
    found = clock(offered([Stop(at(13, 10), at(17), THERE)], windows=pause))
    assert found[-1] == "10:35"  # packed up at 11:45, 15 minutes of the way before the pause, 10 after it


def test_a_place_left_before_the_day_began_still_counts() -> None:
    assert clock(offered([Stop(at(8), at(9), THERE)]))[0] == "09:35"
    assert clock(offered([Stop(at(8), at(9) - 1, Point(43.70, -79.42)), Stop(at(17), at(18), THERE)]))[-1] == "15:25"


def test_the_extra_minutes_are_the_detour() -> None:
    found = offered([Stop(at(9, 30), at(10, 30), THERE)])
    assert {one.extra_minutes for one in found} == {25 + 25 - 20}


stops = st.lists(
    st.builds(
        lambda start, length, point: Stop(at(8) + start, at(8) + start + length, point),
        st.integers(0, 580),
        st.integers(5, 150),
        st.sampled_from([None, THERE, CLINIC, HERE]),
    ),
    max_size=4,
)
day_windows = st.sampled_from(
    [
        [(at(9), at(17))],
        [(at(9), at(12)), (at(13), at(17))],
        [(at(9), at(11, 30)), (at(12), at(12, 20)), (at(14), at(18))],
    ]
)


def reachable(
    start: int, windows: list[tuple[int, int]], taken: list[Stop], minutes: int, setup: int, packup: int
) -> bool:
    """Minute by minute: is the visit in open, free time, and is there enough open time for every drive?"""
    opened = {minute for opens, closes in windows for minute in range(opens, closes)}
    opens, closes = min(opened), max(opened) + 1
    visit = set(range(start - setup, start + minutes + packup))
    if not visit <= opened or any(visit & set(range(stop.starts, stop.ends)) for stop in taken):
        return False
    resting = set(range(opens, closes)) - opened

    def room(first: int, last: int) -> int:
        return len(set(range(first, last)) - resting)

    arrive, leave = start - setup, start + minutes + packup
    placed = [stop for stop in taken if stop.point is not None]
    ended = [stop for stop in placed if stop.ends <= arrive]
    ahead = [stop for stop in placed if stop.starts >= leave]
    last_end = max((stop.ends for stop in ended), default=0)
    next_start = min((stop.starts for stop in ahead), default=1 << 60)
    ins = (
        [any(room(stop.ends, arrive) >= drive(stop.point, HERE) for stop in ended if stop.ends == last_end)]
        if ended
        else []
    )  # type: ignore[arg-type]
    outs = (
        [any(room(leave, stop.starts) >= drive(HERE, stop.point) for stop in ahead if stop.starts == next_start)]
        if ahead
        else []
    )  # type: ignore[arg-type]
    if last_end <= opens:
        ins.append(room(opens, arrive) >= drive(HOME, HERE))
    if next_start >= closes:
        outs.append(room(leave, closes) >= drive(HERE, HOME))
    return all(ins) and all(outs)


@given(stops, day_windows, st.sampled_from([30, 60, 90]), st.sampled_from([0, 10]), st.sampled_from([0, 15]))
@settings(max_examples=250, deadline=None)
def test_starts_are_what_a_minute_by_minute_check_allows(
    taken: list[Stop], windows: list[tuple[int, int]], minutes: int, setup: int, packup: int
) -> None:
    # Two places left or needed at the very same minute are contradictory data; which one binds is not defined.
    ends = [stop.ends for stop in taken if stop.point]
    begins = [stop.starts for stop in taken if stop.point]
    if len(set(ends)) < len(ends) or len(set(begins)) < len(begins):
        return
    found = home_starts(
        windows, taken, home=HOME, here=HERE, minutes=minutes, setup=setup, packup=packup, drive=drive, grid_min=15,
        zone=ZONE,
    )  # fmt: skip
    expected = [
        minute for minute in range(at(8), at(19), 15) if reachable(minute, windows, taken, minutes, setup, packup)
    ]
    assert [one.starts for one in found] == expected


def test_bounds_are_inclusive_and_nonsense_is_refused() -> None:
    found = home_starts(
        [(at(9), at(17))], [], home=HOME, here=HERE, minutes=60, setup=10, packup=10, drive=drive, grid_min=15,
        zone=ZONE, not_before=at(10), not_after=at(10, 30),
    )  # fmt: skip
    assert clock(found) == ["10:00", "10:15", "10:30"]
    with pytest.raises(HomeVisitError):
        home_starts(
            [], [], home=HOME, here=HERE, minutes=0, setup=0, packup=0, drive=drive, grid_min=15, zone=ZONE
        )  # fmt: skip
