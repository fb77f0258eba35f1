"""The progress view: what counts, what is proposed, who signed."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from unknot.audit.models import Entry
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.outcomes import actions, queries
from unknot.outcomes.actions import BadIntervalError, ReasonMissingError, StaleProposalError

TOMASZ = "tomasz@clients.example"
TUESDAYS = [date(2026, 9, 15), date(2026, 9, 22), date(2026, 9, 29), date(2026, 10, 13), date(2026, 11, 3)]
Visit = Callable[..., Appointment]


@pytest.fixture
def maren(riverbend: Stage, staff_of: Callable[..., Actor]) -> Iterator[Actor]:
    """Maren, inside Riverbend's walls."""
    actor = staff_of(riverbend, "therapist")
    with tenancy.scope(practice_id=riverbend.practice.id, account_id=actor.account_id):
        yield actor


def rate_weekly(by: Actor, client: Any, values: list[int], *, context: str = "weekly") -> None:
    """One rating a week from 9 September on, each recorded on its day."""
    for week, value in enumerate(values):
        at = datetime(2026, 9, 9, 20, 0, tzinfo=UTC) + timedelta(weeks=week)
        actions.record_measure(
            by=by, client_id=client, instrument="nprs", value=value, window="average_24h", context=context, now=at
        )


def test_without_ratings_there_is_general_guidance(riverbend: Stage, maren: Actor, now: datetime) -> None:
    view = queries.progress(riverbend.clients[TOMASZ].pk, by=maren, now=now)
    assert (view.ratings.points, view.ratings.change, view.last_session) == ((), None, None)
    assert (view.proposal.kind, view.proposal.sure) == ("general", "not_yet")
    assert view.proposal.sure_words.startswith("Not sure yet")


def test_the_trend_with_marks_and_a_personal_proposal(
    riverbend: Stage, maren: Actor, visit_on: Visit, now: datetime
) -> None:
    client = riverbend.clients[TOMASZ].pk
    for number, day in enumerate(TUESDAYS):
        visit_on(riverbend, TOMASZ, day, "deep-tissue-60" if number == 1 else "therapeutic-60")
    visit_on(riverbend, TOMASZ, date(2026, 10, 20), state="no_show")
    rate_weekly(maren, client, [7, 7, 6, 5, 5, 4, 5, 4, 3])
    view = queries.progress(client, by=maren, now=now)
    assert [one.day for one in view.sessions] == TUESDAYS
    assert [one.style for one in view.sessions] == ["lighter", "deep", "lighter", "lighter", "lighter"]
    assert view.ratings.points[0] == (date(2026, 9, 9), 7.0, "weekly")
    assert view.ratings.change is not None
    assert (view.ratings.change.direction, view.ratings.change.exceeds_mdc) == ("better", True)
    assert (view.proposal.kind, view.proposal.n_ratings) == ("personal", 9)
    assert view.proposal.on is not None
    assert view.proposal.on >= view.today
    assert len(view.proposal.with_session) == len(view.proposal.without_session) > 14


def test_soreness_after_visits_is_told_and_two_long_ones_make_the_next_lighter(
    riverbend: Stage, maren: Actor, visit_on: Visit, now: datetime
) -> None:
    client = riverbend.clients[TOMASZ].pk
    Intake.objects.create(practice=riverbend.practice, client_id=client, guide={"lean": "deep"}, created_at=now)
    visits = [visit_on(riverbend, TOMASZ, day, "deep-tissue-60") for day in TUESDAYS[:2]]
    rate_weekly(maren, client, [6] * 6)
    assert (queries.progress(client, by=maren, now=now).proposal.sore_words, len(visits)) == ("", 2)
    for visit in visits:
        for context, value in (("day_after", 6), ("day_three", 4)):
            actions.record_measure(
                by=maren,
                client_id=client,
                instrument="soreness",
                value=value,
                context=context,
                appointment_id=visit.pk,
                now=visit.ends_at + timedelta(days=3),
            )
    found = queries.progress(client, by=maren, now=now).proposal
    assert "going by 2 answers and what is usual" in found.sore_words
    assert found.style == "lighter"
    assert any("two sessions in a row left you sore" in line for line in found.why)


