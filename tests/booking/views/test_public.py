"""From practice home to a booked visit, by a browser without a script."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from unknot.booking.domain.wording import clock
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage, account
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.kernel.ids import digest, new_secret
from unknot.kernel.zones import local
from unknot.people.models import Client as ClientRow

HOME = "/p/riverbend/book/"
TIMES = f"{HOME}times/?service=therapeutic-60"
NEW = "nadia@visitors.example"


def slots(page: Any) -> list[str]:
    """The values of all time buttons."""
    return re.findall(r'name="slot"\s+value="([^"]+)"', page.content.decode())


def hold(browser: Client, **more: str) -> str:
    """Keeps the first free time and returns the address of its details."""
    first = slots(browser.get(TIMES))[0]
    answer = browser.post(f"{HOME}hold/", {"service": "therapeutic-60", "slot": first, **more})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def screened(stage: Stage, browser: Client, *, client: ClientRow | None = None, outcome: str = "clear") -> None:
    """Valid safety answers of a client, or of this browser's visitor."""
    secret, now = new_secret(), timezone.now()
    session = browser.session
    session["visitor"] = secret
    session.save()
    with tenancy.scope(practice_id=stage.practice.id):
        Intake.objects.create(
            practice=stage.practice,
            client=client,
            visitor_hash="" if client else digest(secret),
            outcome=outcome,
            created_at=now,
            screened_at=now,
            valid_until=now + timedelta(days=60),
        )


def visits(stage: Stage) -> list[Appointment]:
    with tenancy.scope(practice_id=stage.practice.id):
        return list(Appointment.objects.order_by("created_at"))


def test_a_newcomer_books_without_a_script(riverbend: Stage) -> None:
    browser = Client()
    assert browser.get(HOME).status_code == 200
    chosen = browser.post(HOME, {"service": "therapeutic-60", "therapist": "", "place": ""})
    assert chosen["Location"] == "/p/riverbend/book/times/?service=therapeutic-60"
    details = hold(browser)
    assert "Answer the safety questions" in browser.get(details).content.decode()
    screened(riverbend, browser)
    assert "Send me a code" in browser.get(details).content.decode()
    sent = browser.post("/sign-in/", {"email": NEW, "next": details})
    code = re.search(r"Your code: (\S+)", str(mail.outbox[0].body))
    assert code is not None
    confirmed = browser.post(sent["Location"], {"code": code.group(1), "next": details})
    assert confirmed["Location"] == details
    form = browser.get(details).content.decode()
    assert 'name="phone"' in form
    booked = browser.post(details, {"name": "Nadia Brightwater", "phone": "780 555 0160"})
    assert booked.status_code == 302, booked.content.decode()
    page = browser.get(booked["Location"])
    assert "See you" in page.content.decode()
    (visit,) = visits(riverbend)
    assert (visit.state, visit.intake_id is not None) == ("confirmed", True)
    with tenancy.scope(practice_id=riverbend.practice.id):
        client = ClientRow.objects.get(pk=visit.client_id)
        assert (client.name, client.phone, client.email) == ("Nadia Brightwater", "+17805550160", NEW)
        assert [one.client_id for one in Intake.objects.all()] == [client.pk]
    again = browser.post(details, {"name": "Nadia Brightwater", "phone": "780 555 0160"})
    assert again["Location"] == booked["Location"].removesuffix("?new=1")
    assert len(visits(riverbend)) == 1


def test_a_bad_phone_keeps_everything(riverbend: Stage, signed_in: Callable[..., Client], foothills: Stage) -> None:
    browser = signed_in(foothills.clients["maya@clients.example"].account_id)
    details = hold(browser)
    screened(riverbend, browser)
    answer = browser.post(details, {"name": "Maya Thorne", "phone": "12"})
    assert answer.status_code == 422
    assert 'value="Maya Thorne"' in answer.content.decode()
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert ClientRow.objects.filter(name="Maya Thorne").count() == 0
    assert [one.state for one in visits(riverbend)] == ["held"]


