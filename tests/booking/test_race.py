"""Many people at once, each on a connection of their own: one wins, the others are told what else is free."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from unknot.booking import actions
from unknot.booking.actions.diary import OverlapError, in_diary
from unknot.booking.models import Appointment
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.db.locks import lock_all
from unknot.kernel.actors import CLIENT, Actor, system
from unknot.kernel.errors import UnknotError
from unknot.kernel.ids import new_id
from unknot.practice import queries as practices

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clinic(now: datetime) -> Stage:
    """Foothills, committed, so that every connection sees it."""
    return build_practice(cast.FOOTHILLS, now=now)


def together(work: list[Callable[[], Any]]) -> list[Any]:
    """Runs all at the same moment; each answer is a value or the refusal. Any other error's text fails the test."""
    barrier = threading.Barrier(len(work))
    answers: list[Any] = [None] * len(work)

    def run(index: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(20)
            answers[index] = work[index]()
        except UnknotError as error:
            answers[index] = error
        except BaseException as error:  # noqa: BLE001 - shown by the assertion
            answers[index] = repr(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def booker(stage: Stage, now: datetime, local_start: str, therapist: str | None, client_id: UUID) -> Callable[[], Any]:
    """Books for a client at the desk's word, in a transaction of its own."""
    by = system(stage.practice.id)

    def work() -> Any:
        with tenancy.scope(practice_id=stage.practice.id):
            return actions.book_directly(
                by=by,
                practice=practices.practice(stage.practice.id),
                service_slug="therapeutic-60",
                therapist_slug=therapist,
                place_slug="clinic",
                local_start=local_start,
                client_id=client_id,
                intake_id=None,
                now=now,
            )

    return work


def people(stage: Stage, count: int) -> list[UUID]:
    from unknot.people.models import Client

    with tenancy.scope(practice_id=stage.practice.id):
        rows = [Client(practice=stage.practice, name=f"Person {one}", phone="+14035550199") for one in range(count)]
        return [row.pk for row in Client.objects.bulk_create(rows)]


def kinds(answers: list[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in answers:
        name = one if isinstance(one, str) else type(one).__name__
        found[name] = found.get(name, 0) + 1
    return found


def test_c01_twenty_for_one_start(clinic: Stage, now: datetime) -> None:
    clients = people(clinic, 20)
    began = time.monotonic()
    answers = together([booker(clinic, now, "2026-11-23T10:00", "noor-haddad", one) for one in clients])
    assert kinds(answers) == {"VisitFacts": 1, "SlotTakenError": 19}
    for refused in (one for one in answers if isinstance(one, actions.SlotTakenError)):
        assert (refused.code, len(refused.extra["alternatives"])) == ("slot-taken", 3)
        assert "2026-11-23T10:00" not in {one["local_start"] for one in refused.extra["alternatives"]}
    with tenancy.scope(practice_id=clinic.practice.id):
        assert Appointment.objects.count() == 1
    assert time.monotonic() - began < 15


def test_c02_any_therapist(clinic: Stage, now: datetime) -> None:
    with tenancy.scope(practice_id=clinic.practice.id):
        for slug in ("celeste-arsenault", "sofia-marchetti", "owen-blackwood"):
            clinic.therapists[slug].active = False
            clinic.therapists[slug].save()
    clients = people(clinic, 5)
    answers = together([booker(clinic, now, "2026-11-23T13:00", None, one) for one in clients])
    assert kinds(answers) == {"VisitFacts": 3, "SlotTakenError": 2}
    won = [one for one in answers if not isinstance(one, UnknotError)]
    assert len({one.therapist_id for one in won}) == 3
    assert len({one.room_id for one in won}) == 3


def test_c03_the_only_room(clinic: Stage, now: datetime) -> None:
    with tenancy.scope(practice_id=clinic.practice.id):
        for room in clinic.rooms["clinic"][1:]:
            room.active = False
            room.save()
    one, other = people(clinic, 2)
    answers = together(
        [
            booker(clinic, now, "2026-11-23T13:00", "noor-haddad", one),
            booker(clinic, now, "2026-11-23T13:30", "dev-malhotra", other),
        ]
    )
    assert kinds(answers) == {"VisitFacts": 1, "SlotTakenError": 1}
    refused = next(one for one in answers if isinstance(one, UnknotError))
    assert refused.extra["reason"] == "no-room"


def test_neighbours_do_not_stop_each_other(clinic: Stage, now: datetime) -> None:
    starts = ["2026-11-23T08:00", "2026-11-23T09:15", "2026-11-23T10:30", "2026-11-23T12:30", "2026-11-23T13:45"]
    clients = people(clinic, len(starts))
    work = [booker(clinic, now, start, "noor-haddad", one) for start, one in zip(starts, clients, strict=True)]
    assert kinds(together(work)) == {"VisitFacts": 5}


def test_one_client_two_therapists_at_once(clinic: Stage, now: datetime) -> None:
    (client,) = people(clinic, 1)
    work = [booker(clinic, now, "2026-11-23T13:00", slug, client) for slug in ("noor-haddad", "dev-malhotra")]
    assert kinds(together(work)) == {"VisitFacts": 1, "ClientBusyError": 1}


def test_a_double_click_on_confirm_books_once(clinic: Stage, now: datetime, answered: Callable[..., UUID]) -> None:
    practice = practices.practice(clinic.practice.id)
    client = clinic.clients["maya@clients.example"]
    by = Actor(client.account_id, practice.id, frozenset({CLIENT}), client_id=client.pk)
    with tenancy.scope(practice_id=practice.id):
        intake_id = answered(clinic, client.pk, now=now)
        hold = actions.hold_slot(
            by=by,
            practice=practice,
            service_slug="therapeutic-60",
            therapist_slug="noor-haddad",
            place_slug="clinic",
            local_start="2026-11-23T10:00",
            now=now,
        )

    def confirm() -> Any:
        with tenancy.scope(practice_id=practice.id):
            return actions.book(by=by, hold_id=hold.id, secret=hold.secret, intake_id=intake_id, now=now)

    answers = together([confirm, confirm, confirm])
    assert {one.id for one in answers} == {hold.id}
    assert {one.sequence for one in answers} == {0}


def test_two_visits_change_places_without_a_deadlock(clinic: Stage, now: datetime) -> None:
    """Each moves into the other's diary: locks are taken in one order, so both get an answer at once."""
    one, other = people(clinic, 2)
    first = booker(clinic, now, "2026-11-23T13:00", "noor-haddad", one)()
    second = booker(clinic, now, "2026-11-23T13:00", "dev-malhotra", other)()

    def mover(visit_id: UUID, therapist: str) -> Callable[[], Any]:
        def work() -> Any:
            with tenancy.scope(practice_id=clinic.practice.id):
                return actions.reschedule(
                    by=system(clinic.practice.id),
                    appointment_id=visit_id,
                    therapist_slug=therapist,
                    local_start="2026-11-23T13:00",
                    now=now,
                )

        return work

    began = time.monotonic()
    answers = together([mover(first.id, "dev-malhotra"), mover(second.id, "noor-haddad")])
    assert kinds(answers) == {"SlotTakenError": 2}
    assert time.monotonic() - began < 5


def test_whoever_waits_too_long_is_told_so(clinic: Stage, now: datetime) -> None:
    (client,) = people(clinic, 1)
    done, locked = threading.Event(), threading.Event()
    noor = clinic.therapists["noor-haddad"].account_id

    def sit() -> None:
        try:
            with tenancy.scope(practice_id=clinic.practice.id):
                lock_all("therapist", [noor])
                locked.set()
                done.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=sit)
    thread.start()
    try:
        assert locked.wait(10)
        began = time.monotonic()
        with pytest.raises(actions.DiaryBusyError):
            booker(clinic, now, "2026-11-23T10:00", "noor-haddad", client)()
        assert 1.5 < time.monotonic() - began < 4
    finally:
        done.set()
        thread.join(20)


def test_the_constraint_speaks_last(clinic: Stage, now: datetime) -> None:
    """Even a write that never looked at the diary is refused, and its transaction can go on."""
    (client,) = people(clinic, 1)
    visit = booker(clinic, now, "2026-11-23T10:00", "noor-haddad", client)()
    with tenancy.scope(practice_id=clinic.practice.id):
        row = Appointment.objects.get(pk=visit.id)
        row.pk, row.client_id, row.room_id = new_id(), None, None
        row.state, row.hold_expires_at = "held", now
        with pytest.raises(OverlapError), in_diary():
            row.save(force_insert=True)
        row.practitioner_id, row.client_id = new_id(), client
        with pytest.raises(actions.ClientBusyError), in_diary():
            row.save(force_insert=True)
        assert Appointment.objects.count() == 1


def requester(stage: Stage, now: datetime, email: str, start: str, answered: Callable[..., UUID]) -> Callable[[], Any]:
    """Asks for a start that staff have to approve first."""
    client = stage.clients[email]
    by = Actor(client.account_id, stage.practice.id, frozenset({CLIENT}), client_id=client.pk)

    def work() -> Any:
        with tenancy.scope(practice_id=stage.practice.id):
            return actions.book_directly(
                by=by,
                practice=practices.practice(stage.practice.id),
                service_slug="therapeutic-60",
                therapist_slug="noor-haddad",
                place_slug="clinic",
                local_start=start,
                intake_id=answered(stage, client.pk, now=now, outcome="review"),
                now=now,
            )

    return work


def marker(stage: Stage, visit_id: UUID, event: str, now: datetime) -> Callable[[], Any]:
    """Marks a visit at the desk, in a transaction of its own."""

    def work() -> Any:
        with tenancy.scope(practice_id=stage.practice.id):
            return actions.mark(by=system(stage.practice.id), appointment_id=visit_id, event=event, now=now)

    return work


def test_c01_two_requests_for_one_time(clinic: Stage, now: datetime, answered: Callable[..., UUID]) -> None:
    """Of overlapping requests only one can be made, so that two people at the desk can't approve both."""
    work = [
        requester(clinic, now, "maya@clients.example", "2026-11-23T10:00", answered),
        requester(clinic, now, "anders@clients.example", "2026-11-23T10:30", answered),
    ]
    answers = together(work)
    assert kinds(answers) == {"VisitFacts": 1, "SlotTakenError": 1}
    (made,) = (one for one in answers if not isinstance(one, UnknotError))
    assert made.state == "requested"


def test_c01_two_at_the_desk_answer_one_request(clinic: Stage, now: datetime, answered: Callable[..., UUID]) -> None:
    for start in ("2026-11-23T10:00", "2026-11-23T13:00", "2026-11-23T14:30"):
        asked = requester(clinic, now, "maya@clients.example", start, answered)()
        answers = together([marker(clinic, asked.id, "confirm", now), marker(clinic, asked.id, "decline", now)])
        assert kinds(answers) == {"VisitFacts": 1, "LifecycleError": 1}
        (won,) = (one for one in answers if not isinstance(one, UnknotError))
        with tenancy.scope(practice_id=clinic.practice.id):
            assert Appointment.objects.get(pk=asked.id).state == won.state


def test_c01_two_overlapping_visits_come_back(clinic: Stage, now: datetime) -> None:
    """Two missed visits whose times meet, taken back at two desks: one comes back, the other is told why not."""
    one, other = people(clinic, 2)
    rows = []
    for client, start in ((one, "2026-11-23T10:00"), (other, "2026-11-23T10:30")):
        found = booker(clinic, now, start, "noor-haddad", client)()
        marker(clinic, found.id, "no_show", found.starts_at)()
        rows.append(found)
    answers = together([marker(clinic, found.id, "reinstate", found.starts_at) for found in rows])
    assert kinds(answers) == {"VisitFacts": 1, "SlotTakenError": 1}


def test_two_at_the_desk_answer_one_change_and_its_client_cancels(
    clinic: Stage, now: datetime, answered: Callable[..., UUID]
) -> None:
    """Whoever is first; the diary has one time in the end, or none."""
    client = clinic.clients["maya@clients.example"]
    by = Actor(client.account_id, clinic.practice.id, frozenset({CLIENT}), client_id=client.pk)
    desk = system(clinic.practice.id)
    for day, others in (("23", "decline"), ("24", "cancel"), ("26", "expire")):
        start = f"2026-11-{day}T10:00"
        visit = booker(clinic, now, start, "noor-haddad", client.pk)()
        with tenancy.scope(practice_id=clinic.practice.id):
            late = visit.starts_at - timedelta(hours=5)
            asked = actions.reschedule(
                by=by, appointment_id=visit.id, local_start=start.replace("10:00", "10:30"), now=late
            ).change
        assert asked is not None

        def said(answer: str, visit: Any = visit, asked: Any = asked, late: datetime = late) -> Callable[[], Any]:
            def work() -> Any:
                with tenancy.scope(practice_id=clinic.practice.id):
                    if answer == "cancel":
                        return actions.cancel(by=by, appointment_id=visit.id, now=late)
                    if answer == "expire":
                        return actions.expire_holds(by=desk, now=asked.answer_by)
                    return actions.answer_change(
                        by=desk, appointment_id=visit.id, change_id=asked.id, answer=answer, now=late
                    )

            return work

        answers = together([said("accept"), said("accept"), said(others)])
        assert not [one for one in answers if isinstance(one, str)], answers
        with tenancy.scope(practice_id=clinic.practice.id):
            rows = list(Appointment.objects.filter(local_start__startswith=f"2026-11-{day}"))
            active = [row.local_start[11:] for row in rows if row.state in ("held", "confirmed")]
        assert active in ([[]] if others == "cancel" else [["10:30"], ["10:00"]])