@pytest.mark.parametrize(("values", "direction"), [([4, 6], "worse"), ([6, 4], "better"), ([5, 6], "about_same")])
def test_worse_is_said_as_plainly_as_better(
    riverbend: Stage, maren: Actor, now: datetime, values: list[int], direction: str
) -> None:
    client = riverbend.clients[TOMASZ].pk
    rate_weekly(maren, client, values)
    change = queries.progress(client, by=maren, now=now).ratings.change
    assert change is not None
    assert change.direction == direction


def test_a_rating_of_the_day_after_is_shown_but_neither_judged_nor_modelled(
    riverbend: Stage, maren: Actor, now: datetime
) -> None:
    client = riverbend.clients[TOMASZ].pk
    rate_weekly(maren, client, [6, 6, 6, 6])
    rate_weekly(maren, client, [6, 6, 6, 6, 1], context="day_after")
    view = queries.progress(client, by=maren, now=now)
    assert (len(view.ratings.points), view.ratings.points[-1][1], view.proposal.n_ratings) == (9, 1.0, 4)
    assert view.ratings.change is not None
    assert view.ratings.change.direction == "about_same"


def test_ratings_in_the_room_are_kept_apart(riverbend: Stage, maren: Actor, now: datetime) -> None:
    client = riverbend.clients[TOMASZ].pk
    rate_weekly(maren, client, [6, 6, 6, 6])
    rate_weekly(maren, client, [1, 1, 1, 1], context="in_room")
    view = queries.progress(client, by=maren, now=now)
    assert (len(view.ratings.points), len(view.in_room)) == (4, 4)
    assert (view.proposal.n_ratings, view.proposal.kind) == (4, "general")


def test_pain_over_another_window_is_another_series(riverbend: Stage, maren: Actor, now: datetime) -> None:
    client = riverbend.clients[TOMASZ].pk
    given: dict[str, Any] = {"by": maren, "client_id": client, "instrument": "nprs", "value": 6, "now": now}
    actions.record_measure(**given, window="now", context="before")
    actions.record_measure(**given | {"instrument": "pgic", "value": 2}, context="review")
    view = queries.progress(client, by=maren, now=now)
    assert view.ratings.points == ()
    assert [one.name for one in view.others] == ["Pain right before a visit", "Overall change since the start"]
    assert view.others[1].change is not None
    assert view.others[1].change.direction == "better"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_does_not_grow(
    riverbend: Stage,
    maren: Actor,
    visit_on: Visit,
    now: datetime,
    django_assert_num_queries: Callable[..., Any],
    rows: int,
) -> None:
    client = riverbend.clients[TOMASZ].pk
    for day in TUESDAYS[:rows]:
        visit_on(riverbend, TOMASZ, day)
    rate_weekly(maren, client, [6] * rows)
    for number in range(rows):
        actions.set_goal(by=maren, client_id=client, words=f"Goal {number}", now=now)
    with django_assert_num_queries(11):
        queries.progress(client, by=maren, now=now)


def test_reading_leaves_a_line(riverbend: Stage, maren: Actor, now: datetime) -> None:
    client = riverbend.clients[TOMASZ].pk
    queries.progress(client, by=maren, now=now)
    queries.goals(client, by=maren)
    assert sorted(Entry.objects.filter(client_id=client).values_list("verb", flat=True)) == [
        "goals.read",
        "progress.read",
    ]


def test_strangers_and_made_up_ids_look_alike(
    riverbend: Stage, openhands: Stage, maren: Actor, client_of: Callable[..., Actor], now: datetime
) -> None:
    tomasz = client_of(riverbend, TOMASZ)
    tries = [(tomasz, riverbend.clients["gail@clients.example"].pk), (tomasz, uuid4()), (maren, uuid4())]
    tries += [(maren, openhands.clients[TOMASZ].pk)]
    for reader, client in tries:
        with pytest.raises(NotFoundError):
            queries.progress(client, by=reader, now=now)


