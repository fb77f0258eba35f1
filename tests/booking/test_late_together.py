"""A therapist of several who come at once runs late: all move or none, one answer is for all, taken back whole."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.booking.test_groups import AT, alex, every_no, hold, maya, token  # noqa: F401 - fixtures
from tests.booking.test_groups import couple as asked_couple  # noqa: F401 - a fixture
from unknot.booking import actions, queries
from unknot.booking.actions import lateness
from unknot.booking.actions.late_marks import StaleAnswerError
from unknot.booking.models import Appointment, LateVisit
from unknot.booking.queries import GroupFacts
from unknot.config.demo_data.build import Stage
from unknot.intake import actions as intakes
from unknot.kernel.actors import Actor, system
from unknot.notifications.models import Message
from unknot.practice import queries as practices

DAY = AT[:10]
HERS, HIS = 0, 1
"""Whose hands, by the number of the part."""


@pytest.fixture
def desk(hills: Stage, staff_of: Callable[..., Actor]) -> Actor:
    return staff_of(hills, "front_desk")


@pytest.fixture
def couple(hills: Stage, asked_couple: GroupFacts, now: datetime) -> GroupFacts:  # noqa: F811
    """Maya, who booked, and Alex, who has joined and answered. His visit is the longer one."""
    visit_id = actions.join_part(by=alex(hills), token=token(asked_couple), now=now)
    told = intakes.record_screening(by=alex(hills), answers=every_no(), now=now)
    actions.answer_part(by=alex(hills), appointment_id=visit_id, intake_id=told.id, now=now)
    return asked_couple


@pytest.fixture
def tap(couple: GroupFacts, desk: Actor) -> Callable[..., queries.DelayFacts]:
    """`tap(minutes=20, number=0)`: the therapist of that part is late, said five minutes before the visit."""

    def tapped(minutes: int = 20, number: int = 0) -> queries.DelayFacts:
        slug = couple.visits[number].therapist_slug
        return actions.run_late(by=desk, therapist_slug=slug, minutes=minutes, key=uuid4(), now=early(couple))

    return tapped


def early(found: GroupFacts) -> datetime:
    return found.visits[0].starts_at - timedelta(minutes=5)


def starts(found: GroupFacts) -> list[str]:
    rows = Appointment.objects.in_bulk([one.id for one in found.visits])
    return [f"{rows[one.id].state} {rows[one.id].local_start[11:]}" for one in found.visits]


def busy(stage: Stage, found: GroupFacts, number: int, at: str, now: datetime, **more: Any) -> None:
    """Somebody else is with the therapist of that part then."""
    asked: dict[str, Any] = {"service_slug": "therapeutic-60", "place_slug": "clinic", "intake_id": None}
    asked["therapist_slug"] = found.visits[number].therapist_slug
    person = Appointment.objects.get(pk=found.visits[number].id).client
    person.pk, person.account_id = uuid4(), None
    person._state.adding = True
    person.save()
    actions.book_directly(
        by=system(stage.practice.id),
        practice=practices.practice(stage.practice.id),
        local_start=f"{DAY}T{at}",
        now=now,
        **asked | {"client_id": person.pk} | more,
    )


def part(delay: queries.DelayFacts, found: GroupFacts, number: int, by: Actor) -> queries.LateFacts:
    late = next(one for one in delay.visits if one.visit.id == found.visits[number].id)
    return queries.late_visit(late.id, by=by)


def choices(late: queries.LateFacts, now: datetime) -> list[str]:
    return [one.key for one in queries.late_options(late, now=now)]


def kinds(late: queries.LateFacts, now: datetime) -> list[str]:
    return list(dict.fromkeys(one.partition(":")[0] for one in choices(late, now)))


def first(late: queries.LateFacts, kind: str, now: datetime) -> str:
    return next(one for one in choices(late, now) if one.partition(":")[0] == kind)


@pytest.mark.parametrize("number", [0, 1])
def test_all_of_them_move_whoevers_therapist_is_late(
    couple: GroupFacts,
    tap: Callable[..., queries.DelayFacts],
    number: int,
) -> None:
    delay = tap(20, number)
    assert starts(couple) == ["confirmed 10:20", "confirmed 10:20"]
    assert {one.visit.id for one in delay.visits} == {one.id for one in couple.visits}
    assert {one.minutes for one in delay.visits} == {20}
    told = Message.objects.filter(kind="running_late").values_list("appointment_id", flat=True)
    assert set(told) == {one.id for one in couple.visits}
    rows = Appointment.objects.filter(pk__in=[one.id for one in couple.visits])
    assert len({(one.room_id, one.room_unit) for one in rows}) == 2
    assert {one.practitioner_id for one in rows} == {
        one.practitioner_id for one in rows if one.therapist.slug in {each.therapist_slug for each in couple.visits}
    }


def test_the_other_therapists_day_is_asked(
    hills: Stage,
    couple: GroupFacts,
    tap: Callable[..., queries.DelayFacts],
    now: datetime,
) -> None:
    """The other one has somebody at half past twelve: only after that are both free."""
    busy(hills, couple, HIS, "12:30", now)
    tap(80)
    assert starts(couple) == ["confirmed 13:45", "confirmed 13:45"]
    others = Appointment.objects.exclude(pk__in=[one.id for one in couple.visits])
    assert [one.local_start[11:] for one in others] == ["12:30"], "who is not concerned stays"


def test_they_change_tables_where_that_keeps_the_start(
    hills: Stage,
    couple: GroupFacts,
    tap: Callable[..., queries.DelayFacts],
    desk: Actor,
    now: datetime,
) -> None:
    """The room of one is taken right after: that one gets the other's table, and the other a third."""
    own = Appointment.objects.get(pk=couple.visits[HERS].id)
    hands = {one.therapist_slug for one in couple.visits}
    free = next(one for one in ("celeste-arsenault", "owen-blackwood") if one not in hands)
    busy(hills, couple, HERS, "11:15", now, therapist_slug=free)
    Appointment.objects.filter(local_start=f"{DAY}T11:15").update(room_id=own.room_id, room_unit=own.room_unit)
    before = list(Appointment.objects.order_by("pk").values_list("pk", "room_id", "local_start", "state"))
    delay = tap(20)
    assert starts(couple) == ["confirmed 10:20", "confirmed 10:20"]
    rows = Appointment.objects.filter(pk__in=[one.id for one in couple.visits])
    assert len({(one.room_id, one.room_unit) for one in rows} - {(own.room_id, own.room_unit)}) == 2
    actions.undo_late(by=desk, delay_id=delay.id, now=early(couple))
    assert list(Appointment.objects.order_by("pk").values_list("pk", "room_id", "local_start", "state")) == before


