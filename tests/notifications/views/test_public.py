"""The page that a mail's stop link opens."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.test import Client

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.notifications import queries
from unknot.notifications.models import Stop
from unknot.notifications.queries import Kind


def address(stage: Stage) -> str:
    client = stage.clients["tomasz@clients.example"]
    link = queries.stop_link(practice_id=stage.practice.id, client_id=client.pk, kind=Kind.BOOKING_REMINDER)
    return link.removeprefix(settings.UNKNOT_URL)


def stopped(stage: Stage) -> list[str]:
    with tenancy.scope(practice_id=stage.practice.id):
        return [one.kind for one in Stop.objects.all()]


def test_opening_the_link_changes_nothing(riverbend: Stage) -> None:
    answer = Client().get(address(riverbend))
    assert (answer.status_code, stopped(riverbend)) == (200, [])


def test_one_post_stops_it_without_a_cookie(riverbend: Stage) -> None:
    browser = Client(enforce_csrf_checks=True)
    for _ in range(2):
        assert browser.post(address(riverbend), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert stopped(riverbend) == ["booking_reminder"]


def test_a_made_up_link_is_unknown(db: None, django_assert_num_queries: Callable[..., Any]) -> None:
    assert Client().get("/mail/stop/abc:def:ghi/").status_code == 404
