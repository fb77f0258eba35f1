"""C07 and C09: a law moves the clock after the booking; page, mail, calendar file and feed keep saying ten o'clock."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.test import Client
from icalendar import Calendar

from tests.zone_data import CHANGED_IN, DATA_2025B, release, zone_data
from unknot.audit.models import Entry
from unknot.booking import actions, queries
from unknot.booking.models import Appointment
from unknot.config import environment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.interop import actions as interop_actions
from unknot.interop import queries as interop
from unknot.kernel import zones
from unknot.kernel.actors import Actor, system
from unknot.kernel.zones import StaleZoneDataError, require_fresh_data
from unknot.notifications import actions as notifications
from unknot.notifications.models import Message
from unknot.practice.models import Practice

pytestmark = pytest.mark.django_db
OLD, NEW = datetime(2027, 1, 12, 17, 0, tzinfo=UTC), datetime(2027, 1, 12, 16, 0, tzinfo=UTC)
Book = Callable[..., queries.VisitFacts]


@pytest.fixture
def visit(book: Book) -> queries.VisitFacts:
    """12 January 2027, 10:00 in Edmonton, booked by the data of 2025."""
    with zone_data("2025b", DATA_2025B):
        return book("2027-01-12T10:00")


@pytest.fixture
def feed(river: Stage, staff_of: Callable[..., Actor], now: datetime) -> Callable[[], Any]:
    """The visit's event in its therapist's feed."""
    secret = interop_actions.make_feed(by=staff_of(river, "therapist"), now=now)

    def read() -> Any:
        content = interop.read_feed(secret, by=system(river.practice.id), now=now).content
        (event,) = Calendar.from_ical(content).walk("VEVENT")
        return event

    return read


@pytest.fixture
def mailed(river: Stage, now: datetime, postbox: Any) -> Callable[[UUID], tuple[str, Any]]:
    """Sends what waits about a visit; the text and the calendar event of the newest mail."""

    def send(visit_id: UUID) -> tuple[str, Any]:
        waiting = Message.objects.filter(appointment_id=visit_id, state="waiting", due_at__lt=now + timedelta(hours=1))
        for row in waiting:
            notifications.deliver(practice_id=river.practice.id, message_id=row.pk, now=now + timedelta(seconds=90))
        mail = postbox.mails[-1]
        (attached,) = mail.iter_attachments()
        (event,) = Calendar.from_ical(attached.get_content()).walk("VEVENT")
        return mail.get_body(("plain",)).get_content(), event

    return send


def page(river: Stage, visit: queries.VisitFacts, browser: Client, name: str = "") -> str:
    answer = browser.get(f"/p/riverbend/my/visits/{visit.id}/{name}")
    return str(answer.content.decode())


def run(*words: str) -> Any:
    out = StringIO()
    with tenancy.scope():
        call_command("rezone", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def stored(visit: queries.VisitFacts) -> tuple[datetime, str, str]:
    row = Appointment.objects.get(pk=visit.id)
    return row.starts_at, row.local_start, row.zone_data


def test_c07_the_promise_stands_before_during_and_after_the_update(
    river: Stage, visit: queries.VisitFacts, feed: Any, mailed: Any, tomasz: Actor, signed_in: Callable[..., Client],
    now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    browser = signed_in(tomasz.account_id, strong=False)
    assert stored(visit) == (OLD, "2027-01-12T10:00", "2025b")

    # The data was updated, nothing was recomputed yet: what people are told is the promise all the same.
    text, attached = mailed(visit.id)
    assert "Tuesday 12 January 2027, 10:00 a.m. (America/Edmonton, UTC−6)" in text
    assert (attached["DTSTART"].dt, attached["SEQUENCE"]) == (NEW, 0)
    assert "10:00 a.m." in page(river, visit, browser)
    assert "DTSTART:20270112T160000Z" in page(river, visit, browser, "calendar.ics")
    assert feed()["DTSTART"].dt == NEW

    # The logged command.
    done = run("--apply")
    assert [(one["stored"], one["meant"], one["result"]) for one in done["visits"]] == [
        (OLD.isoformat(), NEW.isoformat(), "done")
    ]
    assert stored(visit) == (NEW, "2027-01-12T10:00", zones.zone_data_version())
    entry = Entry.objects.get(verb="visit.rezoned")
    assert (entry.facts["was"], entry.facts["was_zone_data"], entry.facts["run"]) == (
        OLD.isoformat(), "2025b", done["run"],
    )  # fmt: skip
    text, attached_after = mailed(visit.id)
    assert "has a new time" in text
    assert "10:00 a.m." in text
    assert (attached_after["UID"], attached_after["DTSTART"].dt) == (attached["UID"], NEW)
    assert attached_after["SEQUENCE"] > attached["SEQUENCE"]
    assert "10:00 a.m." in page(river, visit, browser)
    assert (feed()["DTSTART"].dt, feed()["SEQUENCE"]) == (NEW, 1)


@pytest.mark.parametrize(
    ("version", "name"),
    [(one, name) for one in ("2025b", "2026b", "2026c", "2026d") for name in CHANGED_IN if name in release(one)],
)
def test_booked_by_any_release_the_wall_time_stands_after_rezone(
    river: Stage, book: Book, now: datetime, monkeypatch: pytest.MonkeyPatch, version: str, name: str
) -> None:
    """Twice on a winter's day, in each zone that a later release gave another law."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    with tenancy.scope(practice_id=river.practice.id):
        Practice.objects.filter(pk=river.practice.id).update(timezone=name)
    with zone_data(version, release(version)):
        visits = [book("2027-01-12T10:00"), book("2027-01-12T14:00")]
    assert {stored(one)[2] for one in visits} == {version}
    moved = [one for one in visits if stored(one)[0] != zones.to_utc(datetime.fromisoformat(stored(one)[1]), name)]
    assert moved  # the law of today is another one
    done = run("--apply")
    assert [one["result"] for one in done["visits"]] == ["done"] * len(moved)
    for one in visits:
        starts_at, wall, _ = stored(one)
        assert zones.local(starts_at, name).replace(tzinfo=None) == datetime.fromisoformat(wall)
    assert run()["visits"] == []


