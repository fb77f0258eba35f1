"""The review page."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from unknot.config.demo_data.build import Stage

TOMASZ, PRIYA = "tomasz@clients.example", "priya@clients.example"


@pytest.fixture
def recently() -> datetime:
    return timezone.now() - timedelta(days=7)


def path(visit: UUID) -> str:
    return f"/p/riverbend/my/visits/{visit}/review/"


def test_written_shown_and_changed(
    riverbend: Stage, visited: Callable[..., UUID], signed_in: Callable[..., Client], recently: datetime, client: Client
) -> None:
    address = path(visited(riverbend, TOMASZ, recently))
    tomasz = signed_in(riverbend.clients[TOMASZ].account_id)
    assert tomasz.get(address).status_code == 200
    answer = tomasz.post(address, {"stars": "5", "words": "Unhurried, and she explains what she does."})
    assert (answer.status_code, answer["Location"]) == (302, "/p/riverbend/therapists/maren-oduya/#reviews")
    assert "Unhurried, and she explains" in client.get("/p/riverbend/therapists/maren-oduya/").content.decode()
    assert "Change your review" in tomasz.get(address).content.decode()
    assert tomasz.post(address, {"stars": "4", "words": ""}).status_code == 302
    assert "Unhurried, and she explains" not in client.get("/p/riverbend/").content.decode()


def test_health_details_are_asked_about_once(
    riverbend: Stage, visited: Callable[..., UUID], signed_in: Callable[..., Client], recently: datetime
) -> None:
    address = path(visited(riverbend, TOMASZ, recently))
    tomasz = signed_in(riverbend.clients[TOMASZ].account_id)
    given = {"stars": "5", "words": "She was so careful after my surgery."}
    answer = tomasz.post(address, given)
    assert answer.status_code == 422
    assert "Nothing is published yet" in answer.content.decode()
    assert "She was so careful after my surgery." in answer.content.decode()
    assert tomasz.post(address, given | {"as_it_is": "on"}).status_code == 302


@pytest.mark.parametrize("given", [{}, {"stars": "6"}, {"stars": "5", "words": "Write to me: a@b.example, please"}])
def test_what_cannot_be_published_stays_typed(
    riverbend: Stage,
    visited: Callable[..., UUID],
    signed_in: Callable[..., Client],
    recently: datetime,
    given: dict[str, str],
) -> None:
    tomasz = signed_in(riverbend.clients[TOMASZ].account_id)
    answer = tomasz.post(path(visited(riverbend, TOMASZ, recently)), given)
    assert answer.status_code == 422
    assert given.get("words", "") in answer.content.decode()


def test_who_may_open_it(
    riverbend: Stage, visited: Callable[..., UUID], signed_in: Callable[..., Client], recently: datetime, client: Client
) -> None:
    address = path(visited(riverbend, TOMASZ, recently))
    assert client.get(address).status_code == 302
    assert signed_in(riverbend.clients[PRIYA].account_id).get(address).status_code == 404
    owner = next(person for role, person in riverbend.staff if role == "owner")
    assert signed_in(owner.pk).get(address).status_code == 404
