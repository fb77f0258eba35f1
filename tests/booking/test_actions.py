"""Hold, book, move, cancel, mark: what each does, refuses and leaves behind."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from unknot.audit.models import Entry
from unknot.booking import actions, queries
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.intake.models import Intake
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import new_id
from unknot.notifications.models import Message
from unknot.practice.queries import PracticeFacts, services

Facts = Callable[[Stage], PracticeFacts]
THURSDAY = "2026-11-19"
WISH: dict[str, Any] = {"service_slug": "therapeutic-60", "therapist_slug": "maren-oduya", "place_slug": "studio"}


def answered(stage: Stage, client_id: UUID | None, *, now: datetime, outcome: str = "clear") -> UUID:
    """An intake of the client with a screening outcome, valid for weeks."""
    row = Intake.objects.create(
        id=new_id(),
        practice=stage.practice,
        client_id=client_id,
        outcome=outcome,
        created_at=now,
        screened_at=now,
        valid_until=now + timedelta(days=60),
    )
    return UUID(str(row.pk))


@pytest.fixture
def book(river: Stage, facts: Facts, tomasz: Actor, now: datetime) -> Callable[..., queries.VisitFacts]:
    """`book(at="2026-11-19T09:00", **changes)`: books for Tomasz."""

    def booked(at: str = f"{THURSDAY}T09:00", **changes: Any) -> queries.VisitFacts:
        by = changes.pop("by", tomasz)
        return actions.book_directly(
            **WISH
            | {
                "by": by,
                "practice": facts(river),
                "local_start": at,
                "intake_id": answered(river, by.client_id, now=now),
                "now": now,
            }
            | changes
        )

    return booked


def test_a_hold_becomes_a_visit(river: Stage, facts: Facts, tomasz: Actor, now: datetime) -> None:
    hold = actions.hold_slot(by=Actor(), practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **WISH)
    assert (hold.visit.state, hold.expires_at) == ("held", now + timedelta(minutes=10))
    intake_id = answered(river, tomasz.client_id, now=now)
    visit = actions.book(by=tomasz, hold_id=hold.id, secret=hold.secret, intake_id=intake_id, now=now)
    assert (visit.id, visit.state, visit.client_id) == (hold.id, "confirmed", tomasz.client_id)
    assert visit.starts_at == datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
    assert (visit.price.minor, visit.tiers, visit.room_name) == (11000, [[24, 50], [4, 100]], "Studio")
    assert [entry.verb for entry in Entry.objects.filter(subject_id=visit.id)] == ["visit.booked"]
    kinds = Message.objects.filter(appointment_id=visit.id).order_by("due_at").values_list("kind", flat=True)
    assert list(kinds) == ["booking_confirmed", "booking_reminder"]


def test_confirming_twice_is_confirming_once(river: Stage, facts: Facts, tomasz: Actor, now: datetime) -> None:
    hold = actions.hold_slot(by=tomasz, practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **WISH)
    intake_id = answered(river, tomasz.client_id, now=now)
    wish: dict[str, Any] = {"by": tomasz, "hold_id": hold.id, "secret": hold.secret, "intake_id": intake_id}
    first = actions.book(**wish, now=now)
    again = actions.book(**wish, now=now + timedelta(minutes=30))
    assert (again.id, again.sequence, again.state) == (first.id, 0, "confirmed")
    assert Entry.objects.filter(verb="visit.booked").count() == 1
    assert Message.objects.filter(kind="booking_confirmed").count() == 1


def test_somebody_else_can_not_confirm_a_booked_hold(
    river: Stage, facts: Facts, tomasz: Actor, priya: Actor, now: datetime
) -> None:
    hold = actions.hold_slot(by=tomasz, practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **WISH)
    with pytest.raises(actions.UnknownHoldError):
        actions.book(by=tomasz, hold_id=hold.id, secret="guess", intake_id=None, now=now)
    actions.book(
        by=tomasz,
        hold_id=hold.id,
        secret=hold.secret,
        intake_id=answered(river, tomasz.client_id, now=now),
        now=now,
    )
    with pytest.raises(actions.HoldOverError):
        actions.book(
            by=priya,
            hold_id=hold.id,
            secret=hold.secret,
            intake_id=answered(river, priya.client_id, now=now),
            now=now,
        )


def test_a_hold_runs_out_at_its_very_minute(river: Stage, facts: Facts, tomasz: Actor, now: datetime) -> None:
    hold = actions.hold_slot(by=Actor(), practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **WISH)
    intake_id = answered(river, tomasz.client_id, now=now)
    with pytest.raises(actions.HoldOverError):
        actions.book(by=tomasz, hold_id=hold.id, secret=hold.secret, intake_id=intake_id, now=hold.expires_at)
    with pytest.raises(queries.HoldOverError):
        queries.hold(hold.id, secret=hold.secret, now=hold.expires_at)
    assert queries.hold(hold.id, secret=hold.secret, now=now).visit.state == "held"
    another = actions.hold_slot(
        by=Actor(), practice=facts(river), local_start=f"{THURSDAY}T09:00", now=hold.expires_at, **WISH
    )
    assert queries.visit(hold.id, by=system(river.practice.id)).state == "expired"
    assert another.id != hold.id


def test_the_clock_ends_holds_and_forgets_them(river: Stage, facts: Facts, now: datetime) -> None:
    hold = actions.hold_slot(by=Actor(), practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **WISH)
    by = system(river.practice.id)
    assert actions.expire_holds(by=by, now=hold.expires_at - timedelta(seconds=1)) == 0
    assert actions.expire_holds(by=by, now=hold.expires_at) == 1
    assert Appointment.objects.get(pk=hold.id).state == "expired"
    actions.expire_holds(by=by, now=hold.expires_at + timedelta(days=8))
    assert not Appointment.objects.exists()


def test_letting_go_of_a_hold(river: Stage, facts: Facts, now: datetime) -> None:
    wish: dict[str, Any] = {"practice": facts(river), "local_start": f"{THURSDAY}T09:00", "now": now, **WISH}
    hold = actions.hold_slot(by=Actor(), **wish)
    with pytest.raises(actions.UnknownHoldError):
        actions.release_hold(by=Actor(), hold_id=hold.id, secret="guess", now=now)
    with pytest.raises(actions.SlotTakenError):
        actions.hold_slot(by=Actor(), **wish)
    for _ in range(2):
        actions.release_hold(by=Actor(), hold_id=hold.id, secret=hold.secret, now=now)
    second = actions.hold_slot(by=Actor(), **wish)
    third = actions.hold_slot(by=Actor(), replaces=(second.id, second.secret), **wish)
    assert queries.visit(second.id, by=system(river.practice.id)).state == "expired"
    assert third.visit.state == "held"


def test_a_client_s_new_hold_ends_their_earlier_one(river: Stage, facts: Facts, tomasz: Actor, now: datetime) -> None:
    wish: dict[str, Any] = {"by": tomasz, "practice": facts(river), "now": now, **WISH}
    first = actions.hold_slot(local_start=f"{THURSDAY}T09:00", **wish)
    second = actions.hold_slot(local_start=f"{THURSDAY}T09:15", **wish)
    assert queries.visit(first.id, by=tomasz).state == "expired"
    assert queries.visit(second.id, by=tomasz).state == "held"


@pytest.mark.parametrize(
    ("start", "error"),
    [
        ("2026-11-19T09:05", actions.OffGridError),
        ("2026-11-19T08:45", actions.OutsideHoursError),
        ("2026-11-19T12:00", actions.OutsideHoursError),
        ("2026-11-16T09:00", actions.PastStartError),
        ("2026-11-17T11:45", "too-soon"),
        ("2027-01-18T09:00", "too-far-ahead"),
        ("2026-11-19 09:00", actions.LocalStartError),
        ("2026-11-19T09:00:00", actions.LocalStartError),
        ("2026-13-19T09:00", actions.LocalStartError),
        ("0001-01-01T00:00", actions.LocalStartError),
        ("9999-12-31T23:45", actions.LocalStartError),
    ],
)
def test_a_tampered_start_is_refused_by_name(
    river: Stage, facts: Facts, now: datetime, start: str, error: type[Exception] | str
) -> None:
    with pytest.raises(Exception) as caught:
        actions.hold_slot(by=Actor(), practice=facts(river), local_start=start, now=now, **WISH)
    if isinstance(error, str):
        assert caught.value.code == error
    else:
        assert type(caught.value) is error
    assert Appointment.objects.count() == 0


def test_the_last_day_of_the_horizon_can_be_booked(book: Callable[..., queries.VisitFacts]) -> None:
    assert book("2027-01-16T09:00").state == "confirmed"


def test_a_skipped_hour_is_refused(river: Stage, facts: Facts, now: datetime) -> None:
    river.practice.timezone = "America/Toronto"
    river.practice.horizon_days = 200
    river.practice.save()
    with pytest.raises(actions.SkippedHourError):
        actions.hold_slot(by=Actor(), practice=facts(river), local_start="2027-03-14T02:30", now=now, **WISH)


@pytest.mark.parametrize("unknown", [{"service_slug": "x"}, {"therapist_slug": "x"}, {"place_slug": "x"}])
def test_unknown_names_are_not_found(river: Stage, facts: Facts, now: datetime, unknown: dict[str, str]) -> None:
    with pytest.raises(NotFoundError):
        actions.hold_slot(
            by=Actor(), practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **(WISH | unknown)
        )


def test_a_home_service_is_not_given_at_the_clinic(river: Stage, facts: Facts, now: datetime) -> None:
    wish = WISH | {"service_slug": "home-therapeutic-60"}
    with pytest.raises(actions.NotGivenError):
        actions.hold_slot(by=Actor(), practice=facts(river), local_start=f"{THURSDAY}T09:00", now=now, **wish)


def test_c04_a_long_visit_does_not_start_into_another(
    river: Stage, facts: Facts, book: Callable[..., queries.VisitFacts], priya: Actor, now: datetime
) -> None:
    river.services["therapeutic-90"].minutes = 180
    river.services["therapeutic-90"].buffer_after = 0
    river.services["therapeutic-90"].save()
    long_visit = {"service_slug": "therapeutic-90"}
    book("2026-11-23T13:30", **long_visit)
    slots = queries.open_slots(
        practice=facts(river),
        service=next(one for one in services() if one.slug == "therapeutic-90"),
        first=date(2026, 11, 23),
        last=date(2026, 11, 23),
        now=now,
    )
    assert [slot.local_start[11:] for slot in slots] == ["09:00", "09:15", "09:30"]
    with pytest.raises(actions.SlotTakenError) as caught:
        book("2026-11-23T13:15", by=priya, **long_visit)
    times = [one["local_start"] for one in caught.value.extra["alternatives"]]
    assert (len(times), times == sorted(times)) == (3, True)


@pytest.mark.parametrize(("rule", "next_start"), [("sum", "11:45"), ("larger", "11:30")])
def test_c11_buffers_add_up_or_the_larger_one_counts(
    river: Stage,
    facts: Facts,
    book: Callable[..., queries.VisitFacts],
    priya: Actor,
    now: datetime,
    rule: str,
    next_start: str,
) -> None:
    river.practice.buffer_rule = rule
    river.practice.save()
    service = river.services["therapeutic-60"]
    service.buffer_before, service.buffer_after = 15, 30
    service.save()
    book("2026-11-21T10:00")
    slots = queries.open_slots(
        practice=facts(river), service=services()[0], first=date(2026, 11, 21), last=date(2026, 11, 21), now=now
    )
    after = [slot.local_start[11:] for slot in slots if slot.local_start[11:] > "10:00"]
    assert after[0] == next_start
    inside = f"2026-11-21T{(datetime.fromisoformat(f'2026-11-21T{next_start}') - timedelta(minutes=15)):%H:%M}"
    with pytest.raises(actions.SlotTakenError) as caught:
        book(inside, by=priya)
    assert caught.value.extra["reason"] in ("their-buffer", "own-buffer")
    assert len(caught.value.extra["alternatives"]) == 3
    assert book(f"2026-11-21T{next_start}", by=priya).state == "confirmed"


def test_a_tampered_length_is_nobody_s_to_give(book: Callable[..., queries.VisitFacts]) -> None:
    visit = book()
    row = Appointment.objects.get(pk=visit.id)
    assert (visit.minutes, row.price_minor, row.buffer_after) == (60, 11000, 15)
    assert (row.blocked.lower, row.blocked.upper) == (row.starts_at, row.ends_at + timedelta(minutes=15))


def test_what_was_agreed_stays_agreed(river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor) -> None:
    visit = book()
    river.services["therapeutic-60"].price_minor = 99900
    river.services["therapeutic-60"].save()
    river.practice.cancellation_tiers = [[240, 100]]
    river.practice.save()
    again = queries.visit(visit.id, by=tomasz)
    assert (again.price.minor, again.tiers) == (11000, [[24, 50], [4, 100]])


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        ("", actions.ScreeningNeededError),
        ("emergency", actions.NotSafeNowError),
        ("doctor_first", actions.NotSafeNowError),
    ],
)
def test_screening_stands_before_the_visit(
    river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor, now: datetime, outcome: str, error: Any
) -> None:
    with pytest.raises(error):
        book(intake_id=answered(river, tomasz.client_id, now=now, outcome=outcome) if outcome else None)
    assert Appointment.objects.count() == 0


def test_answers_to_talk_about_make_a_request(
    river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor, staff_of: Callable[..., Actor], now: datetime
) -> None:
    visit = book(intake_id=answered(river, tomasz.client_id, now=now, outcome="review"))
    maren = staff_of(river, "therapist")
    assert visit.state == "requested"
    assert [one.id for one in queries.requests(by=maren)] == [visit.id]
    assert list(Message.objects.values_list("kind", flat=True)) == ["therapist_alert"]
    confirmed = actions.mark(by=maren, appointment_id=visit.id, event="confirm", now=now)
    assert (confirmed.state, confirmed.confirmed_at) == ("confirmed", now)
    assert Message.objects.filter(state="waiting", kind="booking_confirmed").count() == 1


def test_an_unanswered_request_ends_with_its_start(
    river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor, now: datetime
) -> None:
    visit = book(intake_id=answered(river, tomasz.client_id, now=now, outcome="review"))
    assert actions.expire_holds(by=system(river.practice.id), now=visit.starts_at) == 1
    assert queries.visit(visit.id, by=tomasz).state == "expired"


def test_staff_book_for_a_client_before_the_questions(
    river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor, staff_of: Callable[..., Actor], now: datetime
) -> None:
    maren = staff_of(river, "therapist")
    visit = book(by=maren, client_id=tomasz.client_id, intake_id=None)
    assert (visit.state, visit.client_id, visit.account_id) == ("confirmed", tomasz.client_id, tomasz.account_id)
    with pytest.raises(actions.StaffOnlyError):
        book("2026-11-19T14:00", client_id=river.clients["priya@clients.example"].pk)
    soon = "2026-11-17T10:30"
    with pytest.raises(Exception, match="sooner"):
        book(soon, by=maren, client_id=tomasz.client_id, intake_id=None)
    with pytest.raises(actions.StaffOnlyError):
        book(soon, override_reason="please")
    urgent = book(soon, by=maren, client_id=tomasz.client_id, intake_id=None, override_reason="came by")
    assert Appointment.objects.get(pk=urgent.id).override_reason == "came by"
    assert Entry.objects.get(subject_id=urgent.id).facts["override"] == "notice"
    assert "came by" not in str(Entry.objects.get(subject_id=urgent.id).facts)


def test_a_client_is_in_one_place_at_a_time(
    hills: Stage, facts: Facts, client_of: Callable[..., Actor], now: datetime
) -> None:
    maya = client_of(hills, "maya@clients.example")
    wish: dict[str, Any] = {
        "by": maya,
        "practice": facts(hills),
        "service_slug": "therapeutic-60",
        "place_slug": "clinic",
        "intake_id": answered(hills, maya.client_id, now=now),
        "now": now,
    }
    actions.book_directly(therapist_slug="noor-haddad", local_start="2026-11-19T13:00", **wish)
    with pytest.raises(actions.ClientBusyError):
        actions.book_directly(therapist_slug="ivan-petrov", local_start="2026-11-19T13:30", **wish)
    later = actions.book_directly(therapist_slug="ivan-petrov", local_start="2026-11-19T14:00", **wish)
    assert later.state == "confirmed"


def test_cancelling_costs_what_was_agreed(
    book: Callable[..., queries.VisitFacts], tomasz: Actor, now: datetime
) -> None:
    visit = book()
    late = visit.starts_at - timedelta(hours=5)
    shown = actions.cancel(by=tomasz, appointment_id=visit.id, now=late, preview=True)
    assert (shown.fee.minor, shown.refund.minor, shown.visit.state) == (5500, 5500, "confirmed")
    done = actions.cancel(by=tomasz, appointment_id=visit.id, now=late)
    assert (done.fee, done.refund, done.tier_text) == (shown.fee, shown.refund, shown.tier_text)
    again = actions.cancel(by=tomasz, appointment_id=visit.id, now=visit.starts_at)
    assert (again.fee, again.visit.sequence) == (done.fee, 1)
    states = dict(Message.objects.values_list("kind", "state"))
    assert states == {"booking_confirmed": "cancelled", "booking_reminder": "cancelled", "booking_cancelled": "waiting"}
    assert book().id != visit.id


def test_staff_may_waive_the_fee_and_say_why(
    river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor, staff_of: Callable[..., Actor]
) -> None:
    visit = book()
    late = visit.starts_at - timedelta(hours=1)
    with pytest.raises(actions.StaffOnlyError):
        actions.cancel(by=tomasz, appointment_id=visit.id, now=late, waive_reason="please")
    done = actions.cancel(
        by=staff_of(river, "therapist"), appointment_id=visit.id, now=late, waive_reason="stuck in snow"
    )
    assert (done.fee.minor, done.refund.minor) == (0, 11000)
    facts = Entry.objects.get(verb="visit.cancelled").facts
    assert (facts["override"], "snow" in str(facts)) == ("fee", False)


def test_c29_a_visit_of_any_length_can_be_cancelled(
    river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor, staff_of: Callable[..., Actor], now: datetime
) -> None:
    visit = book()
    stretched = actions.reschedule(
        by=staff_of(river, "therapist"), appointment_id=visit.id, local_start=visit.local_start, minutes=72, now=now
    )
    assert (stretched.visit.minutes, stretched.visit.sequence) == (72, 1)
    assert actions.cancel(by=tomasz, appointment_id=visit.id, now=now).visit.state == "cancelled"


def test_a_finished_visit_is_not_the_client_s_to_cancel(book: Callable[..., queries.VisitFacts], tomasz: Actor) -> None:
    visit = book()
    with pytest.raises(actions.VisitOverError):
        actions.cancel(by=tomasz, appointment_id=visit.id, now=visit.ends_at)


def test_moving_keeps_the_visit_and_raises_its_sequence(
    book: Callable[..., queries.VisitFacts], tomasz: Actor, now: datetime
) -> None:
    visit = book()
    wish: dict[str, Any] = {"by": tomasz, "appointment_id": visit.id, "local_start": "2026-11-19T09:30", "now": now}
    shown = actions.reschedule(**wish, preview=True)
    assert (shown.visit.local_start, queries.visit(visit.id, by=tomasz).local_start) == (
        "2026-11-19T09:30",
        visit.local_start,
    )
    moved = actions.reschedule(**wish).visit
    assert (moved.id, moved.sequence, moved.local_start) == (visit.id, 1, "2026-11-19T09:30")
    assert actions.reschedule(**wish).visit.sequence == 1
    assert Entry.objects.filter(verb="visit.moved").count() == 1
    waiting = Message.objects.filter(state="waiting").order_by("due_at").values_list("kind", flat=True)
    assert list(waiting) == ["booking_moved", "booking_reminder"]


def test_moving_onto_another_visit_is_refused_and_changes_nothing(
    book: Callable[..., queries.VisitFacts], tomasz: Actor, priya: Actor, now: datetime
) -> None:
    visit, _ = book(), book("2026-11-19T11:00", by=priya)
    with pytest.raises(actions.SlotTakenError) as caught:
        actions.reschedule(by=tomasz, appointment_id=visit.id, local_start="2026-11-19T10:30", now=now)
    assert len(caught.value.extra["alternatives"]) == 3
    assert queries.visit(visit.id, by=tomasz) == visit


def test_a_late_move_does_not_dodge_the_fee(book: Callable[..., queries.VisitFacts], tomasz: Actor) -> None:
    visit = book()
    late = visit.starts_at - timedelta(hours=5)
    moved = actions.reschedule(by=tomasz, appointment_id=visit.id, local_start="2026-11-23T09:00", now=late)
    assert (moved.fee.minor, moved.fee_if_cancelled.minor) == (0, 5500)
    assert actions.cancel(by=tomasz, appointment_id=visit.id, now=late).fee.minor == 5500


def test_the_day_of_a_visit(
    river: Stage, book: Callable[..., queries.VisitFacts], tomasz: Actor, staff_of: Callable[..., Actor], now: datetime
) -> None:
    visit, maren = book(), staff_of(river, "therapist")
    with pytest.raises(NotFoundError):
        actions.mark(by=tomasz, appointment_id=visit.id, event="arrive", now=now)
    with pytest.raises(actions.UnknownMarkError):
        actions.mark(by=maren, appointment_id=visit.id, event="vanish", now=now)
    for event, state in [
        ("arrive", "arrived"),
        ("start", "in_session"),
        ("start", "in_session"),
        ("complete", "completed"),
    ]:
        found = actions.mark(by=maren, appointment_id=visit.id, event=event, now=visit.ends_at)
        assert found.state == state
    assert found.ended_at == visit.ends_at
    assert queries.completed_visit(visit.id, by=tomasz).id == visit.id
    assert Entry.objects.filter(verb="visit.start").count() == 1


def test_a_missed_visit_frees_its_time_and_may_come_back(
    river: Stage, book: Callable[..., queries.VisitFacts], priya: Actor, staff_of: Callable[..., Actor]
) -> None:
    visit, maren = book("2026-11-19T09:00"), staff_of(river, "therapist")
    missed = actions.mark(by=maren, appointment_id=visit.id, event="no_show", now=visit.starts_at)
    assert (missed.state, missed.fee.minor) == ("no_show", 11000)
    back = actions.mark(by=maren, appointment_id=visit.id, event="reinstate", now=visit.starts_at)
    assert (back.state, back.fee.minor) == ("confirmed", 0)
    actions.mark(by=maren, appointment_id=visit.id, event="no_show", now=visit.starts_at)
    book("2026-11-19T09:30", by=priya)
    with pytest.raises(actions.SlotTakenError):
        actions.mark(by=maren, appointment_id=visit.id, event="reinstate", now=visit.starts_at)


def test_a_stranger_s_visit_and_a_made_up_one_are_the_same(
    river: Stage, book: Callable[..., queries.VisitFacts], priya: Actor, now: datetime
) -> None:
    visit = book()
    for unknown in (visit.id, new_id()):
        for attempt in (
            lambda one: queries.visit(one, by=priya),
            lambda one: queries.completed_visit(one, by=priya),
            lambda one: actions.cancel(by=priya, appointment_id=one, now=now),
            lambda one: actions.reschedule(by=priya, appointment_id=one, local_start="2026-11-23T09:00", now=now),
            lambda one: actions.mark(by=priya, appointment_id=one, event="arrive", now=now),
        ):
            with pytest.raises(NotFoundError) as caught:
                attempt(unknown)
            assert caught.value.message == NotFoundError().message