def test_a_run_is_taken_back_and_that_is_on_record_too(
    river: Stage, visit: queries.VisitFacts, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    number = run("--apply")["run"]
    undone = run("--undo", number)
    assert [one["result"] for one in undone["visits"]] == ["done"]
    assert stored(visit) == (OLD, "2027-01-12T10:00", "2025b")
    assert Entry.objects.get(verb="visit.rezone-undone").facts["run"] == number
    assert run("--undo", number)["visits"] == []
    assert run("--undo", str(visit.id))["visits"] == []  # no such run
    assert run("--apply")["visits"][0]["result"] == "done"
    assert stored(visit)[0] == NEW


def test_what_somebody_moved_since_is_left(
    river: Stage, visit: queries.VisitFacts, tomasz: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    number = UUID(run("--apply")["run"])
    actions.reschedule(by=tomasz, appointment_id=visit.id, local_start="2027-01-12T14:00", now=now)
    undone = actions.undo_rezone(by=system(river.practice.id), run=number, now=now)
    assert [one.result for one in undone] == ["changed"]
    assert stored(visit)[1] == "2027-01-12T14:00"


def test_two_visits_back_to_back_go_back_together(
    river: Stage, book: Book, priya: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    with zone_data("2025b", DATA_2025B):
        both = [book("2027-01-12T10:00"), book("2027-01-12T11:15", by=priya)]
    number = run("--apply")["run"]
    assert [one["result"] for one in run("--undo", number)["visits"]] == ["done", "done"]
    assert [stored(one)[0] for one in both] == [OLD, OLD + timedelta(minutes=75)]


def test_c09_a_moved_and_a_cancelled_visit_keep_their_uid_and_count_up(
    river: Stage, book: Book, feed: Any, mailed: Any, tomasz: Actor, now: datetime
) -> None:
    visit = book("2027-01-12T10:00")
    _, booked = mailed(visit.id)
    assert (booked["DTSTART"].dt, feed()["DTSTART"].dt) == (NEW, NEW)
    actions.reschedule(by=tomasz, appointment_id=visit.id, local_start="2027-01-12T14:00", now=now)
    text, moved = mailed(visit.id)
    later = NEW + timedelta(hours=4)
    assert "2:00 p.m." in text
    assert (moved["DTSTART"].dt, feed()["DTSTART"].dt) == (later, later)
    actions.cancel(by=tomasz, appointment_id=visit.id, now=now)
    _, gone = mailed(visit.id)
    assert len({str(one["UID"]) for one in (booked, moved, gone)}) == 1
    assert booked["SEQUENCE"] < moved["SEQUENCE"] < gone["SEQUENCE"]
    assert (gone["STATUS"], gone["DTSTART"].dt) == ("CANCELLED", later)


@pytest.mark.parametrize(("version", "old"), [("2025b", True), ("2026d", True), ("2026e", False), ("2027a", False)])
def test_nothing_starts_by_zone_data_that_is_too_old(version: str, old: bool, tmp_path: Any) -> None:
    with zone_data(version, {}):
        if not old:
            require_fresh_data()
            return
        with pytest.raises(StaleZoneDataError, match=version):
            require_fresh_data()
        with pytest.raises(StaleZoneDataError):
            environment.prepare(tmp_path / "data")
        assert not (tmp_path / "data").exists()
