"""What is offered can be booked and nothing else can; and whatever happens, no two visits meet."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from unknot.booking import actions, queries
from unknot.booking.domain.lifecycle import BLOCKING, MOVES, State
from unknot.booking.models import Appointment
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import UnknotError
from unknot.practice import queries as practices
from unknot.travel.queries import Point

NOW = datetime(2026, 11, 17, 16, 0, tzinfo=UTC)
DAY = date(2026, 11, 19)
LENGTHS = st.sampled_from(["therapeutic-60", "deep-tissue-90"])
HOMES = (Point(53.47, -113.56), Point(53.55, -113.49), Point(53.40, -113.60))


@pytest.fixture
def solo(db: None) -> Iterator[Stage]:
    """Riverbend, in scope."""
    stage = build_practice(cast.RIVERBEND, now=NOW)
    with tenancy.scope(practice_id=stage.practice.id):
        yield stage


def ask(stage: Stage, start: str, service: str, home: Point | None, now: datetime) -> queries.Hold:
    return actions.hold_slot(
        by=Actor(),
        practice=practices.practice(stage.practice.id),
        service_slug=service,
        therapist_slug=None,
        place_slug="home" if home else None,
        local_start=start,
        home=home,
        home_address="1 Elm Row" if home else "",
        now=now,
    )


@given(
    rule_name=st.sampled_from(["sum", "larger"]),
    before=st.sampled_from([0, 10, 25]),
    after=st.sampled_from([0, 15, 30]),
    taken=st.lists(st.tuples(st.integers(36, 66), st.booleans()), max_size=4),
    at_home=st.booleans(),
    minute=st.integers(480, 1170),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_offered_is_bookable(
    solo: Stage,
    rule_name: str,
    before: int,
    after: int,
    taken: list[tuple[int, bool]],
    at_home: bool,
    minute: int,
) -> None:
    day = DAY + timedelta(days=1) if at_home else DAY
    home = HOMES[minute % 3] if at_home else None
    name = "home-therapeutic-60" if at_home else "therapeutic-60"
    with transaction.atomic():
        solo.practice.buffer_rule = rule_name
        solo.practice.save()
        row = solo.services[name]
        row.buffer_before, row.buffer_after = before, after
        row.save()
        for quarter, far in taken:
            start = f"{day}T{quarter * 15 // 60:02}:{quarter * 15 % 60:02}"
            try:
                ask(solo, start, name, HOMES[far] if at_home else None, NOW)
            except UnknotError:
                continue
        service = next(one for one in practices.services() if one.slug == name)
        wanted: dict[str, Any] = {"practice": practices.practice(solo.practice.id), "service": service, "now": NOW}
        offered = {slot.local_start for slot in queries.open_slots(first=day, last=day, home=home, **wanted)}
        for one in range(minute - minute % 5, minute + 60, 5):
            start = f"{day}T{one // 60:02}:{one % 60:02}"
            wall = datetime.fromisoformat(start)
            assert (queries.why_not(wall=wall, home=home, **wanted) is None) == (start in offered)
            try:
                with transaction.atomic():
                    ask(solo, start, name, home, NOW)
                    raise Undo
            except Undo:
                booked = True
            except UnknotError:
                booked = False
            assert booked == (start in offered), start
        transaction.set_rollback(True)


class Undo(Exception):
    """Takes back what worked."""


class DiaryMachine(RuleBasedStateMachine):
    """Anybody holds, books, moves, cancels, marks and waits, in any order."""

    stage: Stage

    @initialize()
    def begin(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now = NOW
        self.holds: list[tuple[UUID, str]] = []
        self.seen: dict[UUID, State] = {}
        self.people = [client.pk for client in self.stage.clients.values()]
        self.by = system(self.stage.practice.id)

    def start(self, quarter: int, day: int) -> str:
        return f"{DAY + timedelta(days=day)}T{9 + quarter // 4:02}:{quarter % 4 * 15:02}"

    def visits(self, *states: State) -> list[Any]:
        return list(Appointment.objects.filter(state__in=states).order_by("created_at", "id"))

    @rule(
        quarter=st.integers(0, 31), day=st.integers(0, 1), service=st.sampled_from(["therapeutic-60", "deep-tissue-90"])
    )
    def hold(self, quarter: int, day: int, service: str) -> None:
        try:
            kept = ask(self.stage, self.start(quarter, day * 4), service, None, self.now)
        except UnknotError:
            return
        self.holds.append((kept.id, kept.secret))

    @precondition(lambda self: self.holds)
    @rule(pick=st.integers(0, 99), who=st.integers(0, 4))
    def book(self, pick: int, who: int) -> None:
        hold_id, secret = self.holds[pick % len(self.holds)]
        try:
            actions.book(
                by=self.by, hold_id=hold_id, secret=secret, intake_id=None, client_id=self.people[who], now=self.now
            )
        except UnknotError:
            return

    @rule(pick=st.integers(0, 99), quarter=st.integers(0, 31), minutes=st.sampled_from([None, 45, 75]))
    def move(self, pick: int, quarter: int, minutes: int | None) -> None:
        found = self.visits(State.CONFIRMED)
        if found:
            try:
                actions.reschedule(
                    by=self.by,
                    appointment_id=found[pick % len(found)].pk,
                    local_start=self.start(quarter, 0),
                    minutes=minutes,
                    now=self.now,
                )
            except UnknotError:
                return

    @rule(pick=st.integers(0, 99))
    def cancel(self, pick: int) -> None:
        found = self.visits(State.CONFIRMED, State.ARRIVED)
        if found:
            actions.cancel(by=self.by, appointment_id=found[pick % len(found)].pk, now=self.now)

    @rule(pick=st.integers(0, 99), event=st.sampled_from(sorted(actions.MARKS)))
    def mark(self, pick: int, event: str) -> None:
        found = self.visits(*State)
        if found:
            try:
                actions.mark(by=self.by, appointment_id=found[pick % len(found)].pk, event=event, now=self.now)
            except UnknotError:
                return

    @rule(minutes=st.integers(1, 15))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        actions.expire_holds(by=self.by, now=self.now)

    @invariant()
    def nobody_meets(self) -> None:
        active = [one for one in Appointment.objects.all() if one.state in BLOCKING]
        for one, other in combinations(active, 2):
            gap = one.buffer_after if one.starts_at < other.starts_at else other.buffer_after
            first, second = sorted((one, other), key=lambda row: row.starts_at)
            assert first.ends_at + timedelta(minutes=gap) <= second.starts_at

    @invariant()
    def states_follow_the_rules(self) -> None:
        for row in Appointment.objects.all():
            before, after = self.seen.get(row.pk, State.HELD), State(row.state)
            one_step = set(MOVES[before].values()) | {before}
            assert after in one_step | {state for step in one_step for state in MOVES[step].values()}
            self.seen[row.pk] = after

    def teardown(self) -> None:
        if hasattr(self, "block"):
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)


def test_whatever_happens_no_two_visits_meet(solo: Stage) -> None:
    DiaryMachine.stage = solo
    run_state_machine_as_test(DiaryMachine, settings=settings(max_examples=20, stateful_step_count=20, deadline=None))