def decide(by: Actor, client: Any, now: datetime, **changes: Any) -> None:
    given: dict[str, Any] = {"interval_days": 14, "style": "lighter", "reason": "Travels until then."} | changes
    actions.decide_proposal(by=by, client_id=client, now=now, **given)


def test_a_therapist_signs_and_a_visit_ends_the_signature(
    riverbend: Stage, maren: Actor, visit_on: Visit, now: datetime
) -> None:
    client = riverbend.clients[TOMASZ].pk
    visit_on(riverbend, TOMASZ, date(2026, 11, 3))
    shown = queries.progress(client, by=maren, now=now).proposal
    assert shown.on is not None
    decide(maren, client, now, interval_days=(shown.on - date(2026, 11, 3)).days, reason="", seen=shown.seen)
    signed = queries.progress(client, by=maren, now=now).proposal
    assert signed.signature is not None
    assert (signed.signature.by_name, signed.signature.adjusted, signed.on) == ("Maren Oduya", False, shown.on)
    decide(maren, client, now + timedelta(minutes=1), interval_days=35)
    adjusted = queries.progress(client, by=maren, now=now).proposal
    assert adjusted.signature is not None
    assert (adjusted.on, adjusted.signature.adjusted) == (date(2026, 12, 8), True)
    visit_on(riverbend, TOMASZ, date(2026, 11, 24))
    later = queries.progress(client, by=maren, now=now + timedelta(days=10)).proposal
    assert later.signature is None


def test_what_a_decision_needs(riverbend: Stage, maren: Actor, client_of: Callable[..., Actor], now: datetime) -> None:
    client = riverbend.clients[TOMASZ].pk
    for wrong in (-1, 181):
        with pytest.raises(BadIntervalError):
            decide(maren, client, now, interval_days=wrong)
    with pytest.raises(ReasonMissingError):
        decide(maren, client, now, reason="  ")
    with pytest.raises(StaleProposalError):
        decide(maren, client, now, seen="personal.2026-01-01.9.none")
    with pytest.raises(NotFoundError):
        decide(client_of(riverbend, TOMASZ), client, now)
    with pytest.raises(NotFoundError):
        decide(maren, uuid4(), now)


def test_a_hold_stands_until_a_therapist_decides(riverbend: Stage, maren: Actor, now: datetime) -> None:
    client = riverbend.clients[TOMASZ].pk
    actions.hold_proposal(by=maren, client_id=client, now=now)
    actions.hold_proposal(by=maren, client_id=client, now=now)
    held = queries.progress(client, by=maren, now=now).proposal
    assert (held.kind, held.on) == ("held", None)
    decide(maren, client, now + timedelta(minutes=1), interval_days=None)
    after = queries.progress(client, by=maren, now=now + timedelta(minutes=2)).proposal
    assert (after.kind, after.on, after.interval_days) == ("review", None, None)
    assert Entry.objects.filter(verb="proposal.held").count() == 1


def test_a_visit_that_is_booked_is_told(riverbend: Stage, maren: Actor, visit_on: Visit, now: datetime) -> None:
    booked = visit_on(riverbend, TOMASZ, date(2026, 11, 24), state="confirmed")
    view = queries.progress(riverbend.clients[TOMASZ].pk, by=maren, now=now)
    assert (view.next_visit_id, view.next_visit_at) == (booked.pk, booked.starts_at)


def test_a_rating_can_name_only_the_client_s_own_visit(
    riverbend: Stage, maren: Actor, visit_on: Visit, now: datetime
) -> None:
    visit = visit_on(riverbend, "gail@clients.example", date(2026, 11, 3))
    given: dict[str, Any] = {"instrument": "nprs", "value": 4, "window": "now", "context": "before", "now": now}
    for wrong in (visit.pk, uuid4()):
        with pytest.raises(NotFoundError):
            actions.record_measure(by=maren, client_id=riverbend.clients[TOMASZ].pk, appointment_id=wrong, **given)
