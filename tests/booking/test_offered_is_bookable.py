"""What is offered can be booked and nothing else can. tests/booking/test_machine.py asks it of the whole life."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unknot.booking import actions, queries
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.kernel.actors import Actor
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
