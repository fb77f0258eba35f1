"""The guide and the screening as a visitor without a script walks through them."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake import actions, queries
from unknot.intake.models import Intake
from unknot.kernel.actors import Actor

pytestmark = pytest.mark.django_db
GUIDE, SCREENING = "/p/riverbend/guide/", "/p/riverbend/screening/"


@pytest.fixture
def browser(riverbend: Stage) -> Client:
    """A visitor's browser."""
    return Client()


def cards(step: str) -> list[str]:
    page = {"signs": "warning_signs", "health": "health"}[step]
    return [card.id for card in queries.booking_questions() if card.page == page]


def none_but(step: str, *ticked: str) -> list[str]:
    """Cards of a step on which nothing is ticked."""
    groups = {card.id: card.rules for card in queries.booking_questions()}
    return [card for card in cards(step) if not set(groups[card]) & set(ticked)]


def carried(page: Any) -> str:
    found = re.search(r'name="carried" value="([^"]*)"', page.content.decode())
    assert found is not None
    return unescape(found.group(1))


def walk(browser: Client, *ticked: str) -> Any:
    """Both pages with these rows ticked, up to the closer questions or the redirect."""
    page = browser.post(SCREENING, {"step": "signs", "yes": ticked, "none": none_but("signs", *ticked)})
    if page.status_code == 302 or 'value="signs-more"' in page.content.decode():
        return page
    form = {"step": "health", "carried": carried(page), "yes": ticked, "none": none_but("health", *ticked)}
    return browser.post(SCREENING, form)


def text_of(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(page.content.decode())).split())


def stored(stage: Stage) -> list[Intake]:
    with tenancy.scope(practice_id=stage.practice.id):
        return list(Intake.objects.order_by("created_at"))


# The guide


def test_reading_the_guide_leaves_no_cookie_and_no_row(browser: Client, riverbend: Stage) -> None:
    page = browser.get(GUIDE)
    assert page.status_code == 200
    assert "session" not in browser.cookies
    assert "no-store" in page["Cache-Control"]
    assert stored(riverbend) == []


def test_an_article_s_link_marks_its_region(browser: Client) -> None:
    page = browser.get(f"{GUIDE}?region=low_back").content.decode()
    assert re.findall(r'value="([a-z_]+:[a-z]+)"\s+id="[^"]+" checked', page) == ["low_back:left", "low_back:right"]
    for odd in ("nonsense", "all", "<b>", "low_back:left"):
        assert " checked" not in browser.get(GUIDE, {"region": odd}).content.decode()


def test_from_the_guide_to_an_explained_leaning(browser: Client, riverbend: Stage) -> None:
    form = {
        "goal": ["G2"], "duration": "D3", "experience": ["E2"], "pressure": "P1", "days": "none",
        "region": ["low_back:left"], "intensity-low_back:left": "6", "quality-low_back:left": "ache",
    }  # fmt: skip
    page = browser.post(GUIDE, form, follow=True)
    assert page.redirect_chain == [("/p/riverbend/guide/result/", 302)]
    text = text_of(page)
    assert "Your answers lean toward firm work on the focus area" in text
    assert "You said: Lighter pressure, three times or more, and it did little" in text
    assert "This changes nothing about what you can book" in text
    assert page.context["result"].lean == "deep"
    row = stored(riverbend)[0]
    assert row.answers["answers"]["regions"] == [
        {"region": "low_back", "laterality": "left", "intensity": 6, "quality": "aching"}
    ]
    again = browser.get(GUIDE).content.decode()
    assert re.findall(r'value="(\w+)" id="(?:goal|experience)-\d" checked', again) == ["G2", "E2"]


