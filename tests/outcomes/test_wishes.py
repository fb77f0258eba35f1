"""What the client wishes for the plan, and that nothing about money can reach it."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import unknot.outcomes
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.outcomes import actions, domain, queries
from unknot.outcomes.actions import BadTargetError
from unknot.outcomes.models import Wish
from unknot.practice.models import Service

TOMASZ = "tomasz@clients.example"
TUESDAYS = [date(2026, 9, 1) + timedelta(weeks=week) for week in range(6)]


@pytest.fixture
def tomasz(riverbend: Stage, client_of: Callable[..., Actor], visit_on: Callable[..., Appointment]) -> Iterator[Actor]:
    """Tomasz after six weekly visits with twelve ratings."""
    actor = client_of(riverbend, TOMASZ)
    for day in TUESDAYS:
        visit_on(riverbend, TOMASZ, day)
    with tenancy.scope(practice_id=riverbend.practice.id, account_id=actor.account_id):
        assert actor.client_id
        for number in range(12):
            at = datetime(2026, 8, 31, 20, 0, tzinfo=UTC) + timedelta(days=4 * number)
            actions.record_measure(
                by=actor,
                client_id=actor.client_id,
                instrument="nprs",
                value=max(2, 7 - number // 2),
                window="average_24h",
                context="weekly",
                now=at,
            )
        yield actor


NOW = datetime(2026, 10, 14, 18, 0, tzinfo=UTC)


def proposal(by: Actor, now: datetime = NOW) -> queries.CurrentProposal:
    return view_of(by, now).proposal


def view_of(by: Actor, now: datetime = NOW) -> queries.ProgressView:
    assert by.client_id
    return queries.progress(by.client_id, by=by, now=now)


def wish(by: Actor, *, target: int | None = None, compare: bool = False, client: Any = None) -> None:
    actions.set_wish(by=by, client_id=client or by.client_id, target=target, compare=compare, now=NOW)


def test_the_client_s_own_target_moves_the_date(tomasz: Actor) -> None:
    dates = []
    for target in (2, 9):
        wish(tomasz, target=target)
        found = proposal(tomasz)
        assert found.on is not None
        dates.append(found.on)
    assert dates[0] < dates[1]
    assert dates[1] == TUESDAYS[-1] + timedelta(days=42)
    wish(tomasz, target=9)
    assert (Wish.objects.count(), view_of(tomasz).wish.target) == (2, 9)
    for wrong in (0, 10, -1):
        with pytest.raises(BadTargetError):
            wish(tomasz, target=wrong)


def test_comparing_styles_is_offered_only_where_firm_work_may_be(riverbend: Stage, tomasz: Actor) -> None:
    assert not view_of(tomasz).may_compare
    wish(tomasz, compare=True)
    assert proposal(tomasz).style == "lighter"  # nobody asked for firm work
    Intake.objects.create(
        practice=riverbend.practice, client_id=tomasz.client_id, answers={}, guide={"lean": "deep"}, created_at=NOW
    )
    found = view_of(tomasz)
    assert found.may_compare
    assert any("compare both styles in turn" in line for line in found.proposal.why)
    first = domain.paired_styles(found.wish.seed, 1)[0]
    assert found.proposal.style == {"L": "lighter", "D": "deep"}[first]
    wish(tomasz, compare=False)
    assert not any("in turn" in line for line in proposal(tomasz).why)


def test_only_the_client_wishes(riverbend: Stage, tomasz: Actor, staff_of: Callable[..., Actor]) -> None:
    gail = riverbend.clients["gail@clients.example"].pk
    for by, client in ((staff_of(riverbend, "therapist"), tomasz.client_id), (tomasz, gail), (tomasz, uuid4())):
        with pytest.raises(NotFoundError):
            wish(by, target=4, client=client)
    assert Wish.objects.count() == 0


def test_a_planned_gap_is_offered_and_never_imposed(tomasz: Actor) -> None:
    offered = "leave three or four weeks"
    assert any(offered in line for line in proposal(tomasz).why)
    later = datetime(2026, 10, 28, 18, 0, tzinfo=UTC)
    assert not any(offered in line for line in proposal(tomasz, later).why), "there is a gap now"


def test_the_price_of_a_visit_can_not_enter_the_plan(riverbend: Stage, tomasz: Actor) -> None:
    before = proposal(tomasz)
    Appointment.objects.update(price_minor=99_900)
    Service.objects.update(price_minor=99_900)
    assert proposal(tomasz) == before
    for kind in (domain.ProposalSettings, domain.ClientSituation, domain.Session, domain.Rating, domain.Prior):
        names = kind._fields if hasattr(kind, "_fields") else [one.name for one in fields(kind)]
        assert not [one for one in names if any(word in one for word in ("price", "money", "fee", "revenue", "cost"))]


def test_the_room_knows_no_money() -> None:
    known = []
    for path in Path(unknot.outcomes.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{one.name}" for one in node.names]
            known += [
                f"{path.name}: {one}" for one in names if one.startswith(("unknot.payments", "unknot.kernel.money"))
            ]
            if isinstance(node, ast.Attribute) and node.attr in {"price", "price_minor", "tiers", "fee"}:
                known.append(f"{path.name}: .{node.attr}")
    assert known == []
