"""The day planned anew, against what a plan must never do."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.booking.domain.late import STEP, Day, LateMinutesError, Planned, Stop, Stretch, replan

TABLES = ((UUID(int=901), 0), (UUID(int=901), 1))
OPEN = ((0, 240), (285, 540))  # a morning, three quarters of an hour of lunch, an afternoon


def stop(number: int, starts: int, minutes: int = 60, **more: object) -> Stop:
    usual: dict[str, object] = {"after": 15, "windows": OPEN, "tables": (TABLES[0],)}
    return Stop(UUID(int=number), starts, minutes, **(usual | more))  # type: ignore[arg-type]


def plan(stops: list[Stop], **day: object) -> list[tuple[int | None, bool]]:
    return [(one.starts, one.moved) for one in replan(stops, Day(**({"late": 20, "free_from": 20} | day)))]  # type: ignore[arg-type]


def test_a_full_morning_moves_and_lunch_takes_it_up() -> None:
    day = [stop(1, 0), stop(2, 75), stop(3, 150), stop(4, 285)]
    assert plan(day) == [(20, True), (95, True), (170, True), (285, False)]


def test_gaps_take_the_delay_up() -> None:
    assert plan([stop(1, 0), stop(2, 90)]) == [(20, True), (95, True)]
    assert plan([stop(1, 0), stop(2, 95)]) == [(20, True), (95, False)]


def test_the_larger_buffer_is_enough_where_that_is_the_rule() -> None:
    day = [stop(1, 0, before=10), stop(2, 75, before=10)]
    assert plan(day, larger=True) == [(20, True), (95, True)]
    assert plan(day) == [(20, True), (105, True)]


def test_what_the_diary_stored_is_kept_whatever_the_rule_says_today() -> None:
    day = [stop(1, 0, kept=(0, 25)), stop(2, 85)]
    assert plan(day) == [(20, True), (105, True)]


def test_whoever_is_late_stays_so_much_longer_and_no_more() -> None:
    assert plan([stop(1, 480)], free_from=500) == [(500, True)]
    assert plan([stop(1, 480)], free_from=505) == [(None, False)]


def test_a_taken_table_gives_way_to_another() -> None:
    day = Day(20, 20, at_table={TABLES[0]: [Stretch(70, 130)]})
    assert replan([stop(1, 0, tables=TABLES)], day) == [Planned(UUID(int=1), 20, TABLES[1], moved=True)]
    assert replan([stop(1, 0)], day)[0].starts == 130


def other(number: int, starts: int, minutes: int = 60, **more: object) -> Stop:
    return stop(number, starts, minutes, **({"hands": UUID(int=800), "tables": (TABLES[1],)} | more))


def test_who_comes_together_moves_together() -> None:
    pair = stop(1, 0, others=(other(2, 0),))
    assert plan([pair]) == [(20, True), (20, True)]
    late = other(2, 0, taken=(Stretch(75, 135, after=15),))
    assert plan([stop(1, 0, others=(late,))]) == [(150, True), (150, True)], "after what else is in the other's day"
    away = other(2, 0, elsewhere=((70, 90),))
    assert plan([stop(1, 0, others=(away,))]) == [(90, True), (90, True)], "when each of them can"


def test_all_of_them_stay_so_much_longer_and_no_more() -> None:
    assert plan([stop(1, 480, others=(other(2, 480),))], free_from=500) == [(500, True)] * 2
    assert plan([stop(1, 480, others=(other(2, 480, 65),))], free_from=500) == [(None, False)] * 2


def test_who_comes_together_gets_a_table_each() -> None:
    taken = {TABLES[1]: [Stretch(70, 100)]}
    pair = stop(1, 0, others=(other(2, 0, tables=(TABLES[1], TABLES[0])),), tables=TABLES)
    assert [(one.starts, one.table) for one in replan([pair], Day(20, 20, at_table=taken))] == [
        (100, TABLES[0]),
        (100, TABLES[1]),
    ]
    third = (UUID(int=902), 0)
    pair = stop(1, 0, others=(other(2, 0, tables=(TABLES[1], TABLES[0])),), tables=(*TABLES, third))
    assert [(one.starts, one.table) for one in replan([pair], Day(20, 20, at_table=taken))] == [
        (20, third),
        (20, TABLES[0]),
    ]


def test_a_longer_half_is_in_the_way_of_whoever_comes_next() -> None:
    """Their table, their kit, and they themselves."""
    long = other(2, 0, 90, after=0)
    assert plan([stop(1, 0, others=(long,)), stop(3, 95, tables=(TABLES[1],))])[2] == (110, True)
    long = other(2, 0, 90, after=0, kit=frozenset({7}))
    assert plan([stop(1, 0, others=(long,)), stop(3, 95, kit=frozenset({7}))])[2] == (110, True)
    long = other(2, 0, 90, after=0, client=UUID(int=77))
    assert plan([stop(1, 0, others=(long,)), stop(3, 95, client=UUID(int=77))])[2] == (110, True)


def test_the_other_drives_from_home_to_home_too() -> None:
    """Two homes with the same two therapists; the other one's visit is the longer one."""
    home = [
        stop(n, at, tables=(), where=n, others=(other(n + 1, at, 60 + longer, tables=(), where=n),))
        for n, at, longer in ((1, 0, 30), (3, 125, 0))
    ]
    assert plan(home, drive=lambda here, there: 20)[2:] == [(145, True)] * 2