def test_contradicting_choices_are_named_and_everything_typed_is_kept(browser: Client, riverbend: Stage) -> None:
    page = browser.post(GUIDE, {"goal": ["G2", "none"], "pressure": "P1", "region": ["knee:right"]})
    assert page.status_code == 422
    html = page.content.decode()
    assert 'href="#goal"' in html
    assert 'aria-describedby=" goal-error"' in html or "goal-error" in html
    checked = re.findall(r'value="([\w:]+)"[^>]* checked', html)
    assert sorted(checked) == ["G2", "P1", "knee:right", "none"]
    assert stored(riverbend) == []


def test_an_empty_guide_is_undecided_and_a_later_one_replaces_it(browser: Client, riverbend: Stage) -> None:
    browser.post(GUIDE, {"goal": ["G5"], "region": ["knee:right"]})
    page = browser.post(GUIDE, {}, follow=True)
    assert page.context["result"].lean == "undecided"
    assert stored(riverbend)[-1].answers["answers"] == {}


def test_results_without_answers_lead_back(browser: Client) -> None:
    assert browser.get(f"{GUIDE}result/").headers["Location"] == GUIDE
    assert browser.get(f"{SCREENING}result/").headers["Location"] == SCREENING


# The screening


def test_nothing_ticked_is_clear_and_leads_to_a_time(browser: Client, riverbend: Stage) -> None:
    page = walk(browser)
    assert page.headers["Location"] == f"{SCREENING}result/"
    result = browser.get(page.headers["Location"])
    assert "Nothing in your answers stands in the way" in text_of(result)
    assert 'href="/p/riverbend/book/"' in result.content.decode()
    assert "That is not a medical check" in text_of(result)
    assert [row.outcome for row in stored(riverbend)] == ["clear"]
    assert stored(riverbend)[0].screening["not_asked"] == []


def test_a_card_left_empty_or_contradicting_is_named(browser: Client, riverbend: Stage) -> None:
    none = [*none_but("signs"), "heart_breath"]
    none.remove("wellbeing")
    page = browser.post(SCREENING, {"step": "signs", "yes": ["R19"], "none": none, "unsure-R01": ""})
    assert page.status_code == 422
    html = page.content.decode()
    assert re.findall(r'<a href="#(card-\w+)"', html) == ["card-heart_breath", "card-wellbeing"]
    assert 'value="R19" checked' in html
    assert stored(riverbend) == []


@pytest.mark.parametrize(
    ("row", "call", "outcome"),
    [("R15", "tel:911", "emergency"), ("R26", "tel:988", "urgent"), ("R12", "tel:811", "urgent")],
)
def test_who_needs_help_now_is_asked_nothing_more_and_sees_no_booking(
    browser: Client, riverbend: Stage, row: str, call: str, outcome: str
) -> None:
    page = walk(browser, row)
    assert page.headers["Location"] == f"{SCREENING}result/"
    html = browser.get(page.headers["Location"]).content.decode()
    assert f'href="{call}"' in html
    assert "/book/" not in html
    assert [one.outcome for one in stored(riverbend)] == [outcome]


@pytest.mark.parametrize(("row", "words"), [("C01", "Not today"), ("C40", "A doctor's look first")])
def test_a_stop_says_what_to_do_instead(browser: Client, row: str, words: str) -> None:
    html = browser.get(walk(browser, row).headers["Location"])
    assert words in text_of(html)
    assert "What to do instead" in text_of(html)
    assert "/book/" not in html.content.decode()


def test_not_sure_about_a_row_needs_no_script(browser: Client, riverbend: Stage) -> None:
    page = browser.post(SCREENING, {"step": "signs", "none": none_but("signs")})
    form = {"step": "health", "carried": carried(page), "none": none_but("health", "C12"), "unsure-C12": "not_sure"}
    browser.post(SCREENING, form)
    row = stored(riverbend)[0]
    assert (row.answers["answers"]["C12"], row.outcome) == ("not_sure", "review")
    result = browser.get(f"{SCREENING}result/")
    assert "Your therapist talks with you first" in text_of(result)
    assert 'href="/p/riverbend/book/"' in result.content.decode()


