"""Couples who want the last tables at the same moment: whole couples win, never half of one."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from tests.booking.test_race import booker, people, together
from unknot.booking import actions
from unknot.booking.actions import Person
from unknot.booking.actions.groups import locked_boards
from unknot.booking.models import Appointment, Group, GroupVisit
from unknot.booking.queries import GroupFacts, Seat
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.practice import queries as practices

pytestmark = pytest.mark.django_db(transaction=True)
AT = "2026-11-19T10:00"


@pytest.fixture
def clinic(now: datetime) -> Stage:
    """Foothills, committed, so that every connection sees it."""
    return build_practice(cast.FOOTHILLS, now=now)


def couple(
    stage: Stage, now: datetime, clients: list[UUID], *, start: str = AT, seats: list[Seat] | None = None
) -> Callable[[], Any]:
    """Holds and books for several clients at the desk's word, in one transaction; tries again when asked to."""
    by = system(stage.practice.id)

    def work() -> Any:
        for _ in range(20):
            try:
                return once()
            except actions.DiaryBusyError:
                continue
        return once()

    def once() -> Any:
        with tenancy.scope(practice_id=stage.practice.id):
            kept = actions.hold_group(
                by=by,
                practice=practices.practice(stage.practice.id),
                seats=seats or [Seat("therapeutic-60")] * len(clients),
                place_slug="clinic",
                local_start=start,
                now=now,
            )
            coming = [Person(one) for one in clients]
            return actions.book_group(by=by, group_id=kept.id, secret=kept.secret, people_coming=coming, now=now)

    return work


def groups(stage: Stage) -> Counter[UUID]:
    """How many visits each group has that stand."""
    with tenancy.scope(practice_id=stage.practice.id):
        found = GroupVisit.objects.filter(appointment__state__in=["held", "confirmed"])
        return Counter(found.values_list("group_id", flat=True))


def test_two_couples_want_the_last_two_tables(clinic: Stage, now: datetime) -> None:
    ids = people(clinic, 6)
    for one in ids[:2]:
        booker(clinic, now, AT, None, one)()
    answers = together([couple(clinic, now, ids[2:4]), couple(clinic, now, ids[4:6])])
    won = [one for one in answers if isinstance(one, GroupFacts)]
    lost = [one for one in answers if isinstance(one, actions.SlotTakenError)]
    assert (len(won), len(lost)) == (1, 1), answers
    assert len(lost[0].extra["alternatives"]) == 3
    assert list(groups(clinic).values()) == [2]
    with tenancy.scope(practice_id=clinic.practice.id):
        assert Appointment.objects.filter(state="confirmed").count() == 4
        assert Group.objects.count() == 1


def test_couples_and_singles_in_any_order_leave_no_half_couple(clinic: Stage, now: datetime) -> None:
    ids = people(clinic, 10)
    work = [
        couple(clinic, now, ids[at : at + 2], start=start) for at, start in ((0, AT), (2, "2026-11-19T10:30"), (4, AT))
    ]
    work += [
        booker(clinic, now, start, None, one) for one, start in zip(ids[6:], (AT, AT, "2026-11-19T10:15"), strict=False)
    ]
    answers = together(work)
    assert not [one for one in answers if isinstance(one, str)], answers
    assert set(groups(clinic).values()) <= {2}
    with tenancy.scope(practice_id=clinic.practice.id):
        assert Group.objects.count() == len(groups(clinic)) == sum(isinstance(one, GroupFacts) for one in answers)


def test_two_groups_of_named_therapists_in_opposite_order_do_not_block_each_other(clinic: Stage, now: datetime) -> None:
    ids = people(clinic, 4)
    noor, sofia = Seat("therapeutic-60", "noor-haddad"), Seat("therapeutic-60", "sofia-marchetti")
    answers = together(
        [
            couple(clinic, now, ids[:2], seats=[noor, sofia]),
            couple(clinic, now, ids[2:], seats=[sofia, noor]),
        ]
    )
    assert sorted(type(one).__name__ for one in answers) == ["GroupFacts", "SlotTakenError"], answers


def test_control_without_the_locks_first_somebody_waits_for_the_constraint(
    clinic: Stage, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race is real: if both look before either writes, the constraint has to say no, and still none is half."""
    barrier, tried = threading.Barrier(2), threading.local()

    def unlocked(*args: Any, **kwargs: Any) -> Any:
        with monkeypatch.context() as patched:
            patched.setattr("unknot.booking.actions.groups.lock_diary", lambda **_: None)
            found = locked_boards(*args, **kwargs)
        if not getattr(tried, "once", False):
            tried.once = True
            barrier.wait(20)
        return found

    monkeypatch.setattr("unknot.booking.actions.groups.locked_boards", unlocked)
    monkeypatch.setattr("unknot.booking.actions.groups._nearest", lambda *_: [])
    ids = people(clinic, 4)
    noor, sofia = Seat("therapeutic-60", "noor-haddad"), Seat("therapeutic-60", "sofia-marchetti")
    answers = together(
        [couple(clinic, now, ids[:2], seats=[noor, sofia]), couple(clinic, now, ids[2:], seats=[noor, sofia])]
    )
    kinds = sorted(type(one).__name__ for one in answers)
    assert kinds == ["GroupFacts", "SlotTakenError"], answers
    assert list(groups(clinic).values()) == [2]
    connection.close()
