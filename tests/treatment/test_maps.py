"""Body maps of visits side by side, through the door."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from unknot.booking.queries import VisitFacts
from unknot.intake import actions as intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.treatment import queries

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)


@pytest.fixture
def over(visit: VisitFacts, tomasz: Actor, begin: Callable[..., UUID], finish: Callable[..., datetime]) -> datetime:
    """The visit is done; four days later less bothers the client."""
    end = finish(visit, begin(visit, START), START)
    later = end + timedelta(days=4)
    intake.record_places(by=tomasz, places=[{"region": "low_back", "laterality": "left", "intensity": 3}], now=later)
    return later


def test_then_and_now(visit: VisitFacts, tomasz: Actor, maren: Actor, over: datetime) -> None:
    assert visit.client_id is not None
    then, now = queries.visit_maps(visit.client_id, by=maren, now=over)
    assert then.visit is not None
    assert (then.visit.id, now.visit) == (visit.id, None)
    assert {one.region for one in then.marked} == {"low_back", "shoulder"}
    assert [one.kind for one in now.changes] == ["less", "gone"]
    assert queries.visit_maps(visit.client_id, by=tomasz, now=over) == (then, now)


def test_strangers_see_none(visit: VisitFacts, priya: Actor, over: datetime) -> None:
    assert visit.client_id is not None
    with pytest.raises(NotFoundError):
        queries.visit_maps(visit.client_id, by=priya, now=over)


def test_the_pages_say_it_in_words(
    visit: VisitFacts, tomasz: Actor, maren: Actor, over: datetime, signed_in: Callable[..., Client]
) -> None:
    own = signed_in(tomasz.account_id).get(reverse("treatment:my_maps", args=["riverbend"])).content.decode()
    desk = reverse("treatment:client_maps", args=["riverbend", visit.client_id])
    seen: Any = signed_in(maren.account_id).get(desk)
    for page in (own, seen.content.decode()):
        assert "less, from 6 to 3." in page
        assert page.count("<figure") >= 4
    ids = [part.split('"')[0] for part in own.split(' id="')[1:]]
    assert len(ids) == len(set(ids))
