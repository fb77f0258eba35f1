"""The desk's list of clients."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from unknot.config.demo_data.build import Stage


def test_the_list_and_the_search(foothills: Stage, signed_in: Callable[..., Client]) -> None:
    sam = signed_in(next(person.pk for role, person in foothills.staff if role == "front_desk"))
    page = sam.get("/p/foothills/desk/clients/").content.decode()
    assert "6 in all" in page
    found = sam.get("/p/foothills/desk/clients/?q=maya").context["clients"]
    assert [one.name for one in found] == ["Maya Thorne"]
    assert "Nobody found" in sam.get("/p/foothills/desk/clients/?q=zzz").content.decode()
    assert sam.get("/p/foothills/desk/clients/?q=" + "x" * 81).status_code == 422


@pytest.mark.parametrize(("words", "rows"), [("maya", 1), ("555013", 6)])
def test_the_number_of_queries_does_not_grow(
    foothills: Stage, signed_in: Callable[..., Client], words: str, rows: int
) -> None:
    noor = signed_in(foothills.therapists["noor-haddad"].account_id)
    counts: list[Any] = []
    for asked in ("maya", words):
        with CaptureQueriesContext(connection) as seen:
            found = noor.get(f"/p/foothills/desk/clients/?q={asked}").context["clients"]
        counts.append(len(seen))
    assert len(found) == rows
    assert counts[0] == counts[1]


def test_clients_see_no_list(foothills: Stage, signed_in: Callable[..., Client]) -> None:
    maya = signed_in(foothills.clients["maya@clients.example"].account_id)
    assert maya.get("/p/foothills/desk/clients/").status_code == 404