def test_kit_that_is_in_use_is_waited_for() -> None:
    assert plan([stop(1, 0, beside=(Stretch(70, 100, after=10),))]) == [(110, True)]


def test_hours_stretch_at_the_end_and_over_a_break() -> None:
    """Twenty minutes late: the last visit may end twenty minutes after closing, a break begins so much later."""
    assert plan([stop(1, 470, 70)], free_from=490) == [(490, True)]
    assert plan([stop(1, 180)], free_from=200) == [(200, True)]
    assert plan([stop(1, 180)], free_from=205) == [(285, True)]


def test_hours_that_meet_are_one_and_stretch_at_their_end() -> None:
    split = ((0, 240), (240, 300))
    assert plan([stop(1, 190, 50, windows=split)], free_from=210) == [(210, True)]
    assert plan([stop(1, 230, 60, windows=split)], free_from=260, late=30) == [(260, True)]


def test_a_new_time_kept_for_the_visit_itself_is_not_in_its_way() -> None:
    kept = Stretch(30, 90, owner=UUID(int=1))
    assert plan([stop(1, 0)], taken=(kept,)) == [(20, True)]
    assert plan([stop(2, 0)], taken=(kept,)) == [(90, True)]


def test_a_client_is_not_in_two_places() -> None:
    assert plan([stop(1, 0, elsewhere=((70, 100),))]) == [(100, True)]


def test_drives_are_kept() -> None:
    day = [stop(1, 0, where="a", tables=()), stop(2, 110, where="b", tables=())]
    assert plan(day, drive=lambda here, there: 35) == [(20, True), (130, True)]


def test_for_whom_there_is_no_time_nobody_else_is_squeezed() -> None:
    """The second can't be had later, so the first keeps clear of where it stands."""
    day = [stop(1, 0, 30), stop(2, 75, elsewhere=((80, 600),)), stop(3, 150)]
    assert plan(day, free_from=90, late=90) == [(150, True), (None, False), (195, True)]


@pytest.mark.parametrize("late", [0, 4, 241, -5])
def test_minutes_that_make_no_sense(late: int) -> None:
    with pytest.raises(LateMinutesError):
        replan([], Day(0, late))


