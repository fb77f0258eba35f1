"""Only the client of a completed visit, once, and never across a wall."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from unknot.audit.models import Entry
from unknot.booking.queries import NotCompletedError
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import new_id
from unknot.reviews import actions, queries
from unknot.reviews.domain import ReviewInvalidError, ReviewNotAllowedError
from unknot.reviews.models import Review

TOMASZ, PRIYA = "tomasz@clients.example", "priya@clients.example"
KIND = "She listened first, and that made all the difference."


@pytest.fixture
def before(now: datetime) -> datetime:
    return now - timedelta(days=7)


def write(stage: Stage, by: Actor, visit: UUID, now: datetime, **given: Any) -> UUID:
    with tenancy.scope(practice_id=stage.practice.id, account_id=by.account_id):
        return actions.write_review(by=by, appointment_id=visit, **{"stars": 5, "words": KIND, "now": now} | given)


def shown(stage: Stage) -> list[queries.ReviewFacts]:
    with tenancy.scope(practice_id=stage.practice.id):
        return queries.reviews_of_practice(limit=9)


def test_a_review_is_published_under_a_short_name_and_recorded_without_its_words(
    riverbend: Stage, client_of: Callable[..., Actor], visited: Callable[..., UUID], before: datetime, now: datetime
) -> None:
    tomasz = client_of(riverbend, TOMASZ)
    write(riverbend, tomasz, visited(riverbend, TOMASZ, before), now)
    (review,) = shown(riverbend)
    assert (review.shown_as, review.words, review.stars) == ("Tomasz W.", KIND, 5)
    with tenancy.scope(practice_id=riverbend.practice.id):
        entry = Entry.objects.get(verb="review.written")
    assert (entry.client_id, entry.facts) == (tomasz.client_id, {"stars": 5})


def test_anonymous_means_that(
    riverbend: Stage, client_of: Callable[..., Actor], visited: Callable[..., UUID], before: datetime, now: datetime
) -> None:
    write(riverbend, client_of(riverbend, TOMASZ), visited(riverbend, TOMASZ, before), now, anonymous=True)
    assert [one.shown_as for one in shown(riverbend)] == ["A client"]


def test_nobody_else_reviews_a_visit_and_a_made_up_one_looks_the_same(
    riverbend: Stage,
    openhands: Stage,
    client_of: Callable[..., Actor],
    staff_of: Callable[..., Actor],
    visited: Callable[..., UUID],
    before: datetime,
    now: datetime,
) -> None:
    visit = visited(riverbend, TOMASZ, before)
    elsewhere = client_of(openhands, TOMASZ)
    strangers = [
        client_of(riverbend, PRIYA),
        staff_of(riverbend, "owner"),
        Actor(practice_id=riverbend.practice.id),
        replace(elsewhere, practice_id=riverbend.practice.id),
    ]
    said = set()
    for by in strangers:
        for asked in (visit, new_id()):
            with pytest.raises(NotFoundError) as refusal:
                write(riverbend, by, asked, now)
            said.add(refusal.value.message)
    assert len(said) == 1
    assert shown(riverbend) == []


def test_once_and_then_only_changed(
    riverbend: Stage, client_of: Callable[..., Actor], visited: Callable[..., UUID], before: datetime, now: datetime
) -> None:
    tomasz, visit = client_of(riverbend, TOMASZ), visited(riverbend, TOMASZ, before)
    write(riverbend, tomasz, visit, now)
    with pytest.raises(ReviewNotAllowedError) as refusal:
        write(riverbend, tomasz, visit, now)
    assert refusal.value.extra == {"reason": "already"}
    with tenancy.scope(practice_id=riverbend.practice.id):
        actions.change_review(by=tomasz, appointment_id=visit, stars=3, words="", now=now)
        assert queries.own_review(visit, by=tomasz) == queries.OwnReview(3, "", False)
        assert Review.objects.count() == 1


def test_not_before_the_visit_and_not_half_a_year_later(
    riverbend: Stage, client_of: Callable[..., Actor], visited: Callable[..., UUID], before: datetime, now: datetime
) -> None:
    tomasz = client_of(riverbend, TOMASZ)
    with pytest.raises(NotCompletedError):
        write(riverbend, tomasz, visited(riverbend, TOMASZ, now, state="confirmed"), now)
    with pytest.raises(ReviewNotAllowedError) as refusal:
        write(riverbend, tomasz, visited(riverbend, TOMASZ, before), before + timedelta(days=181, hours=1))
    assert refusal.value.extra == {"reason": "too_late"}


def test_contact_data_is_refused_and_nothing_saved(
    riverbend: Stage, client_of: Callable[..., Actor], visited: Callable[..., UUID], before: datetime, now: datetime
) -> None:
    visit = visited(riverbend, TOMASZ, before)
    with pytest.raises(ReviewInvalidError):
        write(riverbend, client_of(riverbend, TOMASZ), visit, now, words="Call me at 780 555 0110, really.")
    assert shown(riverbend) == []


def test_hidden_reviews_are_nowhere_and_ratings_take_one_query(
    riverbend: Stage,
    client_of: Callable[..., Actor],
    visited: Callable[..., UUID],
    before: datetime,
    now: datetime,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    maren = riverbend.therapists["maren-oduya"].pk
    for number in (1, 2, 3):
        visit = visited(riverbend, TOMASZ, before - timedelta(days=number))
        write(riverbend, client_of(riverbend, TOMASZ), visit, now)
        if number in (1, 3):
            with tenancy.scope(practice_id=riverbend.practice.id), django_assert_num_queries(1):
                assert len(queries.reviews_of_practice(limit=9)) == number
    with tenancy.scope(practice_id=riverbend.practice.id):
        Review.objects.filter(appointment_id=visit).update(hidden_reason="names a person")
    with tenancy.scope(), django_assert_num_queries(1):
        rating = queries.rating([maren, new_id()])[maren]
    assert (rating.count, rating.shown, rating.mean) == (2, False, None)
    with tenancy.scope():
        assert Review.across_practices.count() == 2
    assert len(shown(riverbend)) == 2


def test_the_practice_s_rating_counts_completed_visits_only(
    riverbend: Stage, client_of: Callable[..., Actor], visited: Callable[..., UUID], before: datetime, now: datetime
) -> None:
    for number in range(7):
        visit = visited(riverbend, TOMASZ, before - timedelta(days=number))
        if number < 5:
            write(riverbend, client_of(riverbend, TOMASZ), visit, now)
    visited(riverbend, PRIYA, now + timedelta(days=1), state="confirmed")
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert queries.rating_of_practice().sentence == "5.0 of 5 from 5 reviews of 7 completed visits"
