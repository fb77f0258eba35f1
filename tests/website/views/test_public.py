"""The practice's pages as anyone sees them."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from unknot.config.demo_data import articles
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.website.actions import PostFile, import_posts

LOW_BACK = "low-back-pain-and-massage-without-the-promises"


@pytest.fixture
def shown(riverbend: Stage, now: datetime) -> Stage:
    articles.write(practice_id=riverbend.practice.id, slug="riverbend", now=now)
    return riverbend


@pytest.mark.parametrize(
    "path",
    [
        "/p/riverbend/",
        "/p/riverbend/therapists/",
        "/p/riverbend/therapists/maren-oduya/",
        "/p/riverbend/articles/",
        f"/p/riverbend/articles/{LOW_BACK}/",
        "/robots.txt",
        "/sitemap.xml",
    ],
)
def test_every_page_opens_for_anyone(shown: Stage, client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/p/nowhere/", "/p/riverbend/therapists/nobody/", "/p/riverbend/articles/nothing/"])
def test_what_is_not_there_is_a_kind_404(shown: Stage, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_front_page_shows_menu_team_articles_and_place(shown: Stage, client: Client) -> None:
    page = client.get("/p/riverbend/").content.decode()
    for said in (
        'id="contact"',
        "14 Cottonwood Lane",
        "780 555-0101",
        "Maren Oduya, RMT",
        "$110.00",
        'href="/p/riverbend/guide/"',
    ):
        assert said in page
    assert "3 Poplar Court" not in page  # where Maren's day starts is hers


def test_structured_data_has_the_nonce_and_reads_as_json(shown: Stage, client: Client) -> None:
    answer = client.get("/p/riverbend/")
    found = re.search(r'<script type="application/ld\+json" nonce="([^"]+)">(.*?)</script>', answer.content.decode())
    assert found is not None
    assert f"'nonce-{found[1]}'" in answer["Content-Security-Policy"]
    data = json.loads(found[2])
    assert (data["name"], data["url"]) == ("Riverbend Massage Therapy", "http://testserver/p/riverbend/")
    assert len(data["makesOffer"]) == 8


def test_credentials_say_who_registered_and_never_licensed(shown: Stage, client: Client) -> None:
    page = client.get("/p/riverbend/therapists/maren-oduya/").content.decode()
    assert "registered with Prairie Massage Therapists" in page
    assert "licen" not in page.lower()


def test_an_article_leads_into_the_guide_with_its_region(shown: Stage, client: Client) -> None:
    page = client.get(f"/p/riverbend/articles/{LOW_BACK}/").content.decode()
    assert 'href="/p/riverbend/guide/?region=low_back"' in page
    assert "2 min to read" in page


def test_only_those_who_answer_for_it_see_what_the_claim_check_found(
    riverbend: Stage, client: Client, signed_in: Callable[..., Client], now: datetime
) -> None:
    file = PostFile("x.md", b"---\ntitle: X\ndate: 2026-01-01\n---\n\nMassage flushes toxins.<script>alert(1)</script>")
    with tenancy.scope(practice_id=riverbend.practice.id):
        import_posts(by=system(riverbend.practice.id), files=[file], now=now)
    owner = next(person for role, person in riverbend.staff if role == "owner")
    path = "/p/riverbend/articles/x/"
    assert "1 statement to look at" in signed_in(owner.pk).get(path).content.decode()
    seen = client.get(path).content.decode()
    assert "to look at" not in seen
    assert "<script>alert" not in seen


def test_the_site_map_names_public_pages_only(shown: Stage, client: Client) -> None:
    found = re.findall("<loc>(.*?)</loc>", client.get("/sitemap.xml").content.decode())
    assert f"http://testserver/p/riverbend/articles/{LOW_BACK}/" in found
    assert len(found) == 3 + 3 + 1 + 4
    assert not [one for one in found if "/my/" in one or "/desk/" in one]


def test_robots_point_to_the_site_map(db: None, client: Client) -> None:
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert lines[-1] == "Sitemap: http://testserver/sitemap.xml"


def test_the_front_page_asks_the_database_as_often_for_six_therapists_as_for_one(
    shown: Stage, foothills: Stage, client: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    counts = []
    for slug in ("riverbend", "foothills"):
        with django_assert_max_num_queries(60) as asked:
            client.get(f"/p/{slug}/")
        counts.append(len(asked))
    assert counts[1] <= counts[0]
