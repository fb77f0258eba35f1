"""Riverbend's therapist, and calendars of hers that stand on this machine."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from unknot.availability import actions
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor, system


@pytest.fixture
def river(riverbend: Stage) -> Iterator[Stage]:
    """Riverbend, in scope."""
    with tenancy.scope(practice_id=riverbend.practice.id):
        yield riverbend


@pytest.fixture
def maren(riverbend: Stage, staff_of: Callable[..., Actor]) -> Actor:
    """Riverbend's therapist and owner."""
    return staff_of(riverbend, "therapist")


@pytest.fixture
def _this_machine(settings: Any) -> None:
    """Calendars of tests stand on this machine, which the guarded client would not go to."""
    settings.UNKNOT_OUTBOUND_ALLOW = ("127.0.0.1/32",)


@pytest.fixture
def joined(
    river: Stage, maren: Actor, serve: Callable[..., Any], now: datetime, _this_machine: None
) -> Callable[..., tuple[UUID, Any]]:
    """`joined(answer)`: a calendar of Maren's that is served as an HTTP body (or by a handler), not read yet."""

    def made(answer: Any) -> tuple[UUID, Any]:
        server = serve(answer)
        return actions.add_outside(by=maren, address=f"{server.url}cal.ics", now=now), server

    return made


@pytest.fixture
def read(river: Stage) -> Callable[[UUID, datetime], str]:
    """`read(calendar_id, now)`: reads it, as the job does."""
    return lambda calendar_id, now: actions.read_outside(by=system(river.practice.id), calendar_id=calendar_id, now=now)