def test_a_known_client_confirms_with_one_press(riverbend: Stage, signed_in: Callable[..., Client]) -> None:
    client = riverbend.clients["tomasz@clients.example"]
    browser = signed_in(client.account_id)
    screened(riverbend, browser, client=client)
    details = hold(browser)
    assert browser.post(details).status_code == 302
    assert [one.client_id for one in visits(riverbend)] == [client.pk]


def test_answers_to_talk_about_become_a_request(riverbend: Stage, signed_in: Callable[..., Client]) -> None:
    client = riverbend.clients["tomasz@clients.example"]
    browser = signed_in(client.account_id)
    screened(riverbend, browser, client=client, outcome="review")
    done = browser.post(hold(browser))
    assert [one.state for one in visits(riverbend)] == ["requested"]
    assert "Your time is kept" in browser.get(done["Location"]).content.decode()


@pytest.mark.parametrize("outcome", ["", "not_today"])
def test_without_safe_answers_nothing_is_booked(
    riverbend: Stage, signed_in: Callable[..., Client], outcome: str
) -> None:
    client = riverbend.clients["tomasz@clients.example"]
    browser = signed_in(client.account_id)
    if outcome:
        screened(riverbend, browser, client=client, outcome=outcome)
    details = hold(browser)
    assert browser.post(details).status_code == 422
    assert [one.state for one in visits(riverbend)] == ["held"]


def test_a_time_given_back_offers_the_nearest(riverbend: Stage, signed_in: Callable[..., Client]) -> None:
    client = riverbend.clients["tomasz@clients.example"]
    browser = signed_in(client.account_id)
    details = hold(browser)
    with tenancy.scope(practice_id=riverbend.practice.id):
        Appointment.objects.update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    answer = browser.get(details)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "We gave the time back, and it is still free" in page
    assert len(slots(answer)) == 3
    again = browser.post(f"{HOME}hold/", {"service": "therapeutic-60", "slot": slots(answer)[0]})
    assert again.status_code == 302


def test_a_kept_time_says_until_when_and_counts(riverbend: Stage) -> None:
    """The end of the hold stands in the page itself; the running numbers are for the eyes only."""
    browser = Client()
    details = hold(browser)
    (kept,) = visits(riverbend)
    until = clock(local(kept.hold_expires_at, "America/Edmonton"))
    page = " ".join(browser.get(details).content.decode().split())
    assert f"Kept for you until {until}" in page
    assert 595 <= int(re.findall(r'data-countdown="(\d+)"', page)[0]) <= 600
    assert 'role="status" aria-live="polite"' in page
    assert f"is kept for you until {until}" in " ".join(browser.get(HOME).content.decode().split())


