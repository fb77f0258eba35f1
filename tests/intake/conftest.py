"""What the tests of intake share."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from unknot.audit.models import Entry
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake import queries
from unknot.kernel.actors import Actor


@pytest.fixture
def well() -> dict[str, Any]:
    """The answers of somebody who ticks "none of these" on every card."""
    return {row: "no" for card in queries.booking_questions() for row in card.rules}


@pytest.fixture
def inside(riverbend: Stage) -> Iterator[Stage]:
    """Riverbend, with its walls around the test."""
    with tenancy.scope(practice_id=riverbend.practice.id):
        yield riverbend


@pytest.fixture
def somebody(inside: Stage) -> Actor:
    """A visitor whom nobody knows yet."""
    return Actor(practice_id=inside.practice.id)


@pytest.fixture
def tomasz(inside: Stage, client_of: Callable[..., Actor]) -> Actor:
    """The first client of the cast."""
    return client_of(inside, next(iter(inside.clients)))


@pytest.fixture
def other(inside: Stage, client_of: Callable[..., Actor]) -> Actor:
    """Another client of the same practice."""
    return client_of(inside, list(inside.clients)[1])


@pytest.fixture
def maren(inside: Stage, staff_of: Callable[..., Actor]) -> Actor:
    """The therapist."""
    return staff_of(inside, "therapist")


@pytest.fixture
def recorded() -> Callable[..., list[str]]:
    """`recorded(practice_id)`: the verbs in the audit, oldest first."""

    def verbs(practice_id: UUID) -> list[str]:
        rows = Entry.objects.filter(practice_id=practice_id).order_by("number")
        return [str(verb) for verb in rows.values_list("verb", flat=True)]

    return verbs
