"""Series and waitlist under many hands at once, each on a connection of its own."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from tests.booking.test_race import clinic, kinds, people, together  # noqa: F401 - a fixture
from unknot.booking import actions
from unknot.booking.domain.series import SeriesRule
from unknot.booking.domain.waitlist import Wish
from unknot.booking.models import Appointment, Series, WaitlistOffer
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.notifications.models import Message
from unknot.practice import queries as practices

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = "2026-11-23T10:00"


def series(stage: Stage, now: datetime, client_id: UUID, first: str, therapist: str | None) -> Callable[[], Any]:
    def work() -> Any:
        with tenancy.scope(practice_id=stage.practice.id):
            wish = actions.SeriesWish(
                practices.practice(stage.practice.id),
                "therapeutic-60",
                SeriesRule(datetime.fromisoformat(first), 1, "weeks", 4),
                therapist,
                "clinic",
            )
            by = system(stage.practice.id)
            return actions.book_series(by=by, wish=wish, intake_id=None, client_id=client_id, now=now)

    return work


def test_four_series_for_one_therapist_and_time(clinic: Stage, now: datetime) -> None:  # noqa: F811
    clients = people(clinic, 4)
    answers = together([series(clinic, now, one, MONDAY, "noor-haddad") for one in clients])
    found = kinds(answers)
    assert found.pop("SeriesFacts") == 1
    assert set(found) <= {"SeriesConflictError", "DiaryBusyError"}  # busy: on a slow machine the fourth waits too long
    with tenancy.scope(practice_id=clinic.practice.id):
        assert (Series.objects.count(), Appointment.objects.count()) == (1, 4)
        assert Message.objects.filter(kind="series_booked").count() == 1


def test_series_that_cross_do_not_stop_each_other(clinic: Stage, now: datetime) -> None:  # noqa: F811
    """One begins where the other ends, with different therapists and rooms: locks are taken in one order."""
    one, other = people(clinic, 2)
    work = [
        series(clinic, now, one, MONDAY, "noor-haddad"),
        series(clinic, now, other, MONDAY.replace("T10", "T13"), "dev-malhotra"),
    ]
    assert kinds(together(work)) == {"SeriesFacts": 2}


@pytest.fixture
def line(clinic: Stage, now: datetime) -> list[UUID]:  # noqa: F811
    """Three wait for Noor's Monday at ten, which has just become free."""
    by = system(clinic.practice.id)
    holder, *waiters = people(clinic, 4)
    with tenancy.scope(practice_id=clinic.practice.id):
        practice = practices.practice(clinic.practice.id)
        visit = actions.book_directly(
            by=by,
            practice=practice,
            service_slug="therapeutic-60",
            therapist_slug="noor-haddad",
            place_slug="clinic",
            local_start=MONDAY,
            client_id=holder,
            intake_id=None,
            now=now,
        )
        day = datetime.fromisoformat(MONDAY).date()
        wish = Wish("therapeutic-60", day, day, therapist="noor-haddad", opens=600, closes=601)
        for number, one in enumerate(waiters):
            actions.join_waitlist(
                by=by, practice=practice, wish=wish, client_id=one, now=now - timedelta(hours=3 - number)
            )
        actions.cancel(by=by, appointment_id=visit.id, now=now)
    return waiters


def offers(stage: Stage, state: str = "open") -> list[Any]:
    with tenancy.scope(practice_id=stage.practice.id):
        return list(WaitlistOffer.objects.filter(state=state).select_related("hold"))


def test_four_workers_make_one_offer(clinic: Stage, now: datetime, line: list[UUID]) -> None:  # noqa: F811
    by = system(clinic.practice.id)
    answers = together([lambda: actions.run_waitlist(by=by, now=now)] * 4)
    assert sorted(answers) == [0, 0, 0, 1]
    assert [one.client_id for one in offers(clinic)] == [line[0]]
    with tenancy.scope(practice_id=clinic.practice.id):
        assert Message.objects.filter(kind="waitlist_offer").count() == 1


def test_yes_and_no_at_once_is_one_of_them(clinic: Stage, now: datetime, line: list[UUID]) -> None:  # noqa: F811
    by = system(clinic.practice.id)
    actions.run_waitlist(by=by, now=now)
    (made,) = offers(clinic)

    def answer(work: Callable[..., Any]) -> Callable[[], Any]:
        def run() -> Any:
            with tenancy.scope(practice_id=clinic.practice.id):
                return work(by=by, offer_id=made.pk, now=now)

        return run

    together([answer(actions.accept_offer), answer(actions.decline_offer), answer(actions.accept_offer)])
    actions.run_waitlist(by=by, now=now)
    with tenancy.scope(practice_id=clinic.practice.id):
        states = sorted(Appointment.objects.exclude(state="cancelled").values_list("state", flat=True))
    accepted = len(offers(clinic, "accepted"))
    assert states == (["confirmed"] if accepted else ["expired", "held"])
    assert len(offers(clinic)) == 1 - accepted


def test_a_worker_killed_before_its_commit_leaves_nothing(clinic: Stage, now: datetime, line: list[UUID]) -> None:  # noqa: F811
    """The server ends the worker's connection between the hold and the commit; the next run offers once."""
    by = system(clinic.practice.id)
    from unknot.booking.actions import waitlist as room

    with pytest.MonkeyPatch.context() as patch:

        def cut(*args: Any, **kwargs: Any) -> None:
            connection.close()
            raise ConnectionError("killed")

        patch.setattr(room.messages, "offer", cut)
        with pytest.raises(Exception, match=r"killed|closed|connection"):
            actions.run_waitlist(by=by, now=now)
    connection.close()
    assert offers(clinic) == []
    assert (actions.run_waitlist(by=by, now=now), actions.run_waitlist(by=by, now=now)) == (1, 0)
    assert len(offers(clinic)) == 1
