"""What a repeated request under one Idempotency-Key gets: the same answer if it had an effect, another try if not."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.web import idempotency
from unknot.web.models import IdempotentAnswer


def hold(start: str, key: str = "", therapist: str = "maren-oduya") -> Any:
    wish = {"practice": "riverbend", "service": "therapeutic-60", "place": "studio", "therapist": therapist}
    headers = {"Idempotency-Key": key} if key else {}
    body = wish | {"local_start": start}
    return Client().post("/api/v1/holds", body, content_type="application/json", headers=headers)


@pytest.fixture
def starts(riverbend: Stage) -> list[str]:
    """Starts that are free and far from each other."""
    today = timezone.now().date()
    asked = {"service": "therapeutic-60", "from": today + timedelta(days=3), "to": today + timedelta(days=12)}
    found = Client().get("/api/v1/practices/riverbend/slots", asked).json()["slots"]
    return [found[0]["local_start"], found[-1]["local_start"]]


def let_go(stage: Stage) -> None:
    with tenancy.scope(practice_id=stage.practice.id):
        Appointment.objects.filter(state="held").update(state="expired")


def test_a_refusal_is_not_kept_so_that_the_same_key_is_another_try(riverbend: Stage, starts: list[str]) -> None:
    assert hold(starts[0]).status_code == 201
    refused = hold(starts[0], "k")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/slot-taken")
    assert not IdempotentAnswer.objects.exists()
    let_go(riverbend)
    kept, again = hold(starts[0], "k"), hold(starts[0], "k")
    assert (kept.status_code, again.status_code, again.json()) == (201, 201, kept.json())
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert Appointment.objects.filter(state="held").count() == 1


def test_after_a_refusal_the_key_is_free_for_another_wish_and_then_bound_to_it(
    riverbend: Stage, starts: list[str]
) -> None:
    assert hold(starts[0]).status_code == 201
    assert hold(starts[0], "k").status_code == 409
    assert hold(starts[1], "k").status_code == 201
    other = hold(starts[0], "k")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


@pytest.mark.parametrize("start", ["2026-11-24", "1999-01-01T09:00", "2099-01-05T09:00"])
def test_no_kind_of_refusal_is_kept(riverbend: Stage, start: str) -> None:
    answers = [hold(start, "k") for _ in range(2)]
    assert {one.status_code for one in answers} <= {409, 422}
    assert answers[0].json() == answers[1].json()
    assert not IdempotentAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_twin_waits_for_the_first_and_tries_itself_only_if_that_was_refused() -> None:
    """Two connections, one key: the second neither runs beside the first nor is told of an effect that was undone."""
    for refused in (True, False):
        IdempotentAnswer.objects.all().delete()
        begun, seen = threading.Event(), []

        def twin() -> None:
            begun.wait(10)  # noqa: B023 - joined within the turn
            try:
                with transaction.atomic():
                    seen.append(idempotency.begin(who="a", key="k", request=b"same"))  # noqa: B023
            finally:
                connection.close()

        thread = threading.Thread(target=twin)
        thread.start()
        with transaction.atomic():
            assert idempotency.begin(who="a", key="k", request=b"same") is None
            begun.set()
            thread.join(0.5)
            assert thread.is_alive(), "it did not wait"
            idempotency.finish(who="a", key="k", status=201, body={"id": "1"})
            transaction.set_rollback(refused)
        thread.join(10)
        assert seen == [None if refused else idempotency.Replay(201, {"id": "1"})]
