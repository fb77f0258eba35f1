"""Answers in, intakes kept: whose they are, what carries on, what a therapist and a client may change."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake import actions, queries
from unknot.intake.domain import (
    ConsentScopeError,
    EmergencyNotRelaxableError,
    UnknownAnswerIdError,
    UnknownRuleError,
)
from unknot.intake.models import Consent, Intake, Relaxation
from unknot.kernel.actors import Actor
from unknot.kernel.errors import InvalidError, NotFoundError
from unknot.kernel.ids import digest, new_id

pytestmark = pytest.mark.django_db
GUIDE = {"G2": "yes", "D3": "yes", "E2": "yes", "P1": "yes", "regions": [{"region": "low_back", "laterality": "left"}]}


def test_a_visitor_s_guide_is_kept_sealed_under_the_digest_of_their_secret(
    somebody: Actor, now: datetime, recorded: Callable[..., list[str]]
) -> None:
    kept = actions.record_guide(by=somebody, visitor="a-secret", answers=GUIDE, now=now)
    assert kept.guide is not None
    assert kept.guide["lean"] == "deep"
    assert kept.regions == ("low_back",)
    row = Intake.objects.get()
    assert (row.client_id, row.visitor_hash) == (None, digest("a-secret"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers, guide FROM intake_intake")
        assert not any(b"low_back" in bytes(blob) for blob in cursor.fetchone())
    assert recorded(somebody.practice_id) == ["guide.recorded"]


def test_nothing_is_kept_for_nobody(somebody: Actor, now: datetime) -> None:
    with pytest.raises(actions.NobodyToKeepForError):
        actions.record_guide(by=somebody, visitor="", answers=GUIDE, now=now)
    assert Intake.objects.count() == 0


def test_an_unknown_id_is_named_and_nothing_is_kept(somebody: Actor, now: datetime) -> None:
    with pytest.raises(UnknownAnswerIdError) as refused:
        actions.record_screening(by=somebody, visitor="v", answers={"R99": "yes"}, now=now)
    assert refused.value.field == "R99"
    assert Intake.objects.count() == 0


def test_the_screening_carries_the_guide_on_and_limits_it(somebody: Actor, now: datetime, well: dict[str, Any]) -> None:
    first = actions.record_guide(by=somebody, visitor="v", answers=GUIDE, now=now)
    second = actions.record_screening(by=somebody, visitor="v", answers=well | {"C12": "yes"}, now=now)
    assert second.id != first.id
    assert second.guide is not None
    assert second.guide["lean"] == "lighter_only"
    assert second.outcome == "review"
    assert second.answers["G2"] == "yes"
    assert Intake.objects.get(pk=first.id).guide["lean"] == "deep"


def test_a_claimed_intake_opens_to_its_client_and_no_longer_to_the_browser(
    somebody: Actor, tomasz: Actor, now: datetime, well: dict[str, Any]
) -> None:
    actions.record_guide(by=somebody, visitor="v", answers=GUIDE, now=now)
    newest = actions.record_screening(by=somebody, visitor="v", answers=well, now=now)
    assert tomasz.client_id is not None
    assert actions.claim(by=tomasz, visitor="v", client_id=tomasz.client_id, now=now) == newest.id
    assert queries.current_intake(visitor="v") is None
    assert set(Intake.objects.values_list("visitor_hash", flat=True)) == {""}
    current = queries.current_intake(client_id=tomasz.client_id)
    assert current is not None
    assert current.id == newest.id
    assert actions.claim(by=tomasz, visitor="v", client_id=tomasz.client_id, now=now) is None


def test_nobody_claims_for_somebody_else_or_with_another_secret(
    somebody: Actor, tomasz: Actor, other: Actor, now: datetime
) -> None:
    actions.record_guide(by=somebody, visitor="v", answers=GUIDE, now=now)
    assert tomasz.client_id is not None
    assert other.client_id is not None
    with pytest.raises(NotFoundError):
        actions.claim(by=tomasz, visitor="v", client_id=other.client_id, now=now)
    for wrong in ("", "w", digest("v")):
        assert actions.claim(by=tomasz, visitor=wrong, client_id=tomasz.client_id, now=now) is None
    assert Intake.objects.get().client_id is None


def test_staff_record_for_a_client_and_a_client_never_for_another(
    maren: Actor, tomasz: Actor, other: Actor, now: datetime, well: dict[str, Any]
) -> None:
    kept = actions.record_screening(by=maren, client_id=tomasz.client_id, answers=well, now=now)
    assert kept.client_id == tomasz.client_id
    with pytest.raises(NotFoundError):
        actions.record_screening(by=other, client_id=tomasz.client_id, answers=well, now=now)
    assert Intake.objects.count() == 1


def test_a_returning_client_keeps_what_still_stands(tomasz: Actor, now: datetime, well: dict[str, Any]) -> None:
    actions.record_screening(by=tomasz, answers=well | {"C20": "yes", "C01": "yes"}, now=now)
    later = now + timedelta(days=10)
    again = actions.record_screening(by=tomasz, answers={"C01": "no", "C02": "no"}, now=later)
    assert again.answers["C20"] == "yes"
    assert again.outcome == "adapt"
    assert again.valid_until == now + timedelta(days=1)


def test_a_row_answered_anew_takes_its_follow_ups_along(tomasz: Actor, now: datetime, well: dict[str, Any]) -> None:
    actions.record_screening(by=tomasz, answers=well | {"C12": "yes", "C12a": "yes"}, now=now)
    again = actions.record_screening(by=tomasz, answers={"C12": "no"}, now=now)
    assert "C12a" not in again.answers
    assert again.outcome == "clear"


def test_places_replace_places_and_the_results_follow(tomasz: Actor, now: datetime, well: dict[str, Any]) -> None:
    actions.record_guide(by=tomasz, answers=GUIDE, now=now)
    actions.record_screening(by=tomasz, answers=well | {"C24": "yes"}, now=now)
    moved = actions.record_places(by=tomasz, places=[{"region": "knee", "laterality": "right"}], now=now)
    assert moved.places == ({"region": "knee", "laterality": "right"},)
    assert moved.screening is not None
    assert moved.screening["caps"] == {"knee": 2}
    assert actions.record_places(by=tomasz, places=[], now=now).regions == ()


# Relaxing


def test_a_therapist_relaxes_a_row_and_the_outcome_is_worked_out_anew(
    maren: Actor, tomasz: Actor, now: datetime, well: dict[str, Any], recorded: Callable[..., list[str]]
) -> None:
    where = {"C16": {"answer": "yes", "regions": ["chest"]}}
    held = actions.record_screening(by=tomasz, answers=well | where, now=now)
    assert held.outcome == "doctor_first"
    freed = actions.relax(
        by=maren, intake_id=held.id, rule="C16", reason="Letter seen", scope="hold", cap=3, now=now + timedelta(hours=1)
    )
    assert freed.outcome == "adapt"
    assert freed.screening is not None
    assert set(freed.screening["caps"].values()) == {3}
    assert [item["by"] for item in freed.screening["relaxed"]] == [maren.name]
    row = Relaxation.objects.get()
    assert (row.rule, row.scope, row.cap, row.reason, row.by_id) == ("C16", "hold", 3, "Letter seen", maren.account_id)
    assert recorded(maren.practice_id)[-1] == "screening.relaxed"


def test_two_relaxations_add_up(maren: Actor, tomasz: Actor, now: datetime, well: dict[str, Any]) -> None:
    held = actions.record_screening(by=tomasz, answers=well | {"C16": "yes", "C21": "yes"}, now=now)
    actions.relax(by=maren, intake_id=held.id, rule="C16", reason="Letter seen", now=now)
    freed = actions.relax(by=maren, intake_id=held.id, rule="C21", reason="Low dose", now=now)
    assert freed.outcome == "clear"


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_emergency_rows_are_never_relaxed(
    maren: Actor, tomasz: Actor, now: datetime, well: dict[str, Any], answer: str
) -> None:
    kept = actions.record_screening(by=tomasz, answers=well | {"R15": answer}, now=now)
    with pytest.raises(EmergencyNotRelaxableError):
        actions.relax(by=maren, intake_id=kept.id, rule="R15", reason="Feels fine", now=now)
    assert Relaxation.objects.count() == 0


def test_what_cannot_be_relaxed(maren: Actor, tomasz: Actor, now: datetime, well: dict[str, Any]) -> None:
    kept = actions.record_screening(by=tomasz, answers=well | {"C16": "yes"}, now=now)
    with pytest.raises(UnknownRuleError):
        actions.relax(by=maren, intake_id=kept.id, rule="C99", reason="x", now=now)
    with pytest.raises(actions.NothingToRelaxError):
        actions.relax(by=maren, intake_id=kept.id, rule="C20", reason="x", now=now)
    with pytest.raises(InvalidError):
        actions.relax(by=maren, intake_id=kept.id, rule="C16", reason="  ", now=now)
    with pytest.raises(NotFoundError):
        actions.relax(by=tomasz, intake_id=kept.id, rule="C16", reason="x", now=now)
    with pytest.raises(NotFoundError):
        actions.relax(by=maren, intake_id=new_id(), rule="C16", reason="x", now=now)
    assert Relaxation.objects.count() == 0


def test_a_relaxation_holds_while_the_answer_stays_and_ends_with_it(
    maren: Actor, tomasz: Actor, now: datetime, well: dict[str, Any]
) -> None:
    held = actions.record_screening(by=tomasz, answers=well | {"C16": "yes"}, now=now)
    actions.relax(by=maren, intake_id=held.id, rule="C16", reason="Letter seen", now=now)
    again = well | {"C16": "yes"}
    kept = actions.record_screening(by=tomasz, answers=again, now=now + timedelta(days=14))
    assert kept.outcome == "clear"
    placed = actions.record_screening(
        by=tomasz, answers=well | {"C16": {"answer": "yes", "regions": ["chest"]}}, now=now + timedelta(days=15)
    )
    assert placed.outcome == "doctor_first"
    late = actions.record_screening(by=tomasz, answers=again, now=now + timedelta(days=91))
    assert late.outcome == "doctor_first"


def test_a_foreign_practice_s_therapist_relaxes_nothing(
    riverbend: Stage, openhands: Stage, client_of: Callable[..., Actor], staff_of: Callable[..., Actor],
    now: datetime, well: dict[str, Any],
) -> None:  # fmt: skip
    with tenancy.scope(practice_id=riverbend.practice.id):
        client = client_of(riverbend, next(iter(riverbend.clients)))
        kept = actions.record_screening(by=client, answers=well | {"C16": "yes"}, now=now)
    with tenancy.scope(practice_id=openhands.practice.id), pytest.raises(NotFoundError):
        actions.relax(by=staff_of(openhands, "therapist"), intake_id=kept.id, rule="C16", reason="x", now=now)


# Consents


def test_sensitive_consent_is_for_one_visit_and_withdrawn_in_one_tap(
    tomasz: Actor, now: datetime, recorded: Callable[..., list[str]]
) -> None:
    visit = new_id()
    assert tomasz.client_id is not None
    given = actions.give_consent(
        by=tomasz, client_id=tomasz.client_id, scope="sensitive", appointment_id=visit, regions=["chest", "gluteal"],
        now=now,
    )  # fmt: skip
    assert given.regions == ("gluteal", "chest")
    assert (given.in_force, given.text_version) == (True, "2026.1")
    assert [one.id for one in queries.consents(tomasz.client_id, visit)] == [given.id]
    assert queries.consents(tomasz.client_id, new_id()) == []
    back = actions.withdraw_consent(by=tomasz, consent_id=given.id, now=now + timedelta(minutes=1))
    assert back.withdrawn_at == now + timedelta(minutes=1)
    assert actions.withdraw_consent(by=tomasz, consent_id=given.id, now=now + timedelta(hours=1)) == back
    assert recorded(tomasz.practice_id) == ["consent.given", "consent.withdrawn"]


def test_the_same_consent_twice_is_one_row(tomasz: Actor, now: datetime) -> None:
    assert tomasz.client_id is not None
    visit = new_id()
    first, second = (
        actions.give_consent(by=tomasz, client_id=tomasz.client_id, scope="treatment", appointment_id=visit, now=now)
        for _ in range(2)
    )
    assert first == second
    assert Consent.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "sensitive", "regions": ["gluteal"]},
        {"scope": "sensitive", "appointment_id": new_id()},
        {"scope": "sensitive", "appointment_id": new_id(), "regions": ["hand"]},
        {"scope": "treatment", "regions": ["gluteal"]},
        {"scope": "everything"},
        {"scope": "treatment", "method": "telepathy"},
    ],
)
def test_consents_that_do_not_hold_together(tomasz: Actor, now: datetime, wrong: dict[str, Any]) -> None:
    assert tomasz.client_id is not None
    with pytest.raises((ConsentScopeError, NotFoundError)):
        actions.give_consent(by=tomasz, client_id=tomasz.client_id, now=now, **wrong)
    assert Consent.objects.count() == 0


def test_nobody_consents_for_somebody_else(tomasz: Actor, other: Actor, maren: Actor, now: datetime) -> None:
    assert tomasz.client_id is not None
    with pytest.raises(NotFoundError):
        actions.give_consent(by=other, client_id=tomasz.client_id, scope="treatment", now=now)
    with pytest.raises(NotFoundError):
        actions.give_consent(by=maren, client_id=tomasz.client_id, scope="treatment", now=now)
    spoken = actions.give_consent(by=maren, client_id=tomasz.client_id, scope="treatment", method="verbal", now=now)
    with pytest.raises(NotFoundError):
        actions.withdraw_consent(by=other, consent_id=spoken.id, now=now)
    assert actions.withdraw_consent(by=maren, consent_id=spoken.id, now=now).in_force is False
