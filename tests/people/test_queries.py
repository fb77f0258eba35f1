"""Who opened a record, and where a client's record is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from unknot.audit import actions as audit
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.people import queries

TOMASZ = "tomasz@clients.example"
ZONE = "America/Edmonton"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_record_in_plain_words(
    riverbend: Stage,
    client_of: Callable[..., Actor],
    staff_of: Callable[..., Actor],
    now: datetime,
    django_assert_num_queries: Callable[..., Any],
    rows: int,
) -> None:
    tomasz, maren = client_of(riverbend, TOMASZ), staff_of(riverbend, "therapist")
    assert tomasz.client_id
    with tenancy.scope(practice_id=riverbend.practice.id, account_id=tomasz.account_id):
        for number in range(rows):
            at = now + timedelta(minutes=number)
            audit.record(by=maren, verb="note.read", subject="note", client_id=tomasz.client_id, now=at)
        audit.record(by=tomasz, verb="goal.set", subject="goal", client_id=tomasz.client_id, now=now)
        with django_assert_num_queries(2):
            mine, hers = queries.record_of(tomasz.client_id, by=tomasz, zone=ZONE)
    assert (hers.who, hers.roles, hers.what, hers.times) == (
        "Maren Oduya",
        "therapist, owner",
        "read a treatment note",
        rows,
    )
    assert (mine.own, hers.own, hers.reading) == (True, False, True)


def test_the_record_is_the_client_s(
    riverbend: Stage, client_of: Callable[..., Actor], foothills: Stage, staff_of: Callable[..., Actor]
) -> None:
    gail = riverbend.clients["gail@clients.example"].pk
    with tenancy.scope(practice_id=riverbend.practice.id), pytest.raises(NotFoundError):
        queries.record_of(gail, by=client_of(riverbend, TOMASZ), zone=ZONE)
    maya = foothills.clients["maya@clients.example"].pk
    with tenancy.scope(practice_id=foothills.practice.id), pytest.raises(NotFoundError):
        queries.record_of(maya, by=staff_of(foothills, "therapist"), zone=ZONE)


def test_a_client_s_practice_is_found_for_those_who_belong_there(riverbend: Stage, openhands: Stage) -> None:
    tomasz, there = riverbend.clients[TOMASZ], openhands.clients[TOMASZ]
    assert tomasz.account_id
    assert queries.practice_of_client(tomasz.pk, account_id=tomasz.account_id) == riverbend.practice.id
    assert queries.practice_of_client(there.pk, account_id=tomasz.account_id) == openhands.practice.id
    maren = riverbend.therapists["maren-oduya"].account_id
    assert queries.practice_of_client(tomasz.pk, account_id=maren) == riverbend.practice.id
    assert queries.practice_of_client(there.pk, account_id=maren) is None
    assert queries.practice_of_client(uuid4(), account_id=maren) is None
