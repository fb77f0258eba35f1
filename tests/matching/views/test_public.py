"""The platform's front and its search."""

import re

import pytest
from django.test import Client

from unknot.config.demo_data.build import Stage


def test_the_front_names_every_practice_and_leads_to_the_search(
    riverbend: Stage, foothills: Stage, client: Client
) -> None:
    page = client.get("/").content.decode()
    assert re.findall(r'<h3><a href="(/p/[^"]+)">', page) == ["/p/foothills/", "/p/riverbend/"]
    assert 'action="/find/"' in page


def test_results_lead_into_booking_with_the_slot(openhands: Stage, client: Client) -> None:
    page = client.get("/find/", {"near": "T6E"}).content.decode()
    links = re.findall(r'class="slot" href="([^"]+)"', page)
    assert len(links) == 6
    assert links[0].startswith(
        "/p/openhands/book/times/?service=therapeutic-60&amp;therapist=lin-zhou&amp;place=strathcona-studio&amp;"
    )
    assert "slot=lin-zhou%7Cstrathcona-studio%7C" in links[0]


def test_each_filter_is_a_chip_that_takes_itself_off(openhands: Stage, client: Client) -> None:
    page = client.get("/find/", {"near": "T6E", "gender": "man", "language": "he"}).content.decode()
    assert re.findall(r'class="tag primary chip" href="([^"]+)">([^<]+?) <', page) == [
        ("/find/?near=T6E&amp;gender=man", "Speaks Hebrew"),
        ("/find/?near=T6E&amp;language=he", "A man"),
    ]


def test_an_unknown_place_keeps_what_was_typed_and_says_what_helps(openhands: Stage, client: Client) -> None:
    answer = client.get("/find/", {"near": "Atlantis"})
    assert answer.status_code == 422
    assert 'value="Atlantis"' in answer.content.decode()
    assert "know this place" in answer.content.decode()


def test_nobody_found_offers_ways_on(riverbend: Stage, client: Client) -> None:
    page = client.get("/find/", {"near": "Airdrie", "radius": "5"}).content.decode()
    assert "No free time fits all of this" in page
    assert "Search within 50 km" in page


@pytest.mark.parametrize("query", [{"near": "T6E", "mode": "moon"}, {"near": "T6E", "language": "xx"}, {"near": ""}])
def test_a_tampered_search_is_refused_kindly(openhands: Stage, client: Client, query: dict[str, str]) -> None:
    assert client.get("/find/", query).status_code == 422


def test_the_rule_is_published(db: None, client: Client) -> None:
    page = client.get("/find/how/").content.decode()
    assert sum(int(points) for points in re.findall(r'<td class="number">(\d+)</td>', page)) == 1000
