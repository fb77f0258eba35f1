"""What may be read, by whom, and what is written down about it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake import actions, queries
from unknot.intake.models import Intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import new_id

pytestmark = pytest.mark.django_db


def test_reading_leaves_an_entry_and_no_health_facts_in_it(
    maren: Actor, tomasz: Actor, now: datetime, well: dict[str, Any], recorded: Callable[..., list[str]]
) -> None:
    kept = actions.record_screening(by=tomasz, answers=well | {"C12": "yes"}, now=now)
    assert queries.intake_of(kept.id, by=maren).outcome == "review"
    assert queries.intake_of(kept.id, by=tomasz).id == kept.id
    queries.session_limits(kept.id, by=maren)
    assert recorded(maren.practice_id) == ["screening.recorded", "intake.read", "intake.read", "intake.read"]
    from unknot.audit.models import Entry

    said = json.dumps(list(Entry.objects.values_list("facts", flat=True)))
    assert "C12" not in said
    assert "review" not in said


def test_who_reads_an_intake(
    inside: Stage, maren: Actor, tomasz: Actor, other: Actor, somebody: Actor, now: datetime, well: dict[str, Any]
) -> None:
    kept = actions.record_screening(by=tomasz, answers=well, now=now)
    desk = replace(maren, roles=frozenset({"front_desk"}), therapist_id=None)
    owner = replace(maren, roles=frozenset({"owner"}), therapist_id=None)
    for stranger in (other, somebody, desk, owner):
        with pytest.raises(NotFoundError):
            queries.intake_of(kept.id, by=stranger)
        with pytest.raises(NotFoundError):
            queries.session_limits(kept.id, by=stranger)


def test_foreign_and_made_up_ids_are_refused_alike(
    riverbend: Stage, openhands: Stage, client_of: Callable[..., Actor], staff_of: Callable[..., Actor],
    now: datetime, well: dict[str, Any],
) -> None:  # fmt: skip
    with tenancy.scope(practice_id=riverbend.practice.id):
        tomasz = client_of(riverbend, next(iter(riverbend.clients)))
        kept = actions.record_screening(by=tomasz, answers=well, now=now)
    with tenancy.scope(practice_id=openhands.practice.id):
        outsider = staff_of(openhands, "therapist")
        refusals = []
        for intake_id in (kept.id, new_id()):
            with pytest.raises(NotFoundError) as refused:
                queries.intake_of(intake_id, by=outsider)
            refusals.append((type(refused.value), refused.value.message))
        assert refusals[0] == refusals[1]
        assert queries.current_intake(client_id=tomasz.client_id) is None
        assert queries.gate(kept.id, now=now).needs == "screening"


def test_another_browser_finds_nothing(somebody: Actor, now: datetime, well: dict[str, Any]) -> None:
    actions.record_screening(by=somebody, visitor="v", answers=well, now=now)
    assert queries.current_intake(visitor="w") is None
    assert queries.current_intake(visitor="") is None
    assert queries.current_intake() is None
    assert queries.current_intake(visitor="v") is not None


@pytest.mark.parametrize(
    ("said", "ok", "needs", "may_book"),
    [
        ({}, True, None, True),
        ({"C20": "yes"}, True, None, True),
        ({"C12": "yes"}, False, "review", True),
        ({"C01": "yes"}, False, "stop", False),
        ({"C16": "yes"}, False, "stop", False),
        ({"R26": "yes"}, False, "stop", False),
        ({"R15": "yes"}, False, "stop", False),
    ],
)
def test_the_gate(
    tomasz: Actor,
    now: datetime,
    well: dict[str, Any],
    said: dict[str, str],
    ok: bool,
    needs: str | None,
    may_book: bool,
) -> None:
    kept = actions.record_screening(by=tomasz, answers=well | said, now=now)
    gate = queries.gate(kept.id, now=now)
    assert (gate.ok, gate.needs, gate.may_book, gate.review) == (ok, needs, may_book, needs == "review")
    assert bool(gate.message) is not ok


def test_the_gate_asks_for_a_screening_that_is_missing_partial_or_old(
    tomasz: Actor, other: Actor, now: datetime, well: dict[str, Any], django_assert_num_queries: Callable[..., Any]
) -> None:
    assert queries.gate(None, now=now).needs == "screening"
    assert queries.gate(new_id(), now=now).needs == "screening"
    guided = actions.record_guide(by=tomasz, answers={"G2": "yes"}, now=now)
    assert queries.gate(guided.id, now=now).needs == "screening"
    partial = actions.record_screening(by=tomasz, answers={"R01": "no"}, now=now)
    assert queries.gate(partial.id, now=now).needs == "screening"
    whole = actions.record_screening(by=tomasz, answers=well, now=now)
    with django_assert_num_queries(1):
        assert queries.gate(whole.id, now=now + timedelta(hours=23, minutes=59)).ok
    old = queries.gate(whole.id, now=now + timedelta(days=1))
    assert (old.needs, old.may_book, old.message) == ("screening", False, queries.ASK_AGAIN)
    assert queries.gate(whole.id, now=now, client_id=tomasz.client_id).ok
    assert queries.gate(whole.id, now=now, client_id=other.client_id).needs == "screening"


def test_a_stop_ends_with_the_day_and_is_asked_again(tomasz: Actor, now: datetime, well: dict[str, Any]) -> None:
    feverish = actions.record_screening(by=tomasz, answers=well | {"C01": "yes"}, now=now)
    assert queries.gate(feverish.id, now=now + timedelta(hours=20)).needs == "stop"
    assert queries.gate(feverish.id, now=now + timedelta(hours=24)).needs == "screening"


def test_an_emergency_stops_even_when_not_everything_was_asked(tomasz: Actor, now: datetime) -> None:
    kept = actions.record_screening(by=tomasz, answers={"R15": "yes"}, now=now)
    assert queries.gate(kept.id, now=now + timedelta(days=3)).needs == "stop"


def test_what_binds_the_session(maren: Actor, tomasz: Actor, now: datetime, well: dict[str, Any]) -> None:
    guide = {"G2": "yes", "D3": "yes", "regions": [{"region": "low_back", "laterality": "left", "intensity": 6}]}
    actions.record_guide(by=tomasz, answers=guide, now=now)
    said = {"C20": "yes", "C45": {"answer": "yes", "regions": [{"region": "hand", "laterality": "left"}]}}
    kept = actions.record_screening(by=tomasz, answers=well | said, now=now)
    limits = queries.session_limits(kept.id, by=maren)
    assert (limits.caps["shoulder"], limits.caps["low_back"]) == (3, 2)
    assert limits.avoid == ("hand",)
    assert "elbow" in limits.removed_techniques
    assert limits.positions == ("well_supported",)
    assert limits.regions == ("low_back",)
    assert limits.places == ({"region": "low_back", "laterality": "left", "intensity": 6},)
    assert limits.lean == "lighter_only"
    assert limits.guide_note.startswith("Guide 2026.1: lighter only")
    assert {item["rule"] for item in limits.precautions} == {"C20", "C45"}
    assert limits.rules_version == "2026.1"


def test_queries_do_not_grow_with_history(
    maren: Actor, tomasz: Actor, now: datetime, well: dict[str, Any], django_assert_num_queries: Callable[..., Any]
) -> None:
    counts = []
    for rows in (1, 3):
        while Intake.objects.count() < rows:
            kept = actions.record_screening(by=tomasz, answers=well, now=now)
        with django_assert_num_queries(1):
            queries.current_intake(client_id=tomasz.client_id)
        with django_assert_num_queries(4):
            counts.append(queries.intake_of(kept.id, by=maren).id)
    assert len(set(counts)) == 2


def test_consents_of_a_visit_in_one_query(
    tomasz: Actor, other: Actor, maren: Actor, now: datetime, django_assert_num_queries: Callable[..., Any]
) -> None:
    assert tomasz.client_id is not None
    visit = new_id()
    for number, region in enumerate(("chest", "gluteal", "thigh_inner"), start=1):
        actions.give_consent(
            by=tomasz, client_id=tomasz.client_id, scope="sensitive", appointment_id=visit, regions=[region], now=now
        )
        with django_assert_num_queries(1):
            assert len(queries.consents(tomasz.client_id, visit, by=maren)) == number
    with pytest.raises(NotFoundError):
        queries.consents(tomasz.client_id, visit, by=other)
