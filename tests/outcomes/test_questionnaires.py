"""A questionnaire that a practice brings: off until somebody answers for its licence, then asked and scored."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from unknot.audit.models import Entry
from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.outcomes import actions, queries
from unknot.outcomes.actions import NothingAskedError, ProofMissingError, TooFewAnswersError
from unknot.outcomes.domain import BadFileError, ScoreInvalidError, UnknownMeasureError
from unknot.outcomes.models import Measure, Questionnaire

TOMASZ = "tomasz@clients.example"
FIRST = date(2026, 10, 5)
BEGUN = datetime(2026, 10, 6, 16, 0, tzinfo=UTC)
WEEK = timedelta(weeks=1)


@pytest.fixture
def owner(riverbend: Stage, staff_of: Callable[..., Actor]) -> Iterator[Actor]:
    """Riverbend's owner, inside its walls."""
    actor = staff_of(riverbend, "owner")
    with tenancy.scope(practice_id=riverbend.practice.id, account_id=actor.account_id):
        yield actor


@pytest.fixture
def tomasz(
    riverbend: Stage, owner: Actor, client_of: Callable[..., Actor], visit_on: Callable[..., Appointment]
) -> Actor:
    """Tomasz, whose care began on 5 October."""
    visit_on(riverbend, TOMASZ, FIRST)
    return client_of(riverbend, TOMASZ)


def bring(by: Actor, text: str, *, accept: bool = True, now: datetime = BEGUN) -> UUID:
    made = actions.bring_questionnaire(by=by, text=text, now=now)
    if accept:
        actions.accept_licence(by=by, questionnaire_id=made, proof="Letter of 2 May", now=now)
    return made


def answer(by: Actor, paper: UUID, *chosen: int | None, now: datetime = BEGUN) -> queries.MeasureFacts:
    assert by.client_id
    return actions.answer_questionnaire(
        by=by, client_id=by.client_id, questionnaire_id=paper, chosen=chosen or (0, 1, 2, 2), now=now
    )


def open_forms(by: Actor, now: datetime = BEGUN) -> list[UUID]:
    assert by.client_id
    return [one.id for one in queries.round_for(by.client_id, by=by, now=now).forms]


def test_it_is_off_until_somebody_answers_for_the_licence(owner: Actor, tomasz: Actor, made_up: str) -> None:
    paper = bring(owner, made_up, accept=False)
    assert [one.state for one in queries.brought(by=owner)] == ["waits"]
    assert open_forms(tomasz) == []
    with pytest.raises(NotFoundError):
        answer(tomasz, paper)
    with pytest.raises(UnknownMeasureError):
        actions.record_measure(
            by=tomasz,
            client_id=tomasz.client_id or uuid4(),
            instrument="stairs_4",
            value=3,
            context="review",
            now=BEGUN,
        )
    with pytest.raises(ProofMissingError):
        actions.accept_licence(by=owner, questionnaire_id=paper, proof="  ", now=BEGUN)
    actions.accept_licence(by=owner, questionnaire_id=paper, proof="Letter of 2 May", now=BEGUN)
    [facts] = queries.brought(by=owner)
    assert (facts.state, facts.accepted_by, facts.proof) == ("on", "Maren Oduya", "Letter of 2 May")
    assert open_forms(tomasz) == [paper]
    actions.switch_off(by=owner, questionnaire_id=paper, now=BEGUN)
    assert open_forms(tomasz) == []
    assert list(
        Entry.objects.filter(verb__startswith="questionnaire.").order_by("number").values_list("verb", flat=True)
    ) == [
        "questionnaire.installed",
        "questionnaire.accepted",
        "questionnaire.off",
    ]


def test_answers_are_scored_kept_and_compared_and_stay_when_it_is_off(
    owner: Actor, tomasz: Actor, made_up: str
) -> None:
    paper = bring(owner, made_up)
    made = answer(tomasz, paper, 0, 1, 2, 2)
    assert (made.instrument, made.value, made.context) == ("stairs_4", 5.0, "intake")
    assert open_forms(tomasz) == []
    with pytest.raises(NothingAskedError):
        answer(tomasz, paper)
    again = answer(tomasz, paper, 0, None, 0, 0, now=BEGUN + 4 * WEEK)
    assert (again.value, again.answered, again.asked, again.context) == (0.0, 3, 4, "review")
    row = Measure.objects.get(pk=again.id)
    assert (row.value["chosen"], row.value["version"]) == ([0, None, 0, 0], "1")
    actions.switch_off(by=owner, questionnaire_id=paper, now=BEGUN + 5 * WEEK)
    assert tomasz.client_id
    [series] = queries.progress(tomasz.client_id, by=tomasz, now=BEGUN + 5 * WEEK).others
    assert (series.name, [value for _, value, _ in series.points]) == ("Stairs and shelves", [5.0, 0.0])
    assert (series.blanks, series.same) == (((4, 4), (3, 4)), pytest.approx((2.04, 7.96)))
    assert series.change is not None
    assert series.change.direction == "better"


