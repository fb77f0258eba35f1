"""News of a booking waits a minute, so that quick corrections are one mail, or none, and the right one."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core import mail

from unknot.booking import actions, queries
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor
from unknot.notifications import actions as notifications
from unknot.notifications.models import Message

Booked = Callable[..., queries.VisitFacts]
SOON, MINUTE = timedelta(seconds=20), timedelta(seconds=61)


@pytest.fixture
def arrives(river: Stage) -> Callable[[datetime], list[str]]:
    """`arrives(now)`: what the worker sends by then: the first line of each mail that the client gets."""

    def send(now: datetime) -> list[str]:
        mail.outbox.clear()
        for one in Message.objects.filter(state="waiting", due_at__lte=now).order_by("due_at", "id"):
            notifications.deliver(practice_id=river.practice.id, message_id=one.pk, now=now)
        return [" ".join(str(one.body).split()[:14]) for one in mail.outbox]

    return send


def move(by: Actor, visit: queries.VisitFacts, start: str, now: datetime) -> None:
    actions.reschedule(by=by, appointment_id=visit.id, local_start=start, now=now)


def test_booked_moved_moved_cancelled_within_the_minute_is_no_mail(
    book: Booked, tomasz: Actor, now: datetime, arrives: Callable[[datetime], list[str]]
) -> None:
    visit = book()
    move(tomasz, visit, "2026-11-19T10:00", now + SOON)
    move(tomasz, visit, "2026-11-19T11:00", now + SOON)
    actions.cancel(by=tomasz, appointment_id=visit.id, now=now + 2 * SOON)
    assert arrives(now + timedelta(hours=1)) == []
    assert sorted(Message.objects.values_list("kind", "state", "reason")) == [
        ("booking_cancelled", "cancelled", "never-told"),
        ("booking_confirmed", "cancelled", "visit-changed"),
        ("booking_moved", "cancelled", "visit-changed"),
        ("booking_moved", "cancelled", "visit-changed"),
        *[("booking_reminder", "cancelled", "visit-changed")] * 3,
    ]


def test_booked_and_moved_within_the_minute_is_one_confirmation_of_where_it_stands(
    book: Booked, tomasz: Actor, now: datetime, arrives: Callable[[datetime], list[str]]
) -> None:
    visit = book()
    move(tomasz, visit, "2026-11-19T10:00", now + SOON)
    move(tomasz, visit, "2026-11-23T11:00", now + 2 * SOON)
    assert arrives(now + MINUTE) == []  # each change waits its own minute
    (words,) = arrives(now + 2 * SOON + MINUTE)
    assert words == "Your appointment at Riverbend Massage Therapy is booked for Monday 23 November 2026, 11:00"
    assert arrives(now + timedelta(hours=1)) == []


def test_whoever_was_told_is_told_of_what_changes(
    book: Booked, tomasz: Actor, now: datetime, arrives: Callable[[datetime], list[str]]
) -> None:
    visit = book()
    assert len(arrives(now + MINUTE)) == 1
    later = now + 2 * MINUTE
    move(tomasz, visit, "2026-11-19T10:00", later)
    move(tomasz, visit, "2026-11-23T11:00", later)
    (words,) = arrives(later + MINUTE)
    assert "has a new time: Monday 23 November" in words
    actions.cancel(by=tomasz, appointment_id=visit.id, now=later + 2 * MINUTE)
    (words,) = arrives(later + 4 * MINUTE)
    assert "is cancelled" in words


def test_the_practice_never_cancels_in_silence(
    river: Stage,
    book: Booked,
    staff_of: Callable[..., Actor],
    now: datetime,
    arrives: Callable[[datetime], list[str]],
) -> None:
    """The client has seen on the page that it was booked, if in no mail yet."""
    visit = book()
    actions.cancel(by=staff_of(river, "therapist"), appointment_id=visit.id, now=now + SOON)
    (words,) = arrives(now + timedelta(hours=1))
    assert "is cancelled" in words
