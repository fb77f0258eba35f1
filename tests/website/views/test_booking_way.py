"""From the practice's pages straight to a kept time."""

import re

import pytest
from django.test import Client

from unknot.config.demo_data.build import Stage


@pytest.mark.parametrize("path", ["/p/riverbend/", "/p/riverbend/therapists/maren-oduya/"])
def test_a_time_on_the_page_can_be_held_as_it_stands(riverbend: Stage, client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    form = re.search(r'<form method="post" action="/p/riverbend/book/hold/">(.*?)</form>', page, re.DOTALL)
    assert form is not None
    fields = dict(re.findall(r'<input type="hidden" name="(service|therapist|place)" value="([^"]*)">', form[1]))
    key = re.findall(r'name="slot" value="([^"]+)"', form[1])[0]
    assert client.post("/p/riverbend/book/hold/", fields | {"slot": key}).status_code == 302


def test_every_price_leads_to_its_own_times(riverbend: Stage, client: Client) -> None:
    page = client.get("/p/riverbend/").content.decode()
    links = [link.replace("&amp;", "&") for link in re.findall(r'<li>\s*<a href="([^"]+book/[^"]+)">', page)]
    assert len(links) == 8
    assert {client.get(link).status_code for link in links} == {200}
