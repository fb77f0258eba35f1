"""The waitlist: asked in turn, one by one, and nothing sold twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from unknot.booking import actions, events, queries
from unknot.booking.actions import waitlist as room
from unknot.booking.domain.waitlist import Wish
from unknot.booking.models import Appointment, WaitlistEntry, WaitlistOffer
from unknot.booking.queries import VisitFacts
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.notifications.models import Message
from unknot.practice.queries import PracticeFacts

pytestmark = pytest.mark.django_db
TEN = Wish("therapeutic-60", date(2026, 11, 19), date(2026, 11, 19), opens=600, closes=601)
WAITERS = ("priya@clients.example", "leo@clients.example")


@pytest.fixture
def taken(book: Callable[..., VisitFacts]) -> VisitFacts:
    """Tomasz has Thursday at ten, so that nothing fits TEN."""
    return book("2026-11-19T10:00")


@pytest.fixture
def join(river: Stage, facts: Callable[[Stage], PracticeFacts], now: datetime) -> Callable[..., UUID]:
    def joined(by: Actor, wish: Wish = TEN, *, after: int = 0, **changes: Any) -> UUID:
        at = now + timedelta(minutes=after)
        return actions.join_waitlist(by=by, practice=facts(river), wish=wish, now=at, **changes)

    return joined


@pytest.fixture
def leo(riverbend: Stage, client_of: Callable[..., Actor]) -> Actor:
    return client_of(riverbend, "leo@clients.example")


@pytest.fixture
def run(river: Stage, now: datetime) -> Callable[..., int]:
    return lambda at=None: actions.run_waitlist(by=system(river.practice.id), now=at or now)


@pytest.fixture
def free(river: Stage, now: datetime) -> Callable[..., None]:
    """Staff cancel a visit, so that its time is nobody's own fault."""

    def freed(visit: VisitFacts, *, by: Actor | None = None, at: datetime | None = None) -> None:
        actions.cancel(by=by or system(river.practice.id), appointment_id=visit.id, now=at or now)

    return freed


def open_offers() -> list[WaitlistOffer]:
    return list(WaitlistOffer.objects.filter(state="open").select_related("hold").order_by("offered_at"))


def mails(kind: str = "waitlist_offer") -> int:
    return int(Message.objects.filter(kind=kind, state="waiting").count())


def waiting_jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'booking.run_waitlist'")
        return int(cursor.fetchone()[0])


def test_joining_needs_a_wish_that_nothing_fits(
    join: Callable[..., UUID], priya: Actor, tomasz: Actor, book: Callable[..., VisitFacts]
) -> None:
    with pytest.raises(actions.TimesFreeError) as refused:
        join(priya)
    assert refused.value.extra["alternatives"][0]["local_start"] == "2026-11-19T10:00"
    book("2026-11-19T10:00")
    entry = join(priya)
    assert join(priya) == entry
    with pytest.raises(actions.ClientNeededError):
        join(Actor())
    with pytest.raises(actions.StaffOnlyError):
        join(priya, client_id=tomasz.client_id)
    with pytest.raises(NotFoundError):
        join(priya, replace(TEN, service="nothing"))
    with pytest.raises(NotFoundError):
        join(priya, replace(TEN, place="nowhere"))
    assert WaitlistEntry.objects.count() == 1


def test_a_freed_time_is_only_enqueued_by_the_writer(
    taken: VisitFacts, join: Callable[..., UUID], priya: Actor, free: Callable[..., None]
) -> None:
    free(taken)
    assert waiting_jobs() == 0  # nobody waits
    join_error = pytest.raises(actions.TimesFreeError)
    with join_error:
        join(priya)


def test_asked_in_turn_kept_and_told(
    taken: VisitFacts, join: Callable[..., UUID], priya: Actor, leo: Actor, free: Any, run: Any, now: Any
) -> None:
    join(priya, after=1)
    join(leo, after=0)
    assert [one.ahead for one in queries.own_waits(by=priya, now=now)] == [1]
    free(taken)
    assert waiting_jobs() == 1
    assert open_offers() == []
    assert run() == 1
    (made,) = open_offers()
    assert (made.client_id, made.hold.state, made.hold.local_start) == (leo.client_id, "held", "2026-11-19T10:00")
    assert made.expires_at == now + timedelta(hours=2) == made.hold.hold_expires_at
    assert (run(), len(open_offers()), mails()) == (0, 1, 1)
    facts = Message.objects.get(kind="waitlist_offer").facts
    assert facts["path"] == f"/p/riverbend/my/offers/{made.pk}/"
    assert not {"massage", "therapeutic", "Maren"} & set(" ".join(map(str, facts.values())).split())


