"""What a practice tells about itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice import queries


def test_the_team_with_services_and_credentials(
    foothills: Stage, now: datetime, django_assert_num_queries: Callable[..., Any]
) -> None:
    with tenancy.scope(practice_id=foothills.practice.id), django_assert_num_queries(3):
        team = queries.therapists()
    assert [one.name for one in team] == sorted(one.name for one in foothills.role.therapists)
    assert {len(one.registrations(now.date())) for one in team} == {1}


def test_roles_belong_to_one_practice(riverbend: Stage, openhands: Stage, staff_of: Callable[..., Actor]) -> None:
    maren = staff_of(riverbend, "therapist")
    assert maren.roles == {"therapist", "owner"}
    assert maren.therapist_id == riverbend.therapists["maren-oduya"].pk
    elsewhere = queries.actor(maren.account_id, openhands.practice.id, strong=True)
    assert elsewhere.roles == frozenset()


def test_another_practice_s_service_is_unknown(riverbend: Stage, openhands: Stage) -> None:
    with tenancy.scope(practice_id=openhands.practice.id), pytest.raises(NotFoundError):
        queries.service(riverbend.services["therapeutic-60"].pk)
