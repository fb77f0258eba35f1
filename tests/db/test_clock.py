"""A server whose clock is not the database's does nothing: what is kept for somebody stays kept."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from unknot.booking.models import Appointment
from unknot.config import doctor
from unknot.config.demo_data.build import Stage
from unknot.config.findings import FAIL, OK, WARN
from unknot.db import clock, tenancy
from unknot.practice.models import Practice

Wrong = Callable[[float], None]
MOMENTS = st.floats(0, 4e9)


@pytest.fixture
def wrong(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Wrong:
    """`wrong(seconds)`: this process's clock is so much ahead, both for the comparison and for the program."""
    settings.UNKNOT_CLOCK_TOLERANCE = 2
    right = timezone.now

    def shift(seconds: float) -> None:
        monkeypatch.setattr(clock, "own", lambda: time.time() + seconds)
        monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(seconds=seconds))

    return shift


@given(MOMENTS, st.floats(0, 100), st.floats(0, 1))
def test_a_right_clock_is_never_called_wrong_however_long_the_answer_took(
    asked: float, took: float, share: float
) -> None:
    assert clock.compare(asked, min(asked + took * share, asked + took), asked + took) == 0


@given(MOMENTS, st.floats(0, 100), st.floats(0.01, 1e6))
def test_a_clock_is_wrong_by_at_least_what_is_said(asked: float, took: float, wrong: float) -> None:
    ahead = clock.compare(asked + wrong, asked, asked + wrong + took)
    behind = clock.compare(asked - wrong - took, asked, asked - wrong)
    assert ahead == pytest.approx(wrong, abs=1e-3)
    assert behind == pytest.approx(-wrong, abs=1e-3)


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "works"), [(0, True), (1.5, True), (-1.5, True), (4, False), (-86400, False)])
def test_work_begins_only_by_the_right_clock(wrong: Wrong, seconds: float, works: bool) -> None:
    wrong(seconds)
    if works:
        with tenancy.scope():
            return
    with pytest.raises(clock.ClockWrongError), tenancy.scope():
        raise AssertionError("the work began")


@pytest.mark.django_db
def test_a_clock_that_jumps_in_the_middle_of_a_write_takes_it_back(wrong: Wrong, riverbend: Stage) -> None:
    wrong(0)

    def rename() -> None:
        with tenancy.scope(practice_id=riverbend.practice.id):
            Practice.objects.filter(pk=riverbend.practice.id).update(name="Another")
            wrong(3600)

    with pytest.raises(clock.ClockWrongError):
        rename()
    wrong(0)
    riverbend.practice.refresh_from_db()
    assert riverbend.practice.name != "Another"


@pytest.mark.django_db
def test_without_a_tolerance_nothing_is_compared(wrong: Wrong, settings: Any) -> None:
    settings.UNKNOT_CLOCK_TOLERANCE = 0
    wrong(86400)
    with tenancy.scope():
        pass


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_kept_time_is_neither_offered_nor_taken_nor_confirmed_by_a_wrong_clock(
    riverbend: Stage, wrong: Wrong, seconds: float
) -> None:
    """A server an hour ahead would think the hold over, one an hour behind would confirm it when it is."""
    wrong(0)
    day = str(timezone.now().date() + timedelta(days=7))
    asked = {"service": "therapeutic-60", "from": day, "to": str(timezone.now().date() + timedelta(days=20))}
    api, base = Client(), "/api/v1/practices/riverbend/slots"
    slot = api.get(base, asked).json()["slots"][0]
    wish = {"practice": "riverbend", "service": "therapeutic-60", "place": slot["place"]}
    wish |= {"local_start": slot["local_start"], "therapist": slot["therapist"]}

    def post() -> Any:
        return api.post("/api/v1/holds", json.dumps(wish), content_type="application/json")

    assert post().status_code == 201
    wrong(seconds)
    refused = post()
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[-1]) == (503, "clock-wrong")
    assert "Nothing was done" in refused.json()["detail"]
    assert api.get(base, asked).status_code == 503
    assert api.get("/healthz").status_code == 503
    page = api.get("/p/riverbend/book/")
    assert (page.status_code, "Nothing was done" in page.content.decode()) == (503, True)
    wrong(0)
    assert api.get("/healthz").status_code == 200
    assert slot["local_start"] not in {one["local_start"] for one in api.get(base, asked).json()["slots"]}
    assert post().status_code == 409
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert list(Appointment.objects.values_list("state", flat=True)) == ["held"]


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "status"), [(0, OK), (1, WARN), (-1, WARN), (60, FAIL)])
def test_the_doctor_looks_at_the_clock(wrong: Wrong, seconds: float, status: str) -> None:
    wrong(seconds)
    assert [one.status for one in doctor.clock()] == [status]
