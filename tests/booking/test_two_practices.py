"""One therapist in two practices, through the real actions of both: one diary, and each sees only "busy"."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.booking.test_race import people, together
from unknot.booking import actions, queries
from unknot.booking.actions import Person
from unknot.booking.models import Appointment
from unknot.booking.queries import GroupFacts, Seat, VisitFacts
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.people.models import Account
from unknot.practice import queries as practices
from unknot.practice.models import Therapist

pytestmark = pytest.mark.django_db(transaction=True)
AT, DAY = "2026-11-19T10:00", date(2026, 11, 19)


@pytest.fixture
def clinic(now: datetime) -> Stage:
    """Foothills, committed; Noor works there."""
    return build_practice(cast.FOOTHILLS, now=now)


@pytest.fixture
def second(clinic: Stage, now: datetime) -> Stage:
    """The same clinic once more under another name, committed, with Noor's very account in it."""
    return build_practice(replace(cast.FOOTHILLS, slug="second", name="Second Floor", clients=(), desk=()), now=now)


def booking(stage: Stage, now: datetime, client_id: Any, start: str = AT) -> Callable[[], Any]:
    """Books Noor in that practice, at the desk's word; tries again when asked to."""
    by = system(stage.practice.id)

    def once() -> Any:
        with tenancy.scope(practice_id=stage.practice.id):
            return actions.book_directly(
                by=by,
                practice=practices.practice(stage.practice.id),
                service_slug="therapeutic-60",
                therapist_slug="noor-haddad",
                place_slug="clinic",
                local_start=start,
                client_id=client_id,
                intake_id=None,
                now=now,
            )

    def work() -> Any:
        for _ in range(20):
            try:
                return once()
            except actions.DiaryBusyError:
                continue
        return once()

    return work


def clients(stage: Stage, count: int) -> list[Any]:
    return people(stage, count)


def rows(stage: Stage) -> int:
    with tenancy.scope(practice_id=stage.practice.id):
        return Appointment.objects.filter(state__in=["held", "confirmed"]).count()


def test_it_is_one_account_in_both(clinic: Stage, second: Stage) -> None:
    found = set()
    for stage in (clinic, second):
        with tenancy.scope(practice_id=stage.practice.id):
            found.add(Therapist.objects.get(slug="noor-haddad").account_id)
    assert len(found) == 1
    assert Account.objects.filter(pk__in=found).exists()


def test_two_practices_book_the_same_hands_at_once_and_one_wins(clinic: Stage, second: Stage, now: datetime) -> None:
    here, there = clients(clinic, 3), clients(second, 3)
    work = [booking(clinic, now, one, start) for one, start in zip(here, (AT, "2026-11-19T10:30", AT), strict=True)]
    work += [booking(second, now, one, start) for one, start in zip(there, (AT, "2026-11-19T10:15", AT), strict=True)]
    answers = together(work)
    won = [one for one in answers if isinstance(one, VisitFacts)]
    lost = [one for one in answers if isinstance(one, actions.SlotTakenError)]
    assert (len(won), len(lost)) == (1, 5), answers
    assert rows(clinic) + rows(second) == 1


def test_a_couple_here_and_a_visit_there_leave_no_half_couple(clinic: Stage, second: Stage, now: datetime) -> None:
    here, there = clients(clinic, 2), clients(second, 1)
    by = system(clinic.practice.id)
    seats = [Seat("therapeutic-60", "noor-haddad"), Seat("therapeutic-60", "sofia-marchetti")]

    def couple() -> Any:
        with tenancy.scope(practice_id=clinic.practice.id):
            kept = actions.hold_group(
                by=by,
                practice=practices.practice(clinic.practice.id),
                seats=seats,
                place_slug="clinic",
                local_start=AT,
                now=now,
            )
            coming = [Person(one) for one in here]
            return actions.book_group(by=by, group_id=kept.id, secret=kept.secret, people_coming=coming, now=now)

    answers = together([couple, booking(second, now, there[0])])
    whole = sum(isinstance(one, GroupFacts) for one in answers)
    alone = sum(isinstance(one, VisitFacts) for one in answers)
    assert whole + alone == 1, answers
    assert (rows(clinic), rows(second)) == (2 * whole, alone)


def test_each_practice_sees_busy_and_nothing_else(clinic: Stage, second: Stage, now: datetime) -> None:
    visit = booking(second, now, clients(second, 1)[0])()
    with tenancy.scope(practice_id=second.practice.id):
        secrets = [str(visit.id), str(visit.client_id), "Second Floor", "second"]
    with tenancy.scope(practice_id=clinic.practice.id):
        practice = practices.practice(clinic.practice.id)
        staff = Actor(practice_id=practice.id, roles=frozenset({"owner"}), strong=True)
        slots = queries.open_slots(
            practice=practice,
            service=practices.service_at("therapeutic-60"),
            first=DAY,
            last=DAY,
            now=now,
            therapist_slug="noor-haddad",
        )
        assert AT not in {one.local_start for one in slots}
        why = queries.why_not(
            practice=practice,
            service=practices.service_at("therapeutic-60"),
            wall=datetime.fromisoformat(AT),
            now=now,
            therapist_slug="noor-haddad",
        )
        assert why is not None
        with pytest.raises(actions.SlotTakenError) as refused:
            booking(clinic, now, clients(clinic, 1)[0])()
        told = [repr(why), repr(refused.value.extra), refused.value.message, repr(queries.day(by=staff, date=DAY))]
        for secret in secrets:
            assert not [one for one in told if secret in one], secret
        assert queries.day(by=staff, date=DAY) == []
        assert queries.visits_of(visit.client_id, by=staff) == []  # type: ignore[arg-type]
        with pytest.raises(NotFoundError):
            queries.visit(visit.id, by=staff)
        with pytest.raises(NotFoundError):
            actions.cancel(by=staff, appointment_id=visit.id, now=now)


def test_a_hold_that_ran_out_there_counts_until_that_practice_s_next_minute(
    clinic: Stage, second: Stage, now: datetime
) -> None:
    with tenancy.scope(practice_id=second.practice.id):
        kept = actions.hold_slot(
            by=Actor(practice_id=second.practice.id),
            practice=practices.practice(second.practice.id),
            service_slug="therapeutic-60",
            therapist_slug="noor-haddad",
            place_slug="clinic",
            local_start=AT,
            now=now,
        )
    client, later = clients(clinic, 1)[0], kept.expires_at + timedelta(seconds=1)
    with pytest.raises(actions.SlotTakenError):
        booking(clinic, later, client)()
    with tenancy.scope(practice_id=second.practice.id):
        assert actions.expire_holds(by=system(second.practice.id), now=later) == 1
    assert booking(clinic, later, client)().state == "confirmed"
