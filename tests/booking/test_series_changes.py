"""Changing a series: the visits keep their ids, none is added and none is lost."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from unknot.booking import actions, queries
from unknot.booking.domain.series import SeriesRule
from unknot.booking.models import Appointment
from unknot.booking.queries import Chosen, SeriesFacts
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.notifications.models import Message
from unknot.practice.queries import PracticeFacts

pytestmark = pytest.mark.django_db


@pytest.fixture
def maya(foothills: Stage, client_of: Callable[..., Actor]) -> Actor:
    return client_of(foothills, "maya@clients.example")


@pytest.fixture
def six(
    hills: Stage, maya: Actor, facts: Callable[[Stage], PracticeFacts], now: datetime, answered: Callable[..., UUID]
) -> SeriesFacts:
    """Six Mondays at ten with Noor."""
    return _book(hills, maya, facts, now, answered(hills, maya.client_id, now=now))


def _book(hills: Stage, by: Actor, facts: Any, now: datetime, intake_id: UUID) -> SeriesFacts:
    rule = SeriesRule(datetime.fromisoformat("2026-11-23T10:00"), 1, "weeks", 6)
    wish = actions.SeriesWish(facts(hills), "therapeutic-60", rule, "noor-haddad", "clinic")
    return actions.book_series(by=by, wish=wish, intake_id=intake_id, now=now)


def starts() -> list[str]:
    rows = Appointment.objects.exclude(state__in=["cancelled", "expired", "held"]).order_by("starts_at")
    return [f"{one.local_start[5:]}" for one in rows]


def told() -> None:
    """The confirmation left."""
    assert Message.objects.filter(kind="series_booked").update(state="sent") == 1


def mails() -> dict[str, int]:
    rows = Message.objects.filter(state="waiting").exclude(kind="booking_reminder").values_list("kind", flat=True)
    return {kind: list(rows).count(kind) for kind in rows}


MONDAYS = ["11-23T10:00", "11-30T10:00", "12-07T10:00", "12-14T10:00", "12-21T10:00", "12-28T10:00"]


def test_c20_move_visit_three_of_six(six: SeriesFacts, maya: Actor, now: datetime) -> None:
    moved = actions.move_series(
        by=maya, series_id=six.id, number=3, local_start="2026-12-08T13:00", scope="one", now=now
    )
    assert [one.number for one in moved] == [3]
    assert starts() == [*MONDAYS[:2], "12-08T13:00", *MONDAYS[3:]]
    after = queries.series(six.id, by=maya)
    assert [one.id for one in after.visits] == [one.id for one in six.visits]
    assert [one.exception for one in after.dates] == ["", "", "moved", "", "", ""]
    assert [one.sequence for one in after.visits] == [0, 0, 1, 0, 0, 0]


def test_c20_the_ordinary_door_moves_one_too(six: SeriesFacts, maya: Actor, now: datetime) -> None:
    third = six.visits[2].id
    actions.reschedule(by=maya, appointment_id=third, local_start="2026-12-08T13:00", now=now)
    assert starts() == [*MONDAYS[:2], "12-08T13:00", *MONDAYS[3:]]
    actions.cancel(by=maya, appointment_id=third, now=now)
    assert len(starts()) == 5
    assert len(queries.series(six.id, by=maya).dates) == 6


def test_c20_this_and_the_following_touches_exactly_four(six: SeriesFacts, maya: Actor, now: datetime) -> None:
    wish = {"by": maya, "series_id": six.id, "number": 3, "local_start": "2026-12-08T13:00", "now": now}
    seen = actions.move_series(**wish, preview=True)
    assert ([one.number for one in seen], [one.reason for one in seen]) == ([3, 4, 5, 6], [""] * 4)
    assert starts() == MONDAYS
    told()
    actions.move_series(**wish)
    assert starts() == [*MONDAYS[:2], "12-08T13:00", "12-15T13:00", "12-22T13:00", "12-29T13:00"]
    after = queries.series(six.id, by=maya)
    assert [one.id for one in after.visits] == [one.id for one in six.visits]
    assert [one.sequence for one in after.visits] == [0, 0, 1, 1, 1, 1]
    assert mails() == {"series_moved": 1}


def test_all_move_onto_each_other_s_places(six: SeriesFacts, maya: Actor, now: datetime) -> None:
    """A week later: each goes where the next one stood. Then back."""
    for start, first in (("2026-11-30T10:00", MONDAYS[1]), ("2026-11-23T10:00", MONDAYS[0])):
        actions.move_series(by=maya, series_id=six.id, number=1, local_start=start, scope="all", now=now)
        assert (len(starts()), starts()[0]) == (6, first)
    assert starts() == MONDAYS
    assert [one.id for one in queries.series(six.id, by=maya).visits] == [one.id for one in six.visits]


def test_one_that_can_not_move_stops_all(
    hills: Stage, six: SeriesFacts, maya: Actor, now: datetime, facts: Callable[[Stage], PracticeFacts]
) -> None:
    actions.book_directly(
        by=system(hills.practice.id),
        practice=facts(hills),
        service_slug="therapeutic-60",
        therapist_slug="noor-haddad",
        place_slug="clinic",
        local_start="2026-12-15T13:00",
        client_id=hills.clients["anders@clients.example"].pk,
        intake_id=None,
        now=now,
    )
    before, sent = starts(), mails()
    wish = {"by": maya, "series_id": six.id, "number": 3, "local_start": "2026-12-08T13:00", "now": now}
    with pytest.raises(actions.SeriesMoveError) as refused:
        actions.move_series(**wish)
    assert refused.value.extra["numbers"] == [4]
    near = refused.value.extra["conflicts"][0]["alternatives"]
    assert (starts(), mails(), bool(near)) == (before, sent, True)
    pick = Chosen(near[0]["local_start"], near[0]["therapist"], near[0]["place"])
    actions.move_series(**wish, chosen={4: pick, 6: None})
    after = queries.series(six.id, by=maya)
    assert [one.local_start[5:] for one in after.visits] == [
        *MONDAYS[:2],
        "12-08T13:00",
        near[0]["local_start"][5:],
        "12-22T13:00",
        MONDAYS[5],
    ]


def test_cancelling_one_some_and_all(six: SeriesFacts, maya: Actor, now: datetime) -> None:
    for scope, count in (("one", 1), ("following", 5), ("all", 6)):
        seen = actions.cancel_series(by=maya, series_id=six.id, number=2, scope=scope, now=now, preview=True)
        assert (len(seen.visits), seen.fee.minor) == (count, 0)
    assert starts() == MONDAYS
    told()
    actions.cancel_series(by=maya, series_id=six.id, number=2, scope="one", now=now)
    assert starts() == [MONDAYS[0], *MONDAYS[2:]]
    actions.cancel_series(by=maya, series_id=six.id, number=3, now=now)
    assert starts() == [MONDAYS[0]]
    assert mails() == {"booking_cancelled": 1, "series_cancelled": 1}
    actions.cancel_series(by=maya, series_id=six.id, number=1, scope="all", now=now)
    assert starts() == []
    assert len(queries.series(six.id, by=maya).dates) == 6
    with pytest.raises(actions.SeriesOverError):
        actions.cancel_series(by=maya, series_id=six.id, number=1, scope="all", now=now)


def test_c21_no_reminder_for_what_moved_or_was_cancelled(six: SeriesFacts, maya: Actor, now: datetime) -> None:
    actions.move_series(by=maya, series_id=six.id, number=4, local_start="2026-12-15T13:00", now=now)
    actions.cancel_series(by=maya, series_id=six.id, number=5, now=now)
    waiting = Message.objects.filter(kind="booking_reminder", state="waiting")
    found = {(one.appointment_id, one.facts["starts_at"]) for one in waiting}
    after = queries.series(six.id, by=maya).visits
    assert found == {(one.id, one.starts_at.isoformat()) for one in after if one.state == "confirmed"}


def test_each_fee_by_its_own_terms(six: SeriesFacts, maya: Actor, now: datetime) -> None:
    late = datetime.fromisoformat("2026-11-22T20:00:00+00:00")  # 14:00 the day before
    seen = actions.cancel_series(by=maya, series_id=six.id, number=1, scope="all", now=late, preview=True)
    assert [one.minor for one in seen.fees] == [5500, 0, 0, 0, 0, 0]
    done = actions.cancel_series(by=maya, series_id=six.id, number=1, scope="all", now=late)
    assert done.fee.minor == 5500


def test_past_visits_stay(six: SeriesFacts, maya: Actor, now: datetime) -> None:
    later = now + timedelta(days=15)  # two have been
    touched = actions.move_series(
        by=maya, series_id=six.id, number=3, local_start="2026-12-08T13:00", scope="all", now=later, preview=True
    )
    assert [one.number for one in touched] == [3, 4, 5, 6]


def test_requests_are_answered_together(
    hills: Stage, maya: Actor, now: datetime, facts: Any, answered: Callable[..., UUID], staff_of: Any
) -> None:
    found = _book(hills, maya, facts, now, answered(hills, maya.client_id, now=now, outcome="review"))
    with pytest.raises(NotFoundError):
        actions.answer_series(by=maya, series_id=found.id, event="confirm", now=now)
    done = actions.answer_series(by=staff_of(hills, "owner"), series_id=found.id, event="confirm", now=now)
    assert {one.state for one in done.visits} == {"confirmed"}
    assert mails()["series_booked"] == 1
    assert "booking_confirmed" not in mails()
    assert Message.objects.filter(kind="booking_reminder", state="waiting").count() == 6


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"scope": "some"}, actions.SeriesScopeError),
        ({"number": 9}, NotFoundError),
        ({"local_start": "2027-06-01T10:00"}, actions.SeriesChoiceError),
        ({"chosen": {1: None}}, actions.SeriesChoiceError),
    ],
)
def test_nonsense_is_refused_by_name(six: SeriesFacts, maya: Actor, now: datetime, change: Any, error: Any) -> None:
    usual = {"by": maya, "series_id": six.id, "number": 3, "local_start": "2026-12-08T13:00", "now": now}
    with pytest.raises(error):
        actions.move_series(**(usual | change))
    assert starts() == MONDAYS


def test_nobody_else_s(hills: Stage, six: SeriesFacts, client_of: Any, now: datetime) -> None:
    anders = client_of(hills, "anders@clients.example")
    with pytest.raises(NotFoundError):
        actions.cancel_series(by=anders, series_id=six.id, number=1, now=now)
    with pytest.raises(NotFoundError):
        actions.move_series(by=anders, series_id=six.id, number=1, local_start="2026-12-08T13:00", now=now)
