"""The style given at a visit, beside the guide's lean."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from unknot.booking.queries import VisitFacts
from unknot.intake import actions as intake
from unknot.intake import queries as intake_queries
from unknot.intake.models import StyleChoice
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)


def choose(by: Actor, visit: VisitFacts, choice: str, reason: str = "", *, at: datetime = START) -> StyleChoice:
    assert visit.client_id is not None
    return intake.record_choice(
        by=by, appointment_id=visit.id, client_id=visit.client_id, intake_id=visit.intake_id, choice=choice,
        reason=reason, now=at,
    )  # fmt: skip


def test_another_style_than_the_lean_needs_a_reason(visit: VisitFacts, maren: Actor) -> None:
    assert choose(maren, visit, "lighter_only").lean == "lighter_only"
    with pytest.raises(intake.ChoiceError) as refusal:
        choose(maren, visit, "combine", "  ")
    assert refusal.value.field == "reason"
    choose(maren, visit, "combine", "Asked for firmer work on the shoulder", at=START + timedelta(minutes=1))
    newest = intake_queries.choice_of(visit.id)
    assert newest is not None
    assert (newest.choice, newest.lean, newest.by) == ("combine", "lighter_only", "Maren Oduya")
    assert StyleChoice.objects.count() == 2
    assert intake_queries.lean_and_choice(by=maren) == [("lighter_only", "combine", 1)]


def test_only_therapists_say_and_count(visit: VisitFacts, tomasz: Actor) -> None:
    with pytest.raises(NotFoundError):
        choose(tomasz, visit, "deep", "x")
    with pytest.raises(NotFoundError):
        intake_queries.lean_and_choice(by=tomasz)
    assert not StyleChoice.objects.exists()


def test_the_pages(
    visit: VisitFacts, maren: Actor, signed_in: Callable[..., Client], django_assert_num_queries: Callable[..., Any]
) -> None:
    browser = signed_in(maren.account_id)
    url = reverse("intake:style", args=["riverbend", visit.id])
    assert "Lighter work only" in browser.get(url).content.decode()
    refused = browser.post(url, {"choice": "deep", "reason": ""})
    assert (refused.status_code, "say why" in refused.content.decode()) == (422, True)
    kept = browser.post(url, {"choice": "deep", "reason": "typed words"}, follow=True).content.decode()
    assert "typed words" in kept
    page = browser.get(reverse("intake:styles", args=["riverbend"])).content.decode()
    assert "In 0 of 1 visits" in page
    browser.post(url, {"choice": "lighter_only", "reason": ""})
    assert "In 1 of 1 visits" in browser.get(reverse("intake:styles", args=["riverbend"])).content.decode()
    with django_assert_num_queries(1):
        intake_queries.choice_of(visit.id)
