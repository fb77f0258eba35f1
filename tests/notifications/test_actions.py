"""The outbox against a real mail server."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from icalendar import Calendar
from procrastinate.contrib.django.models import ProcrastinateJob

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.ids import new_id
from unknot.notifications import actions, queries
from unknot.notifications.gateways.smtp import NoAnswerError
from unknot.notifications.models import Message
from unknot.notifications.queries import Kind

START = timedelta(days=7)


def put(stage: Stage, now: datetime, kind: Kind, *, due_at: datetime | None = None, visit: UUID | None = None) -> UUID:
    """A message of that kind to Tomasz about a visit in a week; returns its id."""
    visit = visit or new_id()
    client = stage.clients["tomasz@clients.example"]
    with tenancy.scope(practice_id=stage.practice.id):
        made = actions.schedule(
            practice_id=stage.practice.id,
            key=queries.message_key(str(visit), kind),
            kind=kind,
            due_at=due_at or now,
            client_id=client.pk,
            appointment_id=visit,
            facts=actions.visit_facts(
                practice_name=stage.practice.name,
                path=f"/p/riverbend/my/visits/{visit}/",
                starts_at=now + START,
                ends_at=now + START + timedelta(minutes=60),
                zone="America/Edmonton",
                location="14 Cottonwood Lane, Edmonton",
            ),
        )
        assert made
        return UUID(str(Message.objects.get(appointment_id=visit, kind=kind).pk))


def deliver(stage: Stage, message_id: UUID, now: datetime) -> str:
    return actions.deliver(practice_id=stage.practice.id, message_id=message_id, now=now)


def row(stage: Stage, message_id: UUID) -> Message:
    with tenancy.scope(practice_id=stage.practice.id):
        return Message.objects.get(pk=message_id)


def test_one_confirmation_with_its_calendar_file(riverbend: Stage, now: datetime, postbox: Any) -> None:
    message_id = put(riverbend, now, Kind.BOOKING_CONFIRMED)
    later = now + timedelta(seconds=61)
    assert [deliver(riverbend, message_id, later), deliver(riverbend, message_id, later)] == ["sent", "sent"]
    (mail,) = postbox.mails
    assert mail["To"] == "tomasz@clients.example"
    assert mail["Subject"] == "Your appointment"
    text = mail.get_body(("plain",)).get_content()
    assert "Tuesday 24 November 2026, 10:00 a.m." in text
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    (event,) = Calendar.from_ical(attached.get_content()).walk("VEVENT")
    assert event["dtstart"].dt == now + START
    assert str(event["summary"]) == "Appointment at Riverbend Massage Therapy"


def test_news_waits_for_a_second_thought(riverbend: Stage, now: datetime, postbox: Any) -> None:
    message_id = put(riverbend, now, Kind.BOOKING_CONFIRMED)
    assert row(riverbend, message_id).due_at == now + timedelta(seconds=60)
    assert deliver(riverbend, message_id, now + timedelta(seconds=30)) == "waiting"
    assert postbox.mails == []


def test_nothing_names_a_treatment_or_a_person(riverbend: Stage, now: datetime, postbox: Any) -> None:
    for kind in Kind:
        deliver(riverbend, put(riverbend, now, kind, due_at=now - timedelta(hours=1)), now)
    assert len(postbox.mails) == len(Kind)
    for mail in postbox.mails:
        whole = str(mail).replace(riverbend.practice.name, "").replace("Riverbend=20Massage", "")
        parts = [str(part.get_content()) for part in mail.walk() if not part.is_multipart()]
        said = " ".join([whole.split("\n\n", 1)[0], *parts]).replace(riverbend.practice.name, "")
        assert not re.search(r"(?i)therapeutic|deep tissue|relaxation|pain|Wieland|back", said), said


def test_a_reminder_can_be_stopped_from_the_mail(riverbend: Stage, now: datetime, postbox: Any) -> None:
    deliver(riverbend, put(riverbend, now, Kind.BOOKING_REMINDER), now)
    (mail,) = postbox.mails
    link = str(mail["List-Unsubscribe"]).replace("\n", "").replace(" ", "").strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    actions.stop(token=link.rstrip("/").rsplit("/", 1)[1], now=now)
    assert deliver(riverbend, put(riverbend, now, Kind.BOOKING_REMINDER), now) == "cancelled"
    assert deliver(riverbend, put(riverbend, now, Kind.CHECK_IN_DUE), now) == "sent"
    assert len(postbox.mails) == 2


def test_who_wants_no_reminders_gets_none(riverbend: Stage, now: datetime, postbox: Any) -> None:
    client = riverbend.clients["tomasz@clients.example"]
    client.reminders_by_email = False
    with tenancy.scope(practice_id=riverbend.practice.id):
        client.save()
    message_id = put(riverbend, now, Kind.BOOKING_REMINDER)
    assert deliver(riverbend, message_id, now) == "cancelled"
    assert (row(riverbend, message_id).reason, postbox.mails) == ("not-wanted", [])


def test_a_cancelled_visit_is_never_mailed_about(riverbend: Stage, now: datetime, postbox: Any) -> None:
    visit = new_id()
    waiting = [put(riverbend, now, kind, visit=visit) for kind in (Kind.BOOKING_CONFIRMED, Kind.BOOKING_REMINDER)]
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert actions.cancel_for(visit) == 2
    assert [deliver(riverbend, one, now + timedelta(days=1)) for one in waiting] == ["cancelled", "cancelled"]
    assert postbox.mails == []


def test_nothing_about_a_start_that_has_passed(riverbend: Stage, now: datetime, postbox: Any) -> None:
    message_id = put(riverbend, now, Kind.BOOKING_REMINDER)
    assert deliver(riverbend, message_id, now + START) == "cancelled"
    assert (row(riverbend, message_id).reason, postbox.mails) == ("too-late", [])


def test_a_key_is_used_once(riverbend: Stage, now: datetime) -> None:
    message_id = put(riverbend, now, Kind.BOOKING_CONFIRMED)
    first = row(riverbend, message_id)
    with tenancy.scope(practice_id=riverbend.practice.id):
        again = actions.schedule(
            practice_id=riverbend.practice.id, key=first.key, kind=first.kind, due_at=now, facts=first.facts
        )
    assert again is False
    jobs = ProcrastinateJob.objects.filter(task_name="notifications.send")
    assert [job.args["message_id"] for job in jobs] == [str(message_id)]
    assert jobs[0].scheduled_at == first.due_at


def test_a_refusal_for_good_is_kept_with_its_code(riverbend: Stage, now: datetime, postbox: Any) -> None:
    postbox.reply = "554 No"
    message_id = put(riverbend, now, Kind.BOOKING_REMINDER)
    assert deliver(riverbend, message_id, now) == "failed"
    assert row(riverbend, message_id).reason == "smtp-554"


def test_a_busy_server_is_asked_again(riverbend: Stage, now: datetime, postbox: Any) -> None:
    postbox.reply = "451 Later"
    message_id = put(riverbend, now, Kind.BOOKING_REMINDER)
    with pytest.raises(NoAnswerError):
        deliver(riverbend, message_id, now)
    assert (row(riverbend, message_id).state, row(riverbend, message_id).reason) == ("waiting", "smtp-451")
    postbox.reply = "250 ok"
    assert deliver(riverbend, message_id, now) == "sent"
    assert len(postbox.mails) == 1


def test_a_server_that_is_away_is_asked_eight_times(
    riverbend: Stage, now: datetime, postbox: Any, settings: Any
) -> None:
    settings.EMAIL_PORT = 1
    message_id = put(riverbend, now, Kind.BOOKING_REMINDER)
    for _ in range(actions.MOST_TRIES - 1):
        with pytest.raises(NoAnswerError):
            deliver(riverbend, message_id, now)
    assert deliver(riverbend, message_id, now) == "failed"


def test_a_line_that_broke_is_not_repeated(riverbend: Stage, now: datetime, postbox: Any) -> None:
    postbox.reply = "421 Closing"  # smtplib closes the line on 421
    message_id = put(riverbend, now, Kind.BOOKING_REMINDER)
    with tenancy.scope(practice_id=riverbend.practice.id):
        Message.objects.filter(pk=message_id).update(state="unknown")
    assert deliver(riverbend, message_id, now) == "unknown"
    assert postbox.mails == []


def test_without_an_address_nothing_is_tried(riverbend: Stage, now: datetime, postbox: Any) -> None:
    message_id = put(riverbend, now, Kind.BOOKING_REMINDER)
    with tenancy.scope(practice_id=riverbend.practice.id):
        Message.objects.filter(pk=message_id).update(client_id=None)
    assert deliver(riverbend, message_id, now) == "cancelled"
    assert row(riverbend, message_id).reason == "no-address"


def test_broken_facts_fail_and_stay(riverbend: Stage, now: datetime, postbox: Any) -> None:
    message_id = put(riverbend, now, Kind.BOOKING_REMINDER)
    with tenancy.scope(practice_id=riverbend.practice.id):
        Message.objects.filter(pk=message_id).update(facts={})
    assert deliver(riverbend, message_id, now) == "failed"
    assert row(riverbend, message_id).reason == "KeyError"


def test_staff_may_ask_whether_it_left(
    riverbend: Stage, now: datetime, staff_of: Callable[..., Any], client_of: Callable[..., Any]
) -> None:
    visit = new_id()
    put(riverbend, now, Kind.BOOKING_CONFIRMED, visit=visit)
    with tenancy.scope(practice_id=riverbend.practice.id):
        (one,) = queries.messages_of_visit(visit, by=staff_of(riverbend, "therapist"))
        assert (one.kind, one.state) == ("booking_confirmed", "waiting")
        with pytest.raises(queries.NotFoundError):
            queries.messages_of_visit(visit, by=client_of(riverbend, "tomasz@clients.example"))
    assert connection.in_atomic_block