def test_closer_questions_come_on_a_page_of_their_own(browser: Client, riverbend: Stage) -> None:
    page = walk(browser, "C12", "C23")
    assert 'name="C12a"' in page.content.decode()
    assert 'name="place-C23"' in page.content.decode()
    form = {"step": "health-more", "carried": carried(page), "place-C23": ["ankle:left", ""]}
    empty = browser.post(SCREENING, form)
    assert empty.status_code == 422
    assert 'href="#C12a"' in empty.content.decode()
    assert re.search(r'value="ankle:left" selected', empty.content.decode())
    done = browser.post(SCREENING, form | {"C12a": "yes"})
    assert done.headers["Location"] == f"{SCREENING}result/"
    answers = stored(riverbend)[0].answers["answers"]
    assert (answers["C12a"], answers["C23"]["regions"]) == ("yes", [{"region": "ankle", "laterality": "left"}])
    assert "No massage on the ankle." in text_of(browser.get(f"{SCREENING}result/"))


def test_a_closer_sign_can_turn_into_an_emergency(browser: Client) -> None:
    page = walk(browser, "R06")
    form = {"step": "signs-more", "carried": carried(page), "R06a": "yes"}
    result = browser.post(SCREENING, form, follow=True)
    assert "This can be an emergency" in text_of(result)


@pytest.mark.parametrize(
    "bad", ["{", "[]", '{"R99": "yes"}', '{"R01": "maybe"}', "7", "[" * 5000, '{"R01":"no"}' + " " * 30_000]
)
def test_a_spoilt_carried_field_is_refused_kindly(browser: Client, riverbend: Stage, bad: str) -> None:
    page = browser.post(SCREENING, {"step": "health", "carried": bad, "none": cards("health")})
    assert page.status_code == 422
    assert "did not arrive whole" in text_of(page)
    assert stored(riverbend) == []


@pytest.mark.parametrize("url", [GUIDE, SCREENING])
@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"goal": "a\x00b", "yes": "\x00"}, 400),
        ({"goal": "x" * 1_100_000}, 413),
        ({"goal": ["<script>"], "yes": ["nope"], "step": "elsewhere", "region": ["moon:left"]}, 422),
    ],
)
def test_what_no_form_sends(browser: Client, riverbend: Stage, url: str, form: dict[str, Any], status: int) -> None:
    page = browser.post(url, form)
    assert page.status_code == status
    assert "<script>" not in page.content.decode().replace("<script type", "")
    assert stored(riverbend) == []


# Coming back


def test_a_returning_client_is_asked_what_has_changed_with_lasting_answers_ticked(
    riverbend: Stage, client_of: Callable[..., Actor], signed_in: Callable[..., Client], well: dict[str, Any]
) -> None:
    tomasz = client_of(riverbend, next(iter(riverbend.clients)))
    before = timezone.now() - timedelta(days=20)
    with tenancy.scope(practice_id=riverbend.practice.id):
        said = well | {"C20": "yes", "C12": "yes", "C12a": "no", "C01": "yes"}
        actions.record_screening(by=tomasz, answers=said, now=before)
    browser = signed_in(tomasz.account_id)
    page = browser.get(SCREENING)
    assert "What has changed?" in text_of(page)
    shown = [row["id"] for card in page.context["cards"] for row in card["rows"]]
    assert set(shown) >= {"R04", "R15", "C01", "C12"}
    assert not set(shown) & {"C20", "C27"}
    assert len(shown) < 45
    ticked = [row["id"] for card in page.context["cards"] for row in card["rows"] if row["value"] == "yes"]
    assert ticked == ["C12"]
    groups = [card["id"] for card in page.context["cards"]]
    closer = browser.post(SCREENING, {"step": "changed", "yes": ["C12"], "none": groups[1:]})
    assert re.search(r'name="C12a"\s+value="no" checked', closer.content.decode())
    done = browser.post(SCREENING, {"step": "changed-more", "carried": carried(closer), "C12a": "no"}, follow=True)
    newest = stored(riverbend)[-1]
    assert (newest.outcome, newest.answers["answers"]["C20"]) == ("review", "yes")
    assert done.redirect_chain == [(f"{SCREENING}result/", 302)]
    assert browser.get(SCREENING).headers["Location"] == f"{SCREENING}result/"
    everything = browser.get(f"{SCREENING}?again=1")
    assert "First, is a massage safe today?" in text_of(everything)


