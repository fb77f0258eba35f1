"""A practice's own rules through the door: versions that stay, results that keep theirs, pages that say who and why."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake import actions, domain, queries
from unknot.intake.models import Intake, RulesVersion
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError

STRICTER = {"rule": "C12", "hold": "md_first", "cap": 2, "days": None}


def adjust(by: Actor, upon: int, now: datetime, **change: Any) -> domain.ScreeningRules:
    return actions.adjust_rule(by=by, change=STRICTER | change, reason="Our physician asks for it", upon=upon, now=now)


def test_each_change_is_a_version_with_author_reason_and_time(
    maren: Actor, now: datetime, recorded: Callable[..., list[str]]
) -> None:
    assert queries.rules_in_force().version == "2026.1"
    assert adjust(maren, 0, now).version == "2026.1+1"
    adjust(maren, 1, now + timedelta(days=1), rule="C20", hold="", cap=1)
    adjust(maren, 2, now + timedelta(days=2), hold="", cap=None)
    first = queries.rules_history(by=maren)[-1]
    assert (first.version, first.rule, first.by, first.reason, first.at) == (
        "2026.1+1", "C12", "Maren Oduya", "Our physician asks for it", now,
    )  # fmt: skip
    assert [one.rule for one in queries.rules_history(by=maren)[0].changes] == ["C20"]
    assert queries.rules_in_force().rows["C12"] == domain.screening_rules().rows["C12"]
    assert recorded(maren.practice_id) == ["rules.adjusted"] * 3


def test_new_answers_follow_the_new_version_old_results_keep_theirs(
    tomasz: Actor, maren: Actor, now: datetime, well: dict[str, Any]
) -> None:
    before = actions.record_screening(by=tomasz, answers={**well, "C12": "yes"}, now=now)
    adjust(maren, 0, now)
    after = actions.record_screening(by=tomasz, answers={**well, "C12": "yes"}, now=now + timedelta(minutes=1))
    old, new = (queries.intake_of(one.id, by=maren) for one in (before, after))
    assert (old.outcome, old.screening_version) == ("review", "2026.1")
    assert (new.outcome, new.screening_version) == ("doctor_first", "2026.1+1")
    adjust(maren, 1, now, hold="none", cap=4)
    again = domain.screen(queries.told_by(new).answers, rules=queries.rules_of(new.screening_version))
    assert again.to_dict() == new.screening
    told = queries.told_by(old).answers
    assert domain.screen(told, rules=queries.rules_of(old.screening_version)).to_dict() == old.screening
    assert queries.rules_of("2026.1+2").rows["C12"].can("cap")


def test_a_decision_is_worked_out_under_the_version_it_is_about(
    tomasz: Actor, maren: Actor, now: datetime, well: dict[str, Any]
) -> None:
    adjust(maren, 0, now)
    found = actions.record_screening(by=tomasz, answers={**well, "C12": "yes"}, now=now)
    adjust(maren, 1, now, hold="", cap=None)
    after = actions.relax(by=maren, intake_id=found.id, rule="C12", reason="Letter", scope="hold", now=now)
    assert after.screening is not None
    assert (after.outcome, after.screening["rules_version"]) == ("adapt", "2026.1+1")
    assert after.screening["caps"]["foot"] == 2


def test_what_is_refused_changes_nothing(tomasz: Actor, maren: Actor, now: datetime) -> None:
    adjust(maren, 0, now)
    owner = Actor(account_id=maren.account_id, practice_id=maren.practice_id, roles=frozenset({"owner", "front_desk"}))
    with pytest.raises(domain.EmergencyNotLoosenedError):
        adjust(maren, 1, now, rule="R01", hold="review")
    with pytest.raises(actions.RulesMovedOnError):
        adjust(maren, 0, now)
    with pytest.raises(domain.AdjustmentError):
        actions.adjust_rule(by=maren, change=STRICTER, reason=" ", upon=1, now=now)
    for by in (owner, tomasz):
        with pytest.raises(NotFoundError):
            adjust(by, 1, now)
        with pytest.raises(NotFoundError):
            queries.rules_history(by=by)
    assert RulesVersion.objects.count() == 1
    facts = RulesVersion.objects.values("practice_id", "base", "changes", "rule", "reason", "by_id", "at").get()
    with pytest.raises(IntegrityError), transaction.atomic():
        RulesVersion.objects.create(number=1, **facts)


def test_another_practice_keeps_its_own(maren: Actor, foothills: Stage, now: datetime) -> None:
    adjust(maren, 0, now)
    with tenancy.scope(practice_id=foothills.practice.id):
        assert queries.rules_in_force().version == "2026.1"


def test_the_pages(
    tomasz: Actor, maren: Actor, now: datetime, signed_in: Callable[..., Client], well: dict[str, Any]
) -> None:
    browser = signed_in(maren.account_id)
    row = reverse("intake:rule", args=["riverbend", "C12"])
    assert browser.get(row).status_code == 200
    form = {"upon": "0", "hold": "md_first", "cap": "2", "days": "", "reason": "Our physician asks for it"}
    page = browser.post(row, form, follow=True).content.decode()
    assert "2026.1+1" in page
    assert "Our physician asks for it" in page
    assert "adjusted here" in page
    stale = browser.post(row, form | {"reason": "typed words"})
    assert (stale.status_code, "typed words" in stale.content.decode()) == (422, True)
    loose = browser.post(
        reverse("intake:rule", args=["riverbend", "R15"]), {"upon": "1", "hold": "none", "reason": "typed words"}
    )
    assert (loose.status_code, "never made looser" in loose.content.decode()) == (422, True)
    assert browser.get(reverse("intake:rule", args=["riverbend", "X99"])).status_code == 404
    actions.record_screening(by=tomasz, answers={**well, "C12": "yes"}, now=now)
    assert Intake.objects.get().outcome == "doctor_first"
    assert signed_in(tomasz.account_id).get(row).status_code == 404
