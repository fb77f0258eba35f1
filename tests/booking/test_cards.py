"""The cards of the search: what marks them, who makes them anew, and that they say what the rows say."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from unknot.availability import actions as availability
from unknot.availability.domain.opening import Break, OpeningRule
from unknot.availability.models import OutsideBusy, OutsideCalendar
from unknot.availability.queries import unpack
from unknot.booking import actions, queries
from unknot.booking.models import Appointment, Card, CardMark
from unknot.booking.queries import Clock, NearQuery, VisitFacts, cards_near, wrong_cards
from unknot.booking.queries.card_check import compare
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor, system
from unknot.practice import queries as practices
from unknot.practice.models import Credential, Offer, Place, Practice, Room, Service, Therapist
from unknot.practice.queries import PracticeFacts

Facts = Callable[[Stage], PracticeFacts]


def renew(stage: Stage, now: datetime) -> int:
    return actions.renew_cards(by=system(stage.practice.id), now=now)


def check(stage: Stage, now: datetime) -> list[Any]:
    return compare(stage.practice.id, now=now)[1]


def state() -> dict[str, bool]:
    """Which cards are stale, by therapist and place."""
    rows = Card.objects.values_list("therapist__slug", "place__slug", "stale")
    return {f"{who}@{place or 'home'}": stale for who, place, stale in rows}


def test_one_card_for_each_place_and_for_home_visits(hills: Stage, hands: Stage, now: datetime) -> None:
    with tenancy.scope(practice_id=hills.practice.id):
        assert renew(hills, now) == len(state()) == 6
    assert renew(hands, now) == len(state())
    assert "amara-nwosu@home" in state()
    assert not any(state().values())
    assert CardMark.objects.count() == 0
    assert check(hands, now) == []


def test_a_card_gives_the_starts_of_the_diary(river: Stage, facts: Facts, now: datetime) -> None:
    renew(river, now)
    place, practice = river.places["studio"], facts(river)
    for slug, minutes in (("therapeutic-60", 60), ("deep_tissue", 90)):
        service = next(one for one in practices.services() if slug in (one.slug, one.kind) and one.minutes == minutes)
        asked = NearQuery(
            lat=place.lat,
            lon=place.lon,
            radius_km=5,
            service=slug,
            minutes=minutes,
            at_home=False,
            since=now,
            before=now + timedelta(days=80),
        )
        (card,) = cards_near(asked)
        every = queries.open_slots(practice=practice, service=service, first=date.min, last=date.max, now=now)
        clock = Clock(asked, now, count=10_000)
        assert clock.instants(clock.starts(card) or []) == [
            slot.starts_at for slot in every if slot.place_slug == "studio"
        ]
        assert len(every) > 100


SOURCES: dict[str, Callable[[Stage], Any]] = {
    "practice": lambda one: Practice.objects.filter(pk=one.practice.pk).update(grid_minutes=30),
    "place": lambda one: Place.objects.filter(slug="studio").update(lat=53.6),
    "room": lambda one: Room.objects.filter(place__slug="studio").update(attributes=["quiet"]),
    "service": lambda one: Service.objects.filter(slug="therapeutic-60").update(buffer_after=30),
    "therapist": lambda one: Therapist.objects.filter(slug="maren-oduya").update(listed=False),
    "offer": lambda one: Offer.objects.filter(service__slug="therapeutic-60").delete(),
    "credential": lambda one: Credential.objects.filter(kind="course").delete(),
    "practice hidden": lambda one: Practice.objects.filter(pk=one.practice.pk).update(published=False),
}


@pytest.mark.parametrize("name", SOURCES)
def test_whoever_changes_a_source_row_marks_its_cards(river: Stage, now: datetime, name: str) -> None:
    renew(river, now)
    SOURCES[name](river)
    assert CardMark.objects.count() == 1
    assert check(river, now) == []  # marked: nobody believes them
    before = list(Card.objects.values())
    CardMark.objects.all().delete()
    assert check(river, now) != [] or name == "room"  # a studio without access notes says the same with a quiet room
    CardMark.objects.create(practice=river.practice, since=now)
    actions.renew_marked(by=system(river.practice.id), now=now)
    assert (CardMark.objects.count(), check(river, now)) == (0, [])
    assert before != list(Card.objects.values()) or name == "room"


def test_an_outside_calendar_marks_its_therapist(river: Stage, now: datetime) -> None:
    renew(river, now)
    maren = river.therapists["maren-oduya"]
    calendar = OutsideCalendar.objects.create(
        practice=river.practice, therapist=maren, address="https://x.example/a", host="x", made_at=now
    )
    start = datetime(2026, 11, 19, 17, tzinfo=UTC)
    taken = {"practice": river.practice, "calendar": calendar, "therapist": maren, "starts_at": start}
    OutsideBusy.objects.create(**taken, ends_at=start + timedelta(hours=1))
    assert list(CardMark.objects.values_list("therapist_id", flat=True)) == [maren.pk]
    before = gaps("studio")
    actions.renew_marked(by=system(river.practice.id), now=now)
    assert gaps("studio") != before
    assert check(river, now) == []
    calendar.delete()
    actions.renew_marked(by=system(river.practice.id), now=now)
    assert (gaps("studio"), CardMark.objects.count()) == (before, 0)


def test_hours_renew_the_therapists_cards_at_once(river: Stage, now: datetime) -> None:
    renew(river, now)
    maren = river.therapists["maren-oduya"]
    by = system(river.practice.id)
    hours = [availability.WeeklyHours(OpeningRule(0, 600, 960), river.places["studio"].pk)]
    availability.set_hours(by=by, therapist_id=maren.pk, hours=hours, breaks=[Break(0, 720, 780)], now=now)
    assert state() == {"maren-oduya@studio": False}
    assert (CardMark.objects.count(), check(river, now)) == (0, [])
    closed = availability.add_exception(by=by, therapist_id=maren.pk, day=date(2026, 11, 23), kind="closed", now=now)
    assert (CardMark.objects.count(), check(river, now)) == (0, [])
    availability.remove_exception(by=by, exception_id=closed, now=now)
    assert (CardMark.objects.count(), check(river, now)) == (0, [])


def gaps(slug: str) -> list[Any]:
    card = Card.objects.get(place__slug=slug)
    return unpack(bytes(card.gaps), card.base_cell)


def test_every_write_of_the_diary_renews_in_its_own_transaction(
    river: Stage, book: Callable[..., VisitFacts], tomasz: Actor, now: datetime
) -> None:
    renew(river, now)
    free = gaps("studio")
    visit = book("2026-11-19T09:00")
    taken = gaps("studio")
    assert taken != free
    assert check(river, now) == []
    actions.reschedule(by=tomasz, appointment_id=visit.id, local_start="2026-11-23T10:00", now=now)
    assert gaps("studio") not in (free, taken)
    assert check(river, now) == []
    actions.cancel(by=tomasz, appointment_id=visit.id, now=now)
    assert gaps("studio") == free
    assert not any(state().values())
    assert Card.objects.get(place__slug="studio").version == 4


def test_a_hold_counts_until_it_runs_out_and_no_longer(
    river: Stage, facts: Facts, now: datetime, tomasz: Actor
) -> None:
    renew(river, now)
    free = gaps("studio")
    given: dict[str, Any] = {
        "by": tomasz,
        "practice": facts(river),
        "service_slug": "therapeutic-60",
        "therapist_slug": "maren-oduya",
        "place_slug": "studio",
        "now": now,
    }
    hold = actions.hold_slot(**given, local_start="2026-11-19T09:00")
    card = Card.objects.get(place__slug="studio")
    assert (card.stale, card.holds_until) == (False, hold.expires_at)
    assert check(river, now) == []
    actions.hold_slot(**given, local_start="2026-11-23T10:00")  # ends the first one
    assert check(river, now) == []
    later = now + timedelta(minutes=11)
    assert check(river, later) == []  # says itself that it is not to be trusted
    actions.expire_holds(by=system(river.practice.id), now=later)
    actions.renew_marked(by=system(river.practice.id), now=later)
    assert (gaps("studio"), Card.objects.get(place__slug="studio").holds_until) == (free, None)


def test_a_refused_write_changes_no_card(river: Stage, book: Callable[..., VisitFacts], now: datetime) -> None:
    renew(river, now)
    book("2026-11-19T09:00")
    before = list(Card.objects.values())
    with pytest.raises(actions.SlotTakenError):
        book("2026-11-19T09:00")
    assert list(Card.objects.values()) == before


def test_a_write_past_every_action_is_noticed(river: Stage, book: Callable[..., VisitFacts], now: datetime) -> None:
    renew(river, now)
    visit = book("2026-11-19T09:00")
    Appointment.objects.filter(pk=visit.id).update(state="cancelled")
    assert set(state().values()) == {True}
    assert actions.renew_marked(by=system(river.practice.id), now=now) == len(state())
    assert check(river, now) == []


def test_a_visit_here_makes_the_card_of_another_practice_stale(
    riverbend: Stage, foothills: Stage, book: Callable[..., VisitFacts], now: datetime
) -> None:
    maren = riverbend.therapists["maren-oduya"]
    noor = foothills.therapists["noor-haddad"]
    with tenancy.scope(practice_id=foothills.practice.id):
        Therapist.objects.filter(pk=noor.pk).update(account_id=maren.account_id)
        renew(foothills, now)
        assert not any(state().values())
    book("2026-11-19T09:00")
    with tenancy.scope(practice_id=foothills.practice.id):
        assert [who for who, stale in state().items() if stale] == ["noor-haddad@clinic"]
        assert check(foothills, now) == []
        actions.renew_marked(by=system(foothills.practice.id), now=now)
        assert not any(state().values())
        assert check(foothills, now) == []


def test_the_check_sees_a_wrong_card(river: Stage, now: datetime) -> None:
    renew(river, now)
    assert wrong_cards(now=now) == []
    Card.objects.filter(place__slug="studio").update(gaps=b"")
    assert [one.what for one in wrong_cards(now=now)] == ["free-time"]
    Card.objects.filter(place__slug="studio").update(max_level=1)
    assert [one.what for one in wrong_cards(now=now)] == ["facts"]
    Card.objects.filter(place__slug="studio").delete()
    assert [one.what for one in wrong_cards(now=now)] == ["missing"]


def test_nobody_but_the_system_renews(river: Stage, tomasz: Actor, now: datetime) -> None:
    from unknot.kernel.errors import NotFoundError

    for action in (actions.renew_cards, actions.renew_marked):
        with pytest.raises(NotFoundError):
            action(by=tomasz, now=now)


def test_strangers_read_cards_and_write_none(riverbend: Stage, foothills: Stage, now: datetime) -> None:
    with tenancy.scope(practice_id=riverbend.practice.id):
        renew(riverbend, now)
    with tenancy.scope():
        assert Card.across_practices.count() == 2
    with tenancy.scope(practice_id=foothills.practice.id):
        assert Card.across_practices.update(stale=True) == 0
        assert Card.across_practices.all().delete()[0] == 0


def test_the_nearest_come_from_the_index(riverbend: Stage, now: datetime) -> None:
    """The walls must not stand between the scan and its index: a filter instead would read every card there is."""
    with tenancy.scope(practice_id=riverbend.practice.id):
        renew(riverbend, now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM booking_card WHERE position <@ cube_enlarge('(1, 2, 3)', 20, 3) "
            "ORDER BY position <-> '(1, 2, 3)' LIMIT 32"
        )
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert "Index Scan using card_by_position" in plan
    assert 'Index Cond: ("position" <@ ' in plan
    assert 'Order By: ("position" <-> ' in plan
    assert "Sort" not in plan