def test_another_browser_and_another_client_see_nothing(
    browser: Client, riverbend: Stage, client_of: Callable[..., Actor], signed_in: Callable[..., Client]
) -> None:
    browser.post(GUIDE, {"goal": ["G5"]})
    walk(browser, "C20")
    for stranger in (Client(), signed_in(client_of(riverbend, next(iter(riverbend.clients))).account_id)):
        assert stranger.get(f"{GUIDE}result/").status_code == 302
        assert stranger.get(f"{SCREENING}result/").status_code == 302


def test_another_practice_does_not_know_this_browser(browser: Client, openhands: Stage) -> None:
    walk(browser)
    slug = openhands.practice.slug
    assert browser.get(f"/p/{slug}/screening/result/").headers["Location"] == f"/p/{slug}/screening/"


def test_a_client_s_reading_is_in_the_audit(
    riverbend: Stage, client_of: Callable[..., Actor], signed_in: Callable[..., Client], well: dict[str, Any],
    recorded: Callable[..., list[str]],
) -> None:  # fmt: skip
    tomasz = client_of(riverbend, next(iter(riverbend.clients)))
    with tenancy.scope(practice_id=riverbend.practice.id):
        actions.record_screening(by=tomasz, answers=well, now=timezone.now())
    signed_in(tomasz.account_id).get(f"{SCREENING}result/")
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert recorded(riverbend.practice.id) == ["screening.recorded", "intake.read"]


def test_an_old_result_is_shown_in_the_words_it_was_stored_with(browser: Client, riverbend: Stage) -> None:
    browser.post(GUIDE, {"goal": ["G5"]})
    walk(browser, "C20")
    with tenancy.scope(practice_id=riverbend.practice.id):
        row = Intake.objects.order_by("-created_at")[0]
        row.guide = row.guide | {"title": "Words of long ago", "rules_version": "2019.1"}
        old = [item | {"text": "A precaution of long ago."} for item in row.screening["precautions"]]
        row.screening = row.screening | {"precautions": old, "rules_version": "2019.1"}
        row.guide_version = row.screening_version = "2019.1"
        row.save()
    guide, screening = browser.get(f"{GUIDE}result/"), browser.get(f"{SCREENING}result/")
    assert "Words of long ago" in text_of(guide)
    assert "Rules version 2019.1" in text_of(guide)
    assert "A precaution of long ago." in text_of(screening)
    assert "Rules version 2019.1" in text_of(screening)


def test_a_result_that_has_run_out_asks_again(browser: Client, riverbend: Stage) -> None:
    walk(browser)
    with tenancy.scope(practice_id=riverbend.practice.id):
        row = Intake.objects.get()
        aged = {key: str(datetime.fromisoformat(at) - timedelta(days=2)) for key, at in row.answers["asked_at"].items()}
        row.answers = row.answers | {"asked_at": aged}
        row.valid_until = timezone.now() - timedelta(days=1)
        row.save()
    assert browser.get(f"{SCREENING}result/").headers["Location"] == SCREENING
    assert "What has changed?" in text_of(browser.get(SCREENING))


def test_queries_of_a_visitor_s_result_do_not_grow(
    browser: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    counts = []
    for _ in range(2):
        walk(browser)
        with django_assert_num_queries(8) as seen:
            browser.get(f"{SCREENING}result/")
        counts.append(len(seen.captured_queries))
    assert len(set(counts)) == 1
