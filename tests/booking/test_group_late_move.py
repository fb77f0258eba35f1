"""A late move of all who come at once: every old time stays until the yes, and the answer is one for all of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tests.booking.test_groups import ALEX, AT, COUPLE, alex, couple, hold, maya, token  # noqa: F401 - fixtures
from unknot.booking import actions, queries
from unknot.booking.models import Appointment, Change
from unknot.booking.queries import GroupFacts
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.notifications.models import Message

NEW = "2026-11-19T10:15"
OTHER = "2026-11-19T13:00"
Staff = Callable[..., Actor]


@pytest.fixture
def desk(hills: Stage, staff_of: Staff) -> Actor:
    """The front desk."""
    return staff_of(hills, "front_desk")


@pytest.fixture
def asked(maya: Actor, couple: GroupFacts, now: datetime) -> actions.GroupMove:  # noqa: F811
    """Maya asked for all of them, too late to move without a yes."""
    Appointment.objects.update(change_hours=72)
    return actions.move_group(by=maya, group_id=couple.id, local_start=NEW, now=now)


def times(**which: Any) -> list[str]:
    return sorted(Appointment.objects.filter(**which).values_list("local_start", flat=True))


def standing() -> list[str]:
    return times(moves=None, state__in=["confirmed", "requested"])


def kept() -> list[str]:
    return times(moves__isnull=False, state="held")


def wish(found: GroupFacts, by: Actor, number: int = 0) -> queries.ChangeFacts:
    change = queries.change_of(found.visits[number].id, by=by)
    assert change is not None
    assert change.id is not None
    return change


def answer(found: GroupFacts, said: str, *, by: Actor, now: datetime, number: int = 0) -> queries.ChangeFacts:
    change = wish(found, by, number)
    assert change.id is not None
    return actions.answer_change(
        by=by, appointment_id=found.visits[number].id, change_id=change.id, answer=said, now=now
    )


def test_both_times_of_everybody_are_kept(
    asked: actions.GroupMove,
    maya: Actor,  # noqa: F811
    couple: GroupFacts,  # noqa: F811
    now: datetime,
    desk: Actor,
) -> None:
    assert asked.answer_by is not None
    assert [one.local_start for one in asked.then] == [NEW, NEW]
    assert {one.local_start for one in asked.group.visits} == {AT}
    assert (standing(), kept()) == ([AT, AT], [NEW, NEW])
    assert len({one.answer_by for one in Change.objects.all()}) == 1
    again = actions.move_group(by=maya, group_id=couple.id, local_start=NEW, now=now)
    assert again == asked, "a second press"
    assert [one.visit.id for one in queries.changes(by=desk, now=now)] == [couple.visits[0].id], "one line for all"
    assert Message.objects.filter(kind="therapist_alert").count() == 2, "each therapist is asked"
    assert not Message.objects.filter(kind="booking_moved").exists()


def test_looking_keeps_nothing(maya: Actor, couple: GroupFacts, now: datetime) -> None:  # noqa: F811
    Appointment.objects.update(change_hours=72)
    shown = actions.move_group(by=maya, group_id=couple.id, local_start=NEW, preview=True, now=now)
    assert shown.answer_by is not None
    assert (standing(), kept(), Change.objects.count()) == ([AT, AT], [], 0)


@pytest.mark.parametrize("number", [0, 1])
def test_one_yes_moves_all_of_them(
    asked: actions.GroupMove,
    couple: GroupFacts,  # noqa: F811
    now: datetime,
    desk: Actor,
    number: int,
) -> None:
    assert answer(couple, "accept", by=desk, now=now, number=number).state == "accepted"
    assert (standing(), kept()) == ([NEW, NEW], [])
    assert answer(couple, "accept", by=desk, now=now, number=number).state == "accepted", "twice is once"
    assert [one.state for one in queries.group(couple.id, by=desk).visits] == ["confirmed", "requested"]
    assert {one.pk: one.local_start for one in Appointment.objects.filter(moves=None)} == {
        one.id: NEW for one in couple.visits
    }


@pytest.mark.parametrize("number", [0, 1])
def test_one_no_leaves_all_of_them_and_is_told_once(
    asked: actions.GroupMove,
    maya: Actor,  # noqa: F811
    couple: GroupFacts,  # noqa: F811
    now: datetime,
    desk: Actor,
    number: int,
) -> None:
    answer(couple, "decline", by=desk, now=now, number=number)
    assert (standing(), kept()) == ([AT, AT], [])
    told = Message.objects.filter(kind="booking_stays")
    assert [one.client_id for one in told] == [maya.client_id]


def test_the_deadline_passes_for_all_of_them(
    asked: actions.GroupMove,
    maya: Actor,  # noqa: F811
    couple: GroupFacts,  # noqa: F811
    hills: Stage,
    desk: Actor,
) -> None:
    assert asked.answer_by is not None
    with pytest.raises(actions.ChangeOverError):
        answer(couple, "accept", by=desk, now=asked.answer_by)
    actions.expire_holds(by=system(hills.practice.id), now=asked.answer_by)
    assert kept() == []
    assert set(Change.objects.values_list("state", flat=True)) <= {"expired", "withdrawn"}
    assert AT in standing()
    assert NEW not in standing()
    assert [one.client_id for one in Message.objects.filter(kind="booking_stays")] == [maya.client_id]


def test_who_booked_takes_it_back_and_nobody_else(
    asked: actions.GroupMove,
    maya: Actor,  # noqa: F811
    couple: GroupFacts,  # noqa: F811
    hills: Stage,
    now: datetime,
) -> None:
    actions.join_part(by=alex(hills), token=token(couple), now=now)
    other = alex(hills)
    change = queries.change_of(couple.visits[1].id, by=other)
    assert change is not None
    assert change.id is not None
    for said in ("accept", "withdraw", "decline"):
        with pytest.raises(NotFoundError):
            actions.answer_change(
                by=other, appointment_id=couple.visits[1].id, change_id=change.id, answer=said, now=now
            )
    with pytest.raises(NotFoundError):
        answer(couple, "accept", by=maya, now=now)
    answer(couple, "withdraw", by=maya, now=now)
    assert (standing(), kept()) == ([AT, AT], [])
    assert not Message.objects.filter(kind="booking_stays").exists(), "who took it back knows"


def test_one_who_cancels_leaves_the_wish_of_the_others(
    asked: actions.GroupMove,
    maya: Actor,  # noqa: F811
    couple: GroupFacts,  # noqa: F811
    now: datetime,
    desk: Actor,
) -> None:
    actions.cancel_group(by=maya, group_id=couple.id, only=couple.visits[1].id, now=now)
    assert (standing(), kept()) == ([AT], [NEW])
    answer(couple, "accept", by=desk, now=now)
    assert standing() == [NEW]


def test_a_move_by_the_desk_or_another_wish_ends_it_for_all(
    asked: actions.GroupMove,
    maya: Actor,  # noqa: F811
    couple: GroupFacts,  # noqa: F811
    now: datetime,
    desk: Actor,
) -> None:
    actions.move_group(by=maya, group_id=couple.id, local_start=OTHER, now=now)
    assert (standing(), kept()) == ([AT, AT], [OTHER, OTHER])
    actions.reschedule(by=desk, appointment_id=couple.visits[0].id, local_start="2026-11-19T11:30", now=now)
    assert kept() == [], "they would not come together any more"
    actions.cancel_group(by=maya, group_id=couple.id, now=now)
    assert (standing(), kept()) == ([], [])


def test_nobody_gets_a_new_time_if_one_can_not(
    maya: Actor,  # noqa: F811
    couple: GroupFacts,  # noqa: F811
    hold: Callable[..., Any],  # noqa: F811
    now: datetime,
) -> None:
    Appointment.objects.update(change_hours=72)
    second = couple.visits[1].therapist_slug
    hold(maya, [replace(COUPLE[0], therapist_slug=second), COUPLE[0]], local_start=OTHER)
    with pytest.raises(actions.SlotTakenError) as refused:
        actions.move_group(by=maya, group_id=couple.id, local_start=OTHER, now=now)
    assert (standing(), kept(), Change.objects.count()) == ([AT, AT], [], 0)
    near = refused.value.extra["alternatives"][0]["local_start"]
    assert actions.move_group(by=maya, group_id=couple.id, local_start=near, now=now).answer_by, (
        "what is offered is had"
    )


def test_the_desk_moves_at_any_time(couple: GroupFacts, now: datetime, desk: Actor) -> None:  # noqa: F811
    Appointment.objects.update(change_hours=72)
    moved = actions.move_group(by=desk, group_id=couple.id, local_start=OTHER, now=now)
    assert (moved.answer_by, standing(), kept()) == (None, [OTHER, OTHER], [])