def test_a_time_that_ran_out_while_signing_in(riverbend: Stage) -> None:
    browser = Client()
    details = hold(browser)
    with tenancy.scope(practice_id=riverbend.practice.id):
        Appointment.objects.update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    browser.force_login(
        riverbend.clients["tomasz@clients.example"].account,
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    answer = browser.get(details)
    assert (answer.status_code, len(slots(answer))) == (409, 3)


def test_what_was_typed_outlives_the_hold(riverbend: Stage, signed_in: Callable[..., Client]) -> None:
    browser = signed_in(account("somebody@visitors.example", "Some Body").pk)
    screened(riverbend, browser)
    details = hold(browser)
    with tenancy.scope(practice_id=riverbend.practice.id):
        Appointment.objects.update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    over = browser.post(details, {"name": "Maya Thorne", "phone": "780 555 0177"})
    assert over.status_code == 409
    again = browser.post(f"{HOME}hold/", {"service": "therapeutic-60", "slot": slots(over)[0]})
    page = browser.get(again["Location"]).content.decode()
    assert ('value="Maya Thorne"' in page, 'value="780 555 0177"' in page) == (True, True)


def test_a_taken_time_offers_others(riverbend: Stage, client_of: Callable[..., Any], now: Any) -> None:
    first, second = Client(), Client()
    slot = slots(first.get(TIMES))[0]
    assert first.post(f"{HOME}hold/", {"service": "therapeutic-60", "slot": slot}).status_code == 302
    late = second.post(f"{HOME}hold/", {"service": "therapeutic-60", "slot": slot})
    assert late.status_code == 409
    assert len(set(slots(late))) > 3
    assert slot not in slots(late)


def test_choosing_again_gives_the_first_time_back(riverbend: Stage) -> None:
    browser = Client()
    hold(browser)
    hold(browser)
    assert sorted(one.state for one in visits(riverbend)) == ["expired", "held"]


def test_the_way_back_to_a_kept_time(riverbend: Stage) -> None:
    browser = Client()
    details = hold(browser)
    assert f'href="{details}"' in browser.get(HOME).content.decode()
    assert "is kept for you" not in Client().get(HOME).content.decode()


def test_somebody_else_s_hold_is_unknown(riverbend: Stage) -> None:
    assert Client().get(hold(Client())).status_code == 404


WRONG = ["", "x", "a|b|c", "maren-oduya|studio|2026-13-40T99:99", "|" * 300, "nobody|studio|2026-12-01T09:00"]


@pytest.mark.parametrize("slot", WRONG)
def test_made_up_slots_are_refused(riverbend: Stage, slot: str) -> None:
    answer = Client().post(f"{HOME}hold/", {"service": "therapeutic-60", "slot": slot})
    assert answer.status_code in {404, 422}
    assert visits(riverbend) == []


@pytest.mark.parametrize("query", ["service=nothing", "therapist=x", ""])
def test_unknown_wishes_lead_back_to_the_menu(riverbend: Stage, query: str) -> None:
    answer = Client().get(f"{HOME}times/?{query}")
    assert (answer.status_code, answer["Location"]) == (302, HOME)


@pytest.mark.parametrize("start", ["2026-02-30", "0001-01-01", "9999-12-31", "x"])
def test_odd_dates_show_a_week_all_the_same(riverbend: Stage, start: str) -> None:
    assert Client().get(HOME + "times/", {"service": "therapeutic-60", "from": start}).status_code == 200


def test_a_visit_at_home(riverbend: Stage) -> None:
    browser = Client()
    asked = {"service": "therapeutic-60", "place": "home", "street": "8 Alder Way", "postal_code": "t6r 2k4"}
    asked |= {"needs": "companion"}
    assert browser.post(HOME, {**asked, "postal_code": "X0X 0X0"}).status_code == 422
    assert browser.post(HOME, {**asked, "street": ""}).status_code == 422
    assert browser.post(HOME, {**asked, "service": "deep-tissue-60"}).status_code == 422
    chosen = browser.post(HOME, asked)
    assert chosen["Location"] == "/p/riverbend/book/times/?service=home-therapeutic-60&place=home"
    page = browser.get(chosen["Location"])
    kept = browser.post(f"{HOME}hold/", {"service": "home-therapeutic-60", "slot": slots(page)[0]})
    assert kept.status_code == 302
    (visit,) = visits(riverbend)
    assert (visit.mode, visit.home_address) == ("home", "8 Alder Way, T6R 2K4")
    assert visit.access_needs == ["companion"]


def test_anyone_who_fits(foothills: Stage) -> None:
    browser = Client()
    page = browser.get("/p/foothills/book/times/?service=therapeutic-60")
    assert re.search(r"[23] free</span>", page.content.decode())
    kept = browser.post("/p/foothills/book/hold/", {"service": "therapeutic-60", "slot": slots(page)[0]})
    assert kept.status_code == 302


def test_an_empty_week_says_who_and_when_else(foothills: Stage) -> None:
    page = Client().get("/p/foothills/book/times/?service=therapeutic-60&therapist=sofia-marchetti&part=evening")
    assert "No free time in these days" in page.content.decode()


def test_reading_times_takes_the_same_queries_for_one_and_six_therapists(
    riverbend: Stage, foothills: Stage, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for slug in ("riverbend", "foothills"):
        with django_assert_max_num_queries(32):
            Client().get(f"/p/{slug}/book/times/?service=therapeutic-60")


def test_a_zero_byte_never_reaches_the_diary(riverbend: Stage) -> None:
    assert Client().post(f"{HOME}hold/", {"service": "therapeutic-60", "slot": "\x00|\x00|\x00"}).status_code == 400
    assert Client().get(f"{HOME}times/?service=%00").status_code == 400