def test_without_a_common_time_all_are_told_so_and_can_choose(
    hills: Stage,
    maya: Actor,  # noqa: F811
    couple: GroupFacts,
    tap: Callable[..., queries.DelayFacts],
    now: datetime,
) -> None:
    for at_hour in ("12:30", "13:45", "15:00"):
        busy(hills, couple, HIS, at_hour, now)
    delay = tap(80)
    assert starts(couple) == ["confirmed 10:00", "confirmed 10:00"]
    assert [one.starts_at for one in delay.visits] == [None, None]
    assert Message.objects.filter(kind="late_no_time").count() == 2
    at = early(couple)
    late = part(delay, couple, 0, maya)
    assert kinds(late, at) == ["day", "cancel", "cancel-all"]
    actions.answer_late(by=maya, late_id=late.id, choice=first(late, "day", at), now=at)
    assert len({one[-5:] for one in starts(couple)}) == 1
    assert Appointment.objects.get(pk=couple.visits[1].id).local_start[:10] > DAY


def test_whoever_booked_chooses_for_all(
    maya: Actor,  # noqa: F811
    couple: GroupFacts,
    tap: Callable[..., queries.DelayFacts],
) -> None:
    delay, at = tap(20), early(couple)
    late = part(delay, couple, 0, maya)
    assert kinds(late, at) == ["keep", "later", "day", "cancel", "cancel-all"]
    key = first(late, "later", at)
    done = actions.answer_late(by=maya, late_id=late.id, choice=key, now=at)
    assert actions.answer_late(by=maya, late_id=late.id, choice=key, now=at) == done
    assert starts(couple) == [f"confirmed {key[-5:]}", f"confirmed {key[-5:]}"]
    assert set(LateVisit.objects.values_list("visit_id", "answer")) == {
        (couple.visits[0].id, "later"),
        (couple.visits[1].id, "moved"),
    }
    told = Message.objects.filter(kind="booking_moved").values_list("appointment_id", flat=True)
    assert set(told) == {one.id for one in couple.visits}