def test_the_time_is_kept_on_every_path(
    taken: VisitFacts, join: Callable[..., UUID], leo: Actor, free: Any, run: Any, book: Any
) -> None:
    join(leo)
    free(taken)
    run()
    with pytest.raises(actions.SlotTakenError):
        book("2026-11-19T10:00")
    with pytest.raises(actions.SlotTakenError):
        book("2026-11-19T10:15")


def test_accepting_is_the_ordinary_way(
    river: Stage, taken: VisitFacts, join: Callable[..., UUID], leo: Actor, priya: Actor, free: Any, run: Any, now: Any,
    answered: Callable[..., UUID],
) -> None:  # fmt: skip
    entry = join(leo)
    free(taken)
    run()
    (made,) = open_offers()
    with pytest.raises(NotFoundError):
        actions.accept_offer(by=priya, offer_id=made.pk, now=now)
    with pytest.raises(actions.ScreeningNeededError):
        actions.accept_offer(by=leo, offer_id=made.pk, now=now)
    assert open_offers()[0].hold.state == "held"
    answered(river, leo.client_id, now=now)
    visit = actions.accept_offer(by=leo, offer_id=made.pk, now=now)
    assert (visit.state, visit.client_id, visit.price.minor) == ("confirmed", leo.client_id, 11000)
    assert actions.accept_offer(by=leo, offer_id=made.pk, now=now).id == visit.id
    assert WaitlistEntry.objects.get(pk=entry).state == "booked"
    assert (mails(), mails("booking_confirmed")) == (0, 1)
    assert run() == 0


def test_answers_to_talk_about_make_it_a_request(
    river: Stage, taken: VisitFacts, join: Any, leo: Actor, free: Any, run: Any, now: Any, answered: Any
) -> None:
    join(leo)
    free(taken)
    run()
    answered(river, leo.client_id, now=now, outcome="review")
    assert actions.accept_offer(by=leo, offer_id=open_offers()[0].pk, now=now).state == "requested"


def test_c22_accepted_then_cancelled_closes_and_the_next_is_asked(
    river: Stage, taken: VisitFacts, join: Any, leo: Actor, priya: Actor, free: Any, run: Any, now: Any, answered: Any
) -> None:
    entry = join(leo)
    join(priya, after=1)
    free(taken)
    run()
    answered(river, leo.client_id, now=now)
    visit = actions.accept_offer(by=leo, offer_id=open_offers()[0].pk, now=now)
    free(visit, by=leo, at=now + timedelta(minutes=5))
    assert run(now + timedelta(minutes=5)) == 1
    (made,) = open_offers()
    assert made.client_id == priya.client_id
    assert WaitlistEntry.objects.get(pk=entry).state == "booked"  # closed for good


def test_never_back_to_who_cancelled_or_moved_away(
    taken: VisitFacts, join: Any, tomasz: Actor, priya: Actor, free: Any, run: Any, now: Any, book: Any
) -> None:
    join(tomasz, replace(TEN, first=date(2026, 11, 18)))
    free(taken, by=tomasz)
    assert (run(), open_offers()) == (0, [])
    again = book("2026-11-19T10:00", by=priya)
    join(priya, replace(TEN, closes=602, weekdays=(3,)))
    actions.reschedule(by=priya, appointment_id=again.id, local_start="2026-11-19T14:00", now=now)
    assert run() == 0


def test_no_and_nothing_pass_it_on(
    taken: VisitFacts, join: Any, leo: Actor, priya: Actor, free: Any, run: Any, now: Any
) -> None:
    entry = join(leo)
    join(priya, after=1)
    free(taken)
    run()
    (first,) = open_offers()
    actions.decline_offer(by=leo, offer_id=first.pk, now=now)
    actions.decline_offer(by=leo, offer_id=first.pk, now=now)
    assert run() == 1
    (second,) = open_offers()
    assert (second.client_id, second.hold_id != first.hold_id) == (priya.client_id, True)
    late = now + timedelta(hours=2)
    with pytest.raises(actions.OfferOverError):
        actions.accept_offer(by=priya, offer_id=second.pk, now=late)
    assert run(late) == 0
    assert open_offers() == []
    assert sorted(WaitlistOffer.objects.values_list("state", flat=True)) == ["declined", "expired"]
    assert WaitlistEntry.objects.get(pk=entry).state == "waiting"


def test_three_times_nothing_ends_it(
    river: Stage, join: Any, leo: Actor, free: Any, run: Any, now: Any, book: Any
) -> None:
    visits = [book(f"2026-11-{day}T10:00") for day in (19, 23, 24)]
    entry = join(leo, replace(TEN, last=date(2026, 11, 24), weekdays=(0, 1, 3)))
    at = now
    for visit in visits:
        free(visit, at=at)
        assert run(at) == 1
        at += timedelta(hours=2)
        run(at)
    found = WaitlistEntry.objects.get(pk=entry)
    assert (found.state, found.silent) == ("over", 3)