@pytest.mark.parametrize(
    ("chosen", "refusal"),
    [((0, None, None, 1), TooFewAnswersError), ((0, 1), ScoreInvalidError), ((0, 1, 2, 3), ScoreInvalidError)],
)
def test_answers_that_make_no_score_are_refused(
    owner: Actor, tomasz: Actor, made_up: str, chosen: tuple[int | None, ...], refusal: type[Exception]
) -> None:
    paper = bring(owner, made_up)
    with pytest.raises(refusal):
        answer(tomasz, paper, *chosen)
    assert Measure.objects.count() == 0


def test_a_new_version_has_to_be_accepted_anew_and_the_same_file_is_one(
    owner: Actor, tomasz: Actor, made_up: str
) -> None:
    paper = bring(owner, made_up)
    assert bring(owner, made_up, accept=False) == paper
    second = bring(owner, made_up.replace('version = "1"', 'version = "2"'), accept=False, now=BEGUN + WEEK)
    assert second != paper
    assert [(one.id, one.state) for one in queries.brought(by=owner)] == [(second, "waits")]
    assert open_forms(tomasz) == []
    with pytest.raises(NotFoundError):
        actions.accept_licence(by=owner, questionnaire_id=paper, proof="the old letter", now=BEGUN)
    with pytest.raises(BadFileError):
        bring(owner, "no file at all")
    assert Questionnaire.objects.count() == 2


def test_only_the_owner_brings_and_only_in_their_own_house(
    owner: Actor, tomasz: Actor, made_up: str, foothills: Stage, staff_of: Callable[..., Actor]
) -> None:
    paper = bring(owner, made_up)
    for by in (tomasz, system(owner.practice_id)):
        with pytest.raises(NotFoundError):
            bring(by, made_up)
        with pytest.raises(NotFoundError):
            queries.brought(by=by)
        with pytest.raises(NotFoundError):
            actions.switch_off(by=by, questionnaire_id=paper, now=BEGUN)
    away = staff_of(foothills, "owner")
    with tenancy.scope(practice_id=foothills.practice.id, account_id=away.account_id):
        assert queries.brought(by=away) == []
        with pytest.raises(NotFoundError):
            actions.accept_licence(by=away, questionnaire_id=paper, proof="mine", now=BEGUN)


def test_the_back_form_on_the_screen_takes_the_place_of_paper(
    riverbend: Stage, owner: Actor, tomasz: Actor, made_up: str
) -> None:
    statements = "".join(f'[[item]]\ntext = "Made-up statement {n}"\n' for n in range(24))
    head, _ = made_up.split("[[option]]", 1)
    text = head.replace("stairs_4", "rmdq").replace('rule = "sum"\nleast_answered = 3', 'rule = "ticks"') + statements
    client = made_client(tomasz)
    Intake.objects.create(
        practice=riverbend.practice,
        client_id=client,
        answers={"answers": {"regions": [{"region": "low_back", "intensity": 6}]}, "asked_at": {}},
        created_at=BEGUN,
    )
    assert queries.round_for(client, by=tomasz, now=BEGUN).paper
    paper = bring(owner, text)
    found = queries.round_for(client, by=tomasz, now=BEGUN)
    assert (found.paper, [one.id for one in found.forms]) == (False, [paper])
    made = answer(tomasz, paper, *([0] * 9 + [None] * 15))
    assert (made.instrument, made.value, made.answered) == ("rmdq", 9.0, 24)


def made_client(by: Actor) -> UUID:
    assert by.client_id
    return by.client_id


def test_the_message_goes_out_while_only_a_questionnaire_waits(owner: Actor, tomasz: Actor, made_up: str) -> None:
    client, later = made_client(tomasz), BEGUN + 4 * WEEK
    paper = bring(owner, made_up)
    given: dict[str, Any] = {"by": tomasz, "client_id": client, "now": later}
    actions.answer_round(activities={"Sleep": 4}, overall=3, **given)
    asked: dict[str, Any] = {"by": system(owner.practice_id), "client_id": client, "week": 4}
    assert actions.ask(**asked, number=0, now=later) is True
    answer(tomasz, paper, now=later)
    assert actions.ask(**asked, number=1, now=later + timedelta(days=4)) is False
