"""What is offered can be booked and nothing else can: additions, kit, tables, what a client needs, limits of a day."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from unknot.booking import actions, queries
from unknot.booking.domain.lifecycle import BLOCKING
from unknot.booking.models import Appointment
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import UnknotError
from unknot.practice import queries as practices
from unknot.practice.models import Kit, Room, Therapist

NOW = datetime(2026, 11, 17, 16, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 23)
"""Noor, Ivan and Dev, of whom Ivan and Dev give cupping."""
STARTS = range(12 * 60, 15 * 60, 15)


@pytest.fixture
def clinic(db: None) -> Iterator[Stage]:
    """Foothills, in scope."""
    stage = build_practice(cast.FOOTHILLS, now=NOW)
    with tenancy.scope(practice_id=stage.practice.id):
        yield stage


class Undo(Exception):
    """Takes back what worked."""


def ask(stage: Stage, minute: int, add: Sequence[str], needs: Sequence[str]) -> None:
    actions.hold_slot(
        by=Actor(),
        practice=practices.practice(stage.practice.id),
        service_slug="therapeutic-60",
        therapist_slug=None,
        place_slug=None,
        local_start=f"{MONDAY}T{minute // 60:02}:{minute % 60:02}",
        add=add,
        needs=needs,
        now=NOW,
    )


def arrange(stage: Stage, *, tables: int, pieces: int, visits: int | None, rule: str) -> None:
    """Two rooms: a quiet one with that many tables and a plain one; cupping needs one of that many pumps."""
    quiet, _, *others = stage.rooms["clinic"]
    Room.objects.filter(pk=quiet.pk).update(capacity=tables)
    Room.objects.filter(pk__in=[one.pk for one in others]).update(active=False)
    Kit.objects.all().delete()
    for _ in range(pieces):
        Kit.objects.create(practice=stage.practice, kind="pump", name="pump")
    row = stage.services["cupping"]
    row.kit = ["pump"]
    row.save()
    Therapist.objects.all().update(most_visits=visits, most_minutes=None, most_deep_minutes=None)
    stage.practice.buffer_rule = rule
    stage.practice.save()


CHOICES = st.tuples(
    st.sampled_from(list(STARTS)),
    st.sampled_from([(), ("foot-massage",), ("cupping",), ("cupping", "foot-massage")]),
    st.sampled_from([(), ("quiet",)]),
)


@given(
    tables=st.integers(1, 2),
    pieces=st.integers(0, 2),
    visits=st.sampled_from([None, 1, 2]),
    rule=st.sampled_from(["sum", "larger"]),
    taken=st.lists(CHOICES, max_size=5),
    wish=CHOICES,
)
@example(
    tables=2,
    pieces=2,
    visits=None,
    rule="sum",
    taken=[(720, ("cupping",), ("quiet",)), (840, ("cupping",), ("quiet",)), (765, (), ())],
    wish=(780, ("cupping",), ("quiet",)),
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_offered_is_bookable(
    clinic: Stage, tables: int, pieces: int, visits: int | None, rule: str, taken: Any, wish: Any
) -> None:
    _, add, needs = wish
    with transaction.atomic():
        arrange(clinic, tables=tables, pieces=pieces, visits=visits, rule=rule)
        for one in taken:
            try:
                ask(clinic, *one)
            except UnknotError:
                continue
        service, extras = queries.chosen_parts("therapeutic-60", add)
        facts = practices.practice(clinic.practice.id)
        found = queries.open_slots(
            practice=facts, service=service, extras=extras, needs=needs, first=MONDAY, last=MONDAY, now=NOW
        )
        offered = {slot.local_start[11:] for slot in found}
        for minute in STARTS:
            start = f"{minute // 60:02}:{minute % 60:02}"
            try:
                with transaction.atomic():
                    ask(clinic, minute, add, needs)
                    nobody_meets(tables)
                    raise Undo
            except Undo:
                booked = True
            except UnknotError:
                booked = False
            assert booked == (start in offered), start
        transaction.set_rollback(True)


def nobody_meets(tables: int) -> None:
    """No therapist, table or piece of kit serves two visits at once, also after visits changed tables."""
    active = [one for one in Appointment.objects.all() if one.state in BLOCKING]
    for number, one in enumerate(active):
        assert 0 <= one.room_unit < tables
        for other in active[:number]:
            if one.blocked.lower < other.blocked.upper and other.blocked.lower < one.blocked.upper:
                assert one.practitioner_id != other.practitioner_id
                assert (one.room_id, one.room_unit) != (other.room_id, other.room_unit)
                assert not set(one.kit_units) & set(other.kit_units)