@st.composite
def days(draw: st.DrawFn) -> tuple[list[Stop], Day]:
    """A day as the diary could hold it: visits in order, some taken time elsewhere, two tables, one rule."""
    larger = draw(st.booleans())
    rule = Day(0, STEP, larger=larger)
    stops: list[Stop] = []
    at = 0
    for number in range(draw(st.integers(1, 6))):
        made = stop(
            number,
            0,
            draw(st.sampled_from([30, 45, 60, 90])),
            before=draw(st.sampled_from([0, 10])),
            kept=draw(st.sampled_from([(0, 0), (10, 20)])),
            after=draw(st.sampled_from([0, 15])),
            tables=draw(st.sampled_from([(), TABLES[:1], TABLES])),
            beside=(Stretch(560, 700),) if draw(st.booleans()) else (),
            elsewhere=tuple(draw(st.lists(st.tuples(st.just(600), st.just(700)), max_size=1))),
        )
        if stops:
            at = stops[-1].starts + stops[-1].minutes + rule.apart(stops[-1], made)
        at = -(-at // STEP) * STEP + draw(st.sampled_from([0, 0, 15, 40]))
        stops.append(Stop(**{**{name: getattr(made, name) for name in Stop.__slots__}, "starts": at}))

    def stretches() -> list[Stretch]:
        spans = draw(st.lists(st.tuples(st.integers(0, 140), st.integers(1, 12)), max_size=2))
        found = [Stretch(start * STEP, (start + long) * STEP, after=5) for start, long in spans]
        return [one for one in found if all(rule.clear(each, each.starts, one) for each in stops)]

    taken, at_table = stretches(), {table: stretches() for table in TABLES}
    late = draw(st.integers(1, 30)) * STEP
    first = stops[0].starts
    return stops, Day(first + late, late, taken, at_table, larger)


@given(days())
def test_a_plan_never_lets_two_things_meet(case: tuple[list[Stop], Day]) -> None:
    stops, day = case
    found = {one.id: one for one in replan(stops, day)}
    assert list(found) == [one.id for one in stops]
    placed = []
    for one in stops:
        planned = found[one.id]
        at = one.starts if planned.starts is None else planned.starts
        placed.append((one, at))
        if planned.starts is None:
            continue
        assert planned.starts >= max(one.starts, day.free_from)
        assert planned.moved == (planned.starts != one.starts)
        assert (planned.table in one.tables) if one.tables else planned.table is None
        if planned.moved:
            assert all(day.clear(one, at, taken) for taken in day.taken)
            tables = [planned.table] if planned.table else []
            assert all(day.clear(one, at, taken) for table in tables for taken in day.at_table[table])
            assert all(day.clear(one, at, taken) for taken in one.beside)
            assert at + one.minutes <= OPEN[-1][1] + day.late
            assert not any(since < at + one.minutes and at < until for since, until in one.elsewhere)
    for index, (one, at) in enumerate(placed):
        for other, there in placed[index + 1 :]:
            assert day.clear(one, at, Stretch(there, there + other.minutes, other.before, other.after, other.kept))


@given(days())
def test_nobody_waits_longer_than_the_delay_without_an_obstacle(case: tuple[list[Stop], Day]) -> None:
    stops, day = case
    clear = Day(day.free_from, day.late, larger=day.larger)
    hours = ((0, 5000),)
    wide = [Stop(one.id, one.starts, one.minutes, one.before, one.after, one.kept, windows=hours) for one in stops]
    waits = [one.starts - stop.starts for stop, one in zip(wide, replan(wide, clear), strict=True) if one.starts]
    assert len(waits) == len(wide)
    assert all(0 <= wait <= day.late for wait in waits)
    assert waits == sorted(waits, reverse=True)


@given(days())
def test_who_is_not_late_any_more_changes_nothing(case: tuple[list[Stop], Day]) -> None:
    stops, day = case
    on_time = Day(stops[0].starts, day.late, day.taken, day.at_table, day.larger)
    assert not any(one.moved or one.starts is None for one in replan(stops, on_time))