def test_a_yes_is_for_all(
    maya: Actor,  # noqa: F811
    couple: GroupFacts,
    tap: Callable[..., queries.DelayFacts],
) -> None:
    delay, at = tap(20), early(couple)
    actions.answer_late(by=maya, late_id=part(delay, couple, 0, maya).id, choice="keep", now=at)
    assert starts(couple) == ["confirmed 10:20", "confirmed 10:20"]
    assert list(LateVisit.objects.values_list("answer", flat=True)) == ["keep", "keep"]


def test_who_was_brought_along_decides_for_themselves_only(
    hills: Stage,
    maya: Actor,  # noqa: F811
    couple: GroupFacts,
    tap: Callable[..., queries.DelayFacts],
    now: datetime,
) -> None:
    delay, at, guest = tap(20), early(couple), alex(hills)
    late = part(delay, couple, 1, guest)
    assert choices(late, at) == ["keep", "cancel"]
    for choice in (first(part(delay, couple, 0, maya), "later", at), "cancel-all"):
        with pytest.raises(StaleAnswerError):
            actions.answer_late(by=guest, late_id=late.id, choice=choice, now=at)
    actions.answer_late(by=guest, late_id=late.id, choice="cancel", now=at)
    assert starts(couple) == ["confirmed 10:20", "cancelled 10:20"]
    assert Appointment.objects.get(pk=couple.visits[1].id).fee_minor == 0
    left = part(delay, couple, 0, maya)
    assert kinds(left, at)[-1] == "cancel", "alone now, as anybody"


def test_one_press_calls_all_of_them_off(
    maya: Actor,  # noqa: F811
    couple: GroupFacts,
    tap: Callable[..., queries.DelayFacts],
) -> None:
    delay, at = tap(20), early(couple)
    actions.answer_late(by=maya, late_id=part(delay, couple, 0, maya).id, choice="cancel-all", now=at)
    rows = Appointment.objects.filter(pk__in=[one.id for one in couple.visits])
    assert [(one.state, one.fee_minor) for one in rows] == [("cancelled", 0)] * 2


def test_a_choice_of_another_moment_changes_nothing(
    hills: Stage,
    maya: Actor,  # noqa: F811
    couple: GroupFacts,
    tap: Callable[..., queries.DelayFacts],
    now: datetime,
) -> None:
    delay, at = tap(20), early(couple)
    late = part(delay, couple, 0, maya)
    soon, then = [one for one in choices(late, at) if one.startswith("later")]
    busy(hills, couple, HERS, "11:45", now)
    assert soon in choices(late, at)
    before = starts(couple)
    with pytest.raises(StaleAnswerError):
        actions.answer_late(by=maya, late_id=late.id, choice=then, now=at)
    assert starts(couple) == before
    assert not LateVisit.objects.exclude(answer="").exists()


def test_a_wrong_tap_is_taken_back_for_all(
    couple: GroupFacts,
    desk: Actor,
    tap: Callable[..., queries.DelayFacts],
) -> None:
    fields = ("pk", "starts_at", "ends_at", "blocked", "local_start", "room_id", "room_unit", "late_at", "state")
    rows = Appointment.objects.order_by("pk")
    before = list(rows.values_list(*fields))
    delay = tap(20)
    assert list(rows.values_list(*fields)) != before
    assert actions.undo_late(by=desk, delay_id=delay.id, now=early(couple)).undone_at is not None
    assert list(rows.values_list(*fields)) == before
    assert set(LateVisit.objects.values_list("answer", flat=True)) == {"undone"}


def test_of_a_group_that_has_begun_only_the_late_part_moves(
    couple: GroupFacts,
    desk: Actor,
    tap: Callable[..., queries.DelayFacts],
) -> None:
    Appointment.objects.filter(pk=couple.visits[1].id).update(state="in_session")
    delay = tap(20)
    assert starts(couple) == ["confirmed 10:20", "in_session 10:00"]
    late = part(delay, couple, 0, desk)
    assert kinds(late, early(couple)) == ["keep", "cancel"]


def test_every_therapist_is_locked_before_anything_is_decided(
    couple: GroupFacts,
    tap: Callable[..., queries.DelayFacts],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[dict[str, Any]] = []
    real = lateness.lock_diary
    monkeypatch.setattr(lateness, "lock_diary", lambda **what: (taken.append(what), real(**what))[1])
    tap(20)
    rows = Appointment.objects.filter(pk__in=[one.id for one in couple.visits])
    assert [set(one["practitioners"]) for one in taken] == [{one.practitioner_id for one in rows}]
    assert {one.client_id for one in rows} <= set(taken[0]["clients"])
