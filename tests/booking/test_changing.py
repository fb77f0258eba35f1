"""Late changes: a wish that waits, while both times are kept and exactly one is left in the end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from unknot.audit.models import Entry
from unknot.booking import actions, queries
from unknot.booking.actions.diary import OverlapError, in_diary
from unknot.booking.models import Appointment, Change
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import new_id
from unknot.notifications.models import Message

Booked = Callable[..., queries.VisitFacts]
OLD, NEW = "2026-11-19T10:00", "2026-11-19T10:30"  # they meet: only its own visit may stand in the way of a change


@pytest.fixture
def maren(river: Stage, staff_of: Callable[..., Actor]) -> Actor:
    return staff_of(river, "therapist")


@pytest.fixture
def late(book: Booked, tomasz: Actor) -> tuple[queries.VisitFacts, datetime]:
    """A visit, and a moment five hours before it."""
    visit = book(OLD)
    return visit, visit.starts_at - timedelta(hours=5)


@pytest.fixture
def asked(late: tuple[queries.VisitFacts, datetime], tomasz: Actor) -> queries.ChangeFacts:
    visit, now = late
    outcome = actions.reschedule(by=tomasz, appointment_id=visit.id, local_start=NEW, now=now)
    assert outcome.change is not None
    return outcome.change


def answer(change: queries.ChangeFacts, by: Actor, said: str, **more: Any) -> queries.ChangeFacts:
    assert change.id is not None
    wanted = {"now": change.asked_at} | more
    return actions.answer_change(by=by, appointment_id=change.visit.id, change_id=change.id, answer=said, **wanted)


def kept() -> list[str]:
    """The starts that stand in the diary."""
    rows = Appointment.objects.filter(state__in=["held", "confirmed", "requested"])
    return sorted(rows.values_list("local_start", flat=True))


def kinds(actor: Actor) -> list[str]:
    return list(Message.objects.filter(account_id=actor.account_id, state="waiting").values_list("kind", flat=True))


def test_before_the_window_it_just_moves(book: Booked, tomasz: Actor) -> None:
    visit = book(OLD)
    early = visit.starts_at - timedelta(hours=24, seconds=1)
    assert actions.reschedule(by=tomasz, appointment_id=visit.id, local_start=NEW, now=early).change is None
    assert kept() == [NEW]


def test_inside_it_both_times_are_kept(
    late: tuple[queries.VisitFacts, datetime], tomasz: Actor, priya: Actor, maren: Actor, book: Booked
) -> None:
    visit, now = late
    wish: dict[str, Any] = {"by": tomasz, "appointment_id": visit.id, "local_start": NEW, "now": now}
    shown = actions.reschedule(**wish, preview=True)
    assert (shown.change.id, shown.change.then.local_start, shown.fee_if_cancelled.minor) == (None, NEW, 5500)
    assert kept() == [OLD]
    outcome = actions.reschedule(**wish)
    assert actions.reschedule(**wish).change == outcome.change  # a second press
    assert outcome.visit == queries.visit(visit.id, by=tomasz) == visit
    assert outcome.change.answer_by == visit.starts_at - timedelta(hours=1)
    assert kept() == [OLD, NEW]
    assert [one.id for one in queries.changes(by=maren, now=now)] == [outcome.change.id]
    assert Entry.objects.filter(verb="change.asked").count() == 1
    alert = Message.objects.get(kind="therapist_alert")
    assert (alert.account_id, alert.facts["path"]) == (maren.account_id, "/p/riverbend/desk/requests/")
    for start in (OLD, NEW, "2026-11-19T11:15"):
        with pytest.raises(actions.SlotTakenError):
            book(start, by=priya, now=now)
    with pytest.raises(NotFoundError):  # the kept time is no visit of its own
        queries.visit(outcome.change.then.id, by=tomasz)
    with pytest.raises(NotFoundError):
        actions.cancel(by=tomasz, appointment_id=outcome.change.then.id, now=now)


def test_accepted_it_moves(asked: queries.ChangeFacts, tomasz: Actor, maren: Actor) -> None:
    with pytest.raises(NotFoundError):
        answer(asked, tomasz, "accept")
    with pytest.raises(actions.UnknownAnswerError):
        answer(asked, maren, "perhaps")
    for _ in range(2):
        assert answer(asked, maren, "accept").state == "accepted"
    visit = queries.visit(asked.visit.id, by=tomasz)
    assert (visit.local_start, visit.starts_at, visit.sequence) == (NEW, asked.then.starts_at, 1)
    assert kept() == [NEW]
    assert kinds(tomasz) == ["booking_moved"]
    assert actions.cancel(by=tomasz, appointment_id=visit.id, now=asked.asked_at, preview=True).fee.minor == 5500
    with pytest.raises(actions.ChangeOverError):
        answer(asked, maren, "decline")


@pytest.mark.parametrize(("said", "state", "mail"), [("decline", "declined", 1), ("withdraw", "withdrawn", 0)])
def test_else_it_stays(
    asked: queries.ChangeFacts, tomasz: Actor, maren: Actor, said: str, state: str, mail: int
) -> None:
    by = tomasz if said == "withdraw" else maren
    for _ in range(2):
        assert answer(asked, by, said).state == state
    assert queries.visit(asked.visit.id, by=tomasz) == asked.visit
    assert kept() == [OLD]
    assert kinds(tomasz).count("booking_stays") == mail
    with pytest.raises(actions.ChangeOverError):
        answer(asked, maren, "accept")


def test_unanswered_it_ends_by_itself(
    river: Stage, asked: queries.ChangeFacts, tomasz: Actor, priya: Actor, maren: Actor, book: Booked
) -> None:
    over, by = asked.answer_by, system(river.practice.id)
    actions.expire_holds(by=by, now=over - timedelta(seconds=1))
    assert kept() == [OLD, NEW]
    with pytest.raises(actions.ChangeOverError):
        answer(asked, maren, "accept", now=over)
    actions.expire_holds(by=by, now=over)
    actions.expire_holds(by=by, now=over)
    assert kept() == [OLD]
    assert queries.change_of(asked.visit.id, by=tomasz).state == "expired"
    assert kinds(tomasz).count("booking_stays") == 1
    assert Entry.objects.filter(verb="change.expired", actor_roles="system").count() == 1


def test_cancelling_frees_both_at_the_price_of_the_asking(asked: queries.ChangeFacts, tomasz: Actor) -> None:
    """Waiting for our answer never costs more."""
    later = asked.visit.starts_at - timedelta(hours=3)  # from four hours on it would be the whole price
    assert actions.cancel(by=tomasz, appointment_id=asked.visit.id, now=later).fee.minor == 5500
    assert kept() == []
    assert Change.objects.get().state == "withdrawn"


def test_another_wish_takes_the_place_of_the_first(asked: queries.ChangeFacts, tomasz: Actor, maren: Actor) -> None:
    outcome = actions.reschedule(
        by=tomasz, appointment_id=asked.visit.id, local_start="2026-11-19T11:00", now=asked.asked_at
    )
    assert kept() == [OLD, "2026-11-19T11:00"]
    with pytest.raises(actions.ChangeOverError):
        answer(asked, maren, "accept")
    assert answer(outcome.change, maren, "accept").state == "accepted"
    assert kept() == ["2026-11-19T11:00"]


def test_staff_move_it_and_the_wish_is_gone(asked: queries.ChangeFacts, maren: Actor) -> None:
    actions.reschedule(by=maren, appointment_id=asked.visit.id, local_start="2026-11-19T11:00", now=asked.asked_at)
    assert kept() == ["2026-11-19T11:00"]


@pytest.mark.parametrize("event", ["arrive", "no_show", "complete"])
def test_what_happens_to_the_visit_ends_the_wish(asked: queries.ChangeFacts, maren: Actor, event: str) -> None:
    actions.mark(by=maren, appointment_id=asked.visit.id, event=event, now=asked.asked_at)
    assert [one.state for one in Appointment.objects.filter(moves__isnull=False)] == ["expired"]


def test_holding_another_time_leaves_the_wish_alone(
    asked: queries.ChangeFacts, tomasz: Actor, book: Booked, river: Stage, facts: Callable[..., Any]
) -> None:
    actions.hold_slot(
        by=tomasz,
        practice=facts(river),
        service_slug="therapeutic-60",
        therapist_slug=None,
        place_slug="studio",
        local_start="2026-11-23T09:00",
        now=asked.asked_at,
    )
    assert kept() == [OLD, NEW, "2026-11-23T09:00"]


def test_the_database_keeps_all_others_away(asked: queries.ChangeFacts, priya: Actor) -> None:
    """A hold that claims to move one visit may meet that one, and no other."""
    hold = Appointment.objects.get(pk=asked.then.id)
    hold.pk, hold.client_id, hold.moves_id = new_id(), priya.client_id, None
    hold._state.adding = True
    with pytest.raises(OverlapError), in_diary():
        hold.save(force_insert=True)
    hold.blocked = DateTimeTZRange(asked.visit.starts_at, asked.visit.starts_at + timedelta(minutes=20))
    with pytest.raises(OverlapError), in_diary():
        hold.save(force_insert=True)


def test_terms_say_from_when(book: Booked) -> None:
    visit = book(OLD)
    assert visit.terms[-1] == (
        "From Wednesday 18 November, 10:00 a.m.: another time needs our yes; until we answer, the old time stays yours."
    )
    assert visit.terms_at(visit.starts_at - timedelta(hours=2))[-1].startswith("From now on: another time")
