"""What a feed shows, and to whom."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from tests.interop.conftest import HOME
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.interop import actions, queries
from unknot.interop.models import Feed
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import digest, new_secret
from unknot.people.models import Membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret(river: Stage, maren: Actor, now: datetime) -> str:
    return actions.make_feed(by=maren, now=now)


@pytest.fixture
def read(river: Stage, now: datetime) -> Callable[..., list[Any]]:
    """`read(secret)`: the events at that address."""

    def reading(secret: str, *, at: datetime = now) -> list[Any]:
        content = queries.read_feed(secret, by=system(river.practice.id), now=at).content
        return [part for part in Calendar.from_ical(content).walk() if part.name == "VEVENT"]

    return reading


def test_busy_is_all_it_says_at_first(
    river: Stage, secret: str, read: Callable[..., list[Any]], visit: Callable[..., Appointment]
) -> None:
    made = visit(river, "2026-11-19T10:00")
    (found,) = read(secret)
    assert (found["SUMMARY"], found["UID"], found.get("LOCATION")) == ("Busy", f"{made.pk}@visits.unknot", None)
    assert found["DTSTART"].dt == made.starts_at


def test_initials_and_place_if_the_therapist_wants(
    river: Stage, maren: Actor, secret: str, read: Callable[..., list[Any]], visit: Callable[..., Appointment],
    now: datetime,
) -> None:  # fmt: skip
    visit(river, "2026-11-19T10:00")
    visit(river, "2026-11-19T14:00", **HOME)
    actions.change_feed(by=maren, shows="initials", with_place=True, now=now)
    studio, home = read(secret)
    assert (studio["SUMMARY"], home["SUMMARY"]) == ("T. W.", "T. W.")
    assert str(studio["LOCATION"]).startswith(river.places["studio"].name)
    assert "LOCATION" not in home
    text = queries.read_feed(secret, by=system(river.practice.id), now=now).content.decode()
    assert not any(word in text for word in ("Tomasz", "Wilk", "herapeutic", "Wolf Willow"))


def test_what_stands_is_there_and_what_does_not_is_not(
    river: Stage, secret: str, read: Callable[..., list[Any]], visit: Callable[..., Appointment], now: datetime
) -> None:
    for hour, state in enumerate(["confirmed", "arrived", "in_session", "completed", "requested"], start=8):
        visit(river, f"2026-11-19T{hour:02}:00", state=state)
    for hour, state in enumerate(["cancelled", "no_show", "expired"], start=14):
        visit(river, f"2026-11-19T{hour:02}:00", state=state)
    visit(river, "2026-11-19T18:00", state="held", hold_expires_at=now + timedelta(minutes=5))
    assert [one["STATUS"] for one in read(secret)] == ["CONFIRMED"] * 4 + ["TENTATIVE"]


def test_from_a_month_back_to_a_year_ahead(
    river: Stage, secret: str, read: Callable[..., list[Any]], visit: Callable[..., Appointment]
) -> None:
    for wall in ("2026-10-17T10:00", "2026-10-18T10:00", "2027-11-18T10:00", "2027-11-19T10:00"):
        visit(river, wall)
    assert [f"{one['DTSTART'].dt:%Y-%m-%d}" for one in read(secret)] == ["2026-10-18", "2027-11-18"]


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_however_many_visits(
    river: Stage, maren: Actor, secret: str, visit: Callable[..., Appointment], now: datetime, count: int,
    django_assert_num_queries: Callable[..., Any],
) -> None:  # fmt: skip
    actions.change_feed(by=maren, shows="initials", with_place=False, now=now)
    for day in range(count):
        visit(river, f"2026-11-{19 + day}T10:00")
    with django_assert_num_queries(12):
        queries.read_feed(secret, by=system(river.practice.id), now=now)


def refusal(secret: str, stage: Stage, now: datetime) -> str:
    with pytest.raises(queries.UnknownFeedError) as refused:
        queries.read_feed(secret, by=system(stage.practice.id), now=now)
    return refused.value.message


def test_replaced_removed_and_made_up_are_alike(river: Stage, maren: Actor, secret: str, now: datetime) -> None:
    newer = actions.make_feed(by=maren, now=now)
    assert queries.read_feed(newer, by=system(river.practice.id), now=now)
    said = {refusal(secret, river, now), refusal(new_secret(), river, now), refusal("", river, now)}
    actions.revoke_feed(by=maren, now=now)
    assert {refusal(newer, river, now)} == said


@pytest.mark.parametrize("how", ["account", "therapist", "role"])
def test_who_left_takes_the_feed_along_at_once(river: Stage, secret: str, now: datetime, how: str) -> None:
    therapist = river.therapists["maren-oduya"]
    if how == "account":
        therapist.account.is_active = False
        therapist.account.save()
    elif how == "therapist":
        therapist.active = False
        therapist.save()
    else:
        Membership.objects.filter(account=therapist.account, role="therapist").update(ended_at=now)
    refusal(secret, river, now)


def test_the_secret_is_long_and_only_its_digest_is_kept(river: Stage, secret: str) -> None:
    row = Feed.objects.get()
    assert len(secret) >= 43  # 256 bits in base64
    assert row.token_hash == digest(secret)
    assert secret not in str(Feed.objects.values().get())


def test_only_the_therapist_themselves(river: Stage, client_of: Callable[..., Actor], now: datetime) -> None:
    tomasz = client_of(river, "tomasz@clients.example")
    attempts: list[Callable[[], Any]] = [
        lambda: actions.make_feed(by=tomasz, now=now),
        lambda: actions.change_feed(by=tomasz, shows="busy", with_place=False, now=now),
        lambda: actions.revoke_feed(by=tomasz, now=now),
        lambda: actions.note_reading(by=tomasz, feed_id=tomasz.account_id, now=now),  # type: ignore[arg-type]
        lambda: queries.own_feed(by=tomasz),
    ]
    for attempt in attempts:
        with pytest.raises(NotFoundError):
            attempt()
    assert not Feed.objects.exists()


def test_another_practice_has_no_such_address(river: Stage, secret: str, foothills: Stage, now: datetime) -> None:
    from unknot.db import tenancy

    with tenancy.scope(practice_id=foothills.practice.id):
        refusal(secret, foothills, now)
