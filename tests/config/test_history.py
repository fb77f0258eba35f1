"""The demo's history: the same from the same seed, without overlaps, at working hours, and readable on every page."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from unknot.audit import queries as audit
from unknot.availability.models import DayException
from unknot.booking.models import ACTIVE, Appointment
from unknot.config.demo_data import cast, history
from unknot.config.demo_data.build import Stage, build_practice
from unknot.config.demo_data.diary import Diary
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.kernel.zones import local
from unknot.outcomes import queries as outcomes
from unknot.payments.models import Payment, Receipt
from unknot.people.models import Client as Person
from unknot.reviews.models import Review
from unknot.treatment import domain
from unknot.treatment.models import CheckIn, Note

NOW = datetime(2026, 11, 17, 16, 0, tzinfo=UTC)
ZONE = "America/Edmonton"


def build(role: cast.PracticeRole, now: datetime = NOW) -> Stage:
    stage = build_practice(role, now=now)
    history.write(stage, rng=random.Random(7), now=now)
    return stage


def shape(stage: Stage) -> tuple[list[Any], dict[str, int]]:
    """What must be the same: every start with its therapist, client and state, and the number of rows."""
    with tenancy.scope(practice_id=stage.practice.pk):
        starts = sorted(Appointment.objects.values_list("starts_at", "therapist__slug", "client__name", "state"))
        counts = {model.__name__: model.objects.count() for model in (Note, CheckIn, Payment, Receipt, Review)}
    return starts, counts


@pytest.fixture
def told(db: None) -> Stage:
    """Riverbend with its history."""
    return build(cast.RIVERBEND)


def test_the_same_seed_and_moment_tell_the_same_story(db: None) -> None:
    with transaction.atomic():
        first = shape(build(cast.FOOTHILLS))
        transaction.set_rollback(True)
    assert shape(build(cast.FOOTHILLS)) == first


@pytest.mark.parametrize("role", cast.PRACTICES, ids=lambda role: role.slug)
def test_nobody_is_in_two_places_and_all_work_at_their_hours(db: None, role: cast.PracticeRole) -> None:
    stage = build(role)
    diary = Diary(stage)
    with tenancy.scope(practice_id=stage.practice.pk):
        for extra in DayException.objects.select_related("therapist", "place"):
            place = extra.place.slug if extra.place else "home"
            diary.extra[extra.therapist.slug, extra.date] = (extra.opens, extra.closes, place)
        visits = list(Appointment.objects.filter(state__in=ACTIVE).select_related("therapist", "place"))
    for key in ("therapist_id", "room_id", "client_id"):
        spans: dict[Any, list[Any]] = {}
        for one in visits:
            spans.setdefault(getattr(one, key), []).append(one.blocked)
        spans.pop(None, None)
        for held in spans.values():
            held.sort(key=lambda span: span.lower)
            assert all(before.upper <= after.lower for before, after in pairwise(held))
    for one in visits:
        wall = local(one.starts_at, ZONE)
        minute, place = wall.hour * 60 + wall.minute, one.place.slug if one.place else "home"
        windows = diary.windows(one.therapist.slug, wall.date())
        length = (one.ends_at - one.starts_at).total_seconds() / 60
        assert any(o <= minute and minute + length <= c and p == place for o, c, p in windows), (wall, windows)
        assert minute % 15 == 0
        assert wall.strftime("%Y-%m-%dT%H:%M") == one.local_start


def test_states_fit_the_moment(told: Stage) -> None:
    with tenancy.scope(practice_id=told.practice.pk):
        visits = list(Appointment.objects.all())
    done = [one for one in visits if one.state in ("completed", "no_show")]
    assert all(one.ends_at <= NOW for one in done)
    assert all(one.ends_at > NOW for one in visits if one.state in ("confirmed", "requested", "in_session"))
    ahead = Counter(one.state for one in visits if one.starts_at > NOW)
    assert ahead["confirmed"] > 25


@pytest.mark.parametrize("days", range(7))
@pytest.mark.parametrize("hour", [0, 9, 14, 23])
def test_today_there_is_a_visit_to_open_whatever_the_day(db: None, days: int, hour: int) -> None:
    now = datetime(2026, 11, 16, 7, 5, tzinfo=UTC) + timedelta(days=days, hours=hour)
    stage = build_practice(cast.FOOTHILLS, now=now)
    with tenancy.scope(practice_id=stage.practice.pk):
        made = history.History(stage, random.Random(7), now)
        intakes = {one.pk: made._intake(one, history.STORIES["steady"]) for one in stage.clients.values()}
        made._today(intakes)
        made.rows.save()
        today = Appointment.objects.get(therapist__slug="noor-haddad")
    assert local(today.starts_at, ZONE).date() == local(now, ZONE).date()
    assert today.state == ("confirmed" if today.starts_at >= now else "arrived")


def test_notes_are_intact_and_some_wait(told: Stage) -> None:
    with tenancy.scope(practice_id=told.practice.pk):
        notes = list(Note.objects.all())
    signed = [one for one in notes if one.signed_at]
    assert all(one.content_hash == domain.content_hash(domain.from_data(one.content)) for one in signed)
    assert len(notes) - len(signed) == 1


def test_every_story_shows_what_it_is_about(told: Stage) -> None:
    by = system(told.practice.pk)
    with tenancy.scope(practice_id=told.practice.pk):
        views = {one.story: outcomes.progress(told.clients[one.email].pk, by=by, now=NOW) for one in told.role.clients}
        waiting = CheckIn.objects.filter(seen_by_therapist_at=None, answered_at__isnull=False)
        escalated = {one.client_id for one in waiting if one.escalation not in ("reassure", "watch")}
    better = views["responder"].ratings.change
    assert better is not None
    assert better.direction == "better"
    assert views["responder"].proposal.signature is not None
    assert views["non_responder"].proposal.review_talk
    assert not views["responder"].proposal.review_talk
    assert views["sore_after_deep"].proposal.style == "lighter"
    assert escalated == {told.clients["leo@clients.example"].pk}
    assert all(len(view.sessions) >= 7 and view.goals for view in views.values())


def test_money_is_receipted_without_gaps_and_the_record_holds(told: Stage) -> None:
    with tenancy.scope(practice_id=told.practice.pk):
        numbers = list(Receipt.objects.order_by("sequence").values_list("sequence", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert Payment.objects.count() == len(numbers) > 60
        assert audit.first_broken_link(told.practice.pk) is None
        assert Person.objects.count() == 25


def test_the_pages_have_something(told: Stage, signed_in: Callable[..., Client]) -> None:
    for one in told.role.clients:
        browser = signed_in(told.clients[one.email].account_id)
        assert 'class="chart"' in browser.get("/p/riverbend/my/progress/").content.decode()
        assert "Maren Oduya" in browser.get("/p/riverbend/my/access-log/").content.decode()
    maren = signed_in(told.therapists["maren-oduya"].account_id)
    assert "25 in all" in maren.get("/p/riverbend/desk/clients/").content.decode()
    tomasz = told.clients["tomasz@clients.example"].pk
    assert maren.get(f"/p/riverbend/desk/clients/{tomasz}/progress/").status_code == 200