def test_leaving_in_one_tap_passes_the_time_on(
    taken: VisitFacts, join: Any, leo: Actor, priya: Actor, free: Any, run: Any, now: Any
) -> None:
    entry = join(leo)
    join(priya, after=1)
    with pytest.raises(NotFoundError):
        actions.leave_waitlist(by=priya, entry_id=entry, now=now)
    free(taken)
    run()
    actions.leave_waitlist(by=leo, entry_id=entry, now=now)
    actions.leave_waitlist(by=leo, entry_id=entry, now=now)
    assert run() == 1
    assert [one.client_id for one in open_offers()] == [priya.client_id]
    assert queries.own_waits(by=leo, now=now) == []


def test_never_in_the_past_or_inside_the_notice(
    river: Stage, join: Any, leo: Actor, free: Any, run: Any, book: Any, now: Any
) -> None:
    visit = book("2026-11-19T10:00")
    join(leo)
    shortly = now + timedelta(hours=47, minutes=-15)  # 08:45 on the day; the notice is two hours
    free(visit, at=shortly)
    assert run(shortly) == 0
    assert run(now + timedelta(days=3)) == 0
    assert WaitlistEntry.objects.get().state == "over"


def test_an_offer_ends_where_the_notice_begins(
    river: Stage, join: Any, leo: Actor, free: Any, run: Any, book: Any, now: Any
) -> None:
    visit = book("2026-11-19T14:00")
    join(leo, replace(TEN, opens=840, closes=841))
    morning = now + timedelta(days=2, hours=1)  # 11:00, three hours before
    free(visit, at=morning)
    run(morning)
    assert open_offers()[0].expires_at == morning + timedelta(hours=1)


def test_at_night_nobody_is_asked(taken: VisitFacts, join: Any, leo: Actor, free: Any, run: Any, now: Any) -> None:
    join(leo)
    night = now + timedelta(hours=14)
    free(taken, at=night)
    assert run(night) == 0
    assert run(now + timedelta(hours=23)) == 1


def test_new_hours_are_offered_too(river: Stage, join: Any, leo: Actor, run: Any, now: Any) -> None:
    from unknot.availability.models import DayException

    wednesday = Wish("therapeutic-60", date(2026, 11, 18), date(2026, 11, 18), place="studio")
    join(leo, wednesday)
    assert run() == 0
    DayException.objects.create(
        practice=river.practice,
        therapist=river.therapists["maren-oduya"],
        date=date(2026, 11, 18),
        kind="extra",
        mode="clinic",
        place=river.places["studio"],
        opens=780,
        closes=900,
    )
    assert run() == 1


def test_a_worker_killed_in_the_middle_leaves_all_or_nothing(
    taken: VisitFacts, join: Any, leo: Actor, free: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(leo)
    free(taken)
    with monkeypatch.context() as patch:

        def die(*args: Any, **kwargs: Any) -> None:
            raise KeyboardInterrupt

        patch.setattr(room.audit, "record", die)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert (open_offers(), mails(), Appointment.objects.filter(state="held").count()) == ([], 0, 0)
    assert (run(), run(), len(open_offers()), mails()) == (1, 0, 1, 1)


def test_staff_see_the_line_and_nobody_else(
    river: Stage, taken: VisitFacts, join: Any, leo: Actor, priya: Actor, staff_of: Any, now: Any
) -> None:
    join(priya, after=1)
    join(leo)
    line = queries.waiting(by=staff_of(river, "owner"), now=now)
    assert [(one.client_id, one.ahead) for one in line] == [(leo.client_id, 0), (priya.client_id, 1)]
    with pytest.raises(NotFoundError):
        queries.waiting(by=leo, now=now)


def test_five_wishes_at_most(taken: VisitFacts, join: Any, leo: Actor) -> None:
    for number in range(5):
        join(leo, replace(TEN, opens=600 - number))
    with pytest.raises(actions.TooManyWaitsError):
        join(leo, replace(TEN, closes=602))


def test_other_news_wakes_nobody(river: Stage, taken: VisitFacts, join: Any, leo: Actor, now: Any) -> None:
    join(leo)
    events.tell(events.VisitNews("booked", river.practice.id, taken.id, "confirmed", now))
    assert waiting_jobs() == 0
    for _ in range(2):
        events.tell(events.VisitNews("decline", river.practice.id, taken.id, "cancelled", now))
    assert waiting_jobs() == 1


def test_a_massage_closed_to_new_people_is_neither_waited_for_nor_offered(
    river: Stage, taken: VisitFacts, join: Any, leo: Actor, free: Any, run: Any
) -> None:
    entry = join(leo)
    row = river.services["therapeutic-60"]
    row.new_clients = "no"
    row.save()
    free(taken)
    assert run() == 0
    with pytest.raises(actions.NotForNewError):
        join(leo, replace(TEN, closes=602))
    assert WaitlistEntry.objects.get(pk=entry).state == "waiting"
