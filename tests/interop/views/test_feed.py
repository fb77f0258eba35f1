"""The page on which feeds are made, and the address itself."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.interop.models import Feed
from unknot.kernel.ids import new_secret
from unknot.kernel.zones import local

pytestmark = pytest.mark.django_db
PAGE = "/p/riverbend/desk/calendars/"


@pytest.fixture
def maren(riverbend: Stage, signed_in: Callable[..., Client]) -> Client:
    return signed_in(riverbend.therapists["maren-oduya"].account_id)


def make(browser: Client) -> str:
    """Makes a feed; its path."""
    page = browser.post(f"{PAGE}feed/", {"do": "make"}).content.decode()
    (path,) = re.findall(r'value="http://testserver(/p/riverbend/feeds/[\w-]{43}/diary\.ics)"', page)
    return str(path)


def test_made_read_changed_renewed_ended(riverbend: Stage, maren: Client, visit: Callable[..., Appointment]) -> None:
    soon = local(timezone.now(), "America/Edmonton").replace(tzinfo=None)
    visit(riverbend, f"{soon:%Y-%m-%d}T23:45")
    stranger = Client()
    first = make(maren)
    assert stranger.get(first).content.count(b"BEGIN:VEVENT") == 1
    assert b"SUMMARY:Busy" in stranger.get(first).content
    maren.post(f"{PAGE}feed/", {"do": "change", "shows": "initials"})
    assert b"SUMMARY:T. W." in stranger.get(first).content
    second = make(maren)
    assert stranger.get(first).status_code == 404
    assert b"SUMMARY:T. W." in stranger.get(second).content  # what it shows stays
    maren.post(f"{PAGE}feed/", {"do": "revoke"})
    assert stranger.get(second).status_code == 404
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert not Feed.objects.exists()


def test_the_address_is_shown_once(maren: Client) -> None:
    path = make(maren)
    assert path not in maren.get(PAGE).content.decode()
    assert "Nothing has read it yet" in maren.get(PAGE).content.decode()
    Client().get(path)
    assert "Last read about" in maren.get(PAGE).content.decode()


def test_nobody_stores_or_lists_it(maren: Client) -> None:
    answer = Client().get(make(maren))
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies


def test_public_pages_do_not_know_it(riverbend: Stage, maren: Client) -> None:
    make(maren)
    for path in ("/p/riverbend/", "/p/riverbend/therapists/maren-oduya/", "/sitemap.xml", "/robots.txt"):
        assert "feeds/" not in Client().get(path).content.decode().replace("/p/*/feeds/", "")


def plain(answer: Any) -> tuple[int, str]:
    """Without what differs by chance: the nonce, and the address itself in the link to sign in."""
    return answer.status_code, re.sub(r'nonce="[\w-]+"|feeds/[\w-]+', "", answer.content.decode())


def test_dead_and_made_up_addresses_look_the_same(maren: Client) -> None:
    path = make(maren)
    maren.post(f"{PAGE}feed/", {"do": "revoke"})
    made_up = f"/p/riverbend/feeds/{new_secret()}/diary.ics"
    assert plain(Client().get(path)) == plain(Client().get(made_up))


def test_guessing_is_slowed_down(riverbend: Stage, settings: Any, now: datetime) -> None:
    settings.UNKNOT_LIMIT_FACTOR = 1
    browser = Client(REMOTE_ADDR="203.0.113.77")
    with time_machine.travel(now, tick=False):  # one minute, however slow this machine is
        statuses = [browser.get(f"/p/riverbend/feeds/{number}/diary.ics").status_code for number in range(61)]
    assert set(statuses[:60]) == {404}
    assert statuses[60] == 429


def test_a_wrong_choice_is_said_and_nothing_changes(riverbend: Stage, maren: Client) -> None:
    make(maren)
    answer = maren.post(f"{PAGE}feed/", {"do": "change", "shows": "everything"})
    assert (answer.status_code, "Choose one of the two" in answer.content.decode()) == (422, True)
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert Feed.objects.get().shows == "busy"
