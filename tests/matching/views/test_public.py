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


def test_one_click_on_a_result_holds_that_time(openhands: Stage, client: Client) -> None:
    page = client.get("/find/", {"near": "T6E"}).content.decode()
    keys = re.findall(r'class="slot" name="slot" value="([^"]+)"', page)
    assert len(keys) == 6
    assert keys[0].startswith("lin-zhou|strathcona-studio|")
    chosen = {"service": "therapeutic-60", "therapist": "lin-zhou", "place": "strathcona-studio", "slot": keys[0]}
    answer = client.post("/p/openhands/book/hold/", chosen)
    assert answer.status_code == 302
    assert re.fullmatch(r"/p/openhands/book/details/[0-9a-f-]+/", answer["Location"])


def test_a_home_visit_asks_for_the_address_first(openhands: Stage, client: Client) -> None:
    page = client.get("/find/", {"near": "T6E", "mode": "home"}).content.decode()
    links = set(re.findall(r'class="slot" href="([^"]+)"', page))
    wanted = "/p/openhands/book/?service=home-therapeutic-60&amp;therapist={}&amp;place=home"
    assert links == {wanted.format("amara-nwosu"), wanted.format("jules-tremblay")}
    assert client.get(links.pop().replace("&amp;", "&")).status_code == 200


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
