"""Check-ins through the door: what is asked, what follows, what the next plan learns from it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from unknot.booking.queries import VisitFacts
from unknot.config.demo_data.build import Stage
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.notifications.models import Message
from unknot.outcomes import actions as outcomes
from unknot.outcomes import queries as progress
from unknot.outcomes.models import Measure
from unknot.treatment import actions, domain, queries
from unknot.treatment.models import CheckIn

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def over(visit: VisitFacts, begin: Callable[..., UUID], finish: Callable[..., datetime]) -> datetime:
    """When the session of `visit` ended."""
    return finish(visit, begin(visit, START, pain=5), START)


def alerts_sent() -> Any:
    """Messages to the therapist about answers (booking writes of its own)."""
    return Message.objects.filter(kind="therapist_alert", key__startswith="alert:")


def due(kind: str = "day_after") -> UUID:
    return UUID(str(CheckIn.objects.filter(kind=kind).order_by("due_at").values_list("pk", flat=True)[0]))


def given(**facts: Any) -> domain.CheckInAnswers:
    return domain.CheckInAnswers(hours_after=0, **{"soreness": 1, "pain": 3, **facts})


def test_quiet_answers_reassure_and_are_kept(visit: VisitFacts, over: datetime, tomasz: Actor) -> None:
    done = actions.answer_check_in(by=tomasz, check_in_id=due(), answers=given(), words=" fine ", now=over + DAY)
    assert done.result is not None
    assert done.answers is not None
    assert (done.result.level, done.words, done.answers.hours_after) == (domain.Level.REASSURE, "fine", 24.0)
    ratings = Measure.objects.filter(context="day_after").order_by("instrument")
    assert [(one.instrument, one.window, one.value["value"]) for one in ratings] == [
        ("nprs", "average_24h", 3.0),
        ("soreness", "", 1.0),
    ]
    assert CheckIn.objects.filter(kind="day_three").count() == 0
    assert alerts_sent().count() == 0


@pytest.mark.parametrize(("soreness", "asked"), [(2, 0), (3, 1)])
def test_soreness_of_three_is_asked_about_again(
    visit: VisitFacts, over: datetime, tomasz: Actor, soreness: int, asked: int
) -> None:
    actions.answer_check_in(by=tomasz, check_in_id=due(), answers=given(soreness=soreness), now=over + DAY)
    found = CheckIn.objects.filter(kind="day_three").values_list("due_at", flat=True)
    assert list(found) == [over + timedelta(hours=72)] * asked


def test_answering_twice_changes_nothing(visit: VisitFacts, over: datetime, tomasz: Actor) -> None:
    first = actions.answer_check_in(by=tomasz, check_in_id=due(), answers=given(soreness=4), now=over + DAY)
    again = actions.answer_check_in(by=tomasz, check_in_id=due(), answers=given(soreness=0), now=over + 2 * DAY)
    assert again == first
    assert Measure.objects.filter(context="day_after", instrument="soreness").count() == 1
    assert CheckIn.objects.filter(kind="day_three").count() == 1


def test_numbness_asks_the_warning_signs_at_once(visit: VisitFacts, over: datetime, tomasz: Actor) -> None:
    numb = given(new_symptoms=frozenset({"numbness"}))
    first = actions.answer_check_in(by=tomasz, check_in_id=due(), answers=numb, now=over + DAY)
    assert first.result is not None
    assert first.result.level == domain.Level.URGENT
    assert first.result.red_flag_questions == tuple(domain.FLAG_QUESTIONS)
    flags = dict.fromkeys(domain.FLAG_QUESTIONS, "no") | {"R03": "not_sure"}
    second = actions.answer_check_in(
        by=tomasz,
        check_in_id=first.id,
        answers=domain.CheckInAnswers(hours_after=0, red_flags=flags),
        now=over + DAY + timedelta(minutes=2),
    )
    assert second.result is not None
    assert (second.result.level, second.result.red_flag_questions) == (domain.Level.EMERGENCY, ())
    assert second.answered_at == over + DAY
    alerts = alerts_sent()
    assert alerts.count() == 2
    assert {alert.account_id for alert in alerts} == {visit.practitioner_id}
    assert {alert.due_at.date() for alert in alerts} == {(over + DAY).date()}


def test_a_message_says_nothing_of_the_answers(visit: VisitFacts, over: datetime, tomasz: Actor) -> None:
    bad = given(soreness=8, bruise="larger_than_palm")
    actions.answer_check_in(by=tomasz, check_in_id=due(), answers=bad, words="canary", now=over + DAY)
    said = str(list(alerts_sent().values("facts", "key")))
    assert "/desk/check-ins/" in said
    for word in ("canary", "soreness", "bruise", "Tomasz", "massage,"):
        assert word not in said


def test_the_list_shows_what_asks_and_forgets_what_was_seen(
    visit: VisitFacts, over: datetime, tomasz: Actor, maren: Actor
) -> None:
    actions.answer_check_in(by=tomasz, check_in_id=due(), answers=given(soreness=7), now=over + DAY)
    found = queries.attention_list(by=maren, now=over + DAY)
    assert [(one.client_name, one.id) for one in found] == [("Tomasz Wieland", due())]
    assert queries.attention_count(by=maren) == 1
    for _ in range(2):
        actions.mark_seen(by=maren, check_in_id=due(), now=over + DAY)
    assert queries.attention_list(by=maren, now=over + DAY) == []


def test_a_bad_reaction_lowers_the_next_plan(
    river: Stage,
    visit: VisitFacts,
    over: datetime,
    tomasz: Actor,
    maren: Actor,
    book_visit: Callable[..., VisitFacts],
    now: datetime,
) -> None:
    later = book_visit(river, tomasz, "2026-11-23T10:00", now=now, service="deep-tissue-60")
    before = queries.opened_visit(later.id, by=maren, now=over)
    assert before.plan is not None
    assert before.plan.plan.request.last_reaction == "none"
    bad = given(soreness=7, bruise="larger_than_palm")
    actions.answer_check_in(by=tomasz, check_in_id=due(), answers=bad, now=over + DAY)
    after = queries.opened_visit(later.id, by=maren, now=over + DAY)
    assert after.plan is not None
    assert after.last is not None
    assert (after.plan.plan.request.last_reaction, after.last.is_held) == ("bruised", True)
    level = {s.walton_max for s in after.plan.plan.segments if s.region == "low_back" and s.walton_max}
    assert max(level) == after.last.session.level - 1  # type: ignore[operator]
    actions.mark_seen(by=maren, check_in_id=due(), now=over + DAY)
    assert not queries.opened_visit(later.id, by=maren, now=over + DAY).last.is_held  # type: ignore[union-attr]


def test_strangers_and_made_up_ids_are_the_same(
    visit: VisitFacts, over: datetime, priya: Actor, maren: Actor, tomasz: Actor
) -> None:
    for by, check_in_id in ((priya, due()), (tomasz, uuid4()), (maren, due())):
        with pytest.raises(NotFoundError):
            actions.answer_check_in(by=by, check_in_id=check_in_id, answers=given(), now=over + DAY)
    with pytest.raises(NotFoundError):
        queries.check_in(due(), by=priya, now=over + DAY)
    with pytest.raises(NotFoundError):
        actions.mark_seen(by=tomasz, check_in_id=due(), now=over + DAY)


def test_a_question_far_ahead_is_not_open_yet(visit: VisitFacts, over: datetime, tomasz: Actor) -> None:
    with pytest.raises(actions.NotDueError):
        actions.answer_check_in(by=tomasz, check_in_id=due("weekly"), answers=given(), now=over + DAY)
    assert CheckIn.objects.filter(answered_at__isnull=False).count() == 0


def test_the_reminder_goes_out_once_and_only_while_it_is_open(visit: VisitFacts, over: datetime, tomasz: Actor) -> None:
    first = due()
    for _ in range(2):
        assert actions.remind_check_in(by=system(visit.practice_id), check_in_id=first, now=over + DAY)
    assert Message.objects.filter(kind="check_in_due").count() == 1
    actions.answer_check_in(by=tomasz, check_in_id=first, answers=given(), now=over + DAY)
    assert not actions.remind_check_in(by=system(visit.practice_id), check_in_id=first, now=over + DAY)
    assert not actions.remind_check_in(by=system(visit.practice_id), check_in_id=uuid4(), now=over + DAY)


@pytest.mark.parametrize(
    "bad",
    [{"soreness": 5}, {"bruise": "small"}, {"bruise": "larger_than_palm"}, {"new_symptoms": frozenset({"fever"})}],
)
def test_a_reaction_reaches_the_therapist_the_same_day(
    visit: VisitFacts, over: datetime, tomasz: Actor, maren: Actor, bad: dict[str, Any]
) -> None:
    actions.answer_check_in(by=tomasz, check_in_id=due(), answers=given(**bad), now=over + DAY)
    [message] = alerts_sent()
    assert (message.account_id, message.due_at) == (visit.practitioner_id, over + DAY)
    assert [one.id for one in queries.attention_list(by=maren, now=over + DAY)] == [due()]


def test_what_holds_the_next_visit_leaves_no_date_until_a_therapist_decides(
    visit: VisitFacts, over: datetime, tomasz: Actor, maren: Actor
) -> None:
    later = over + DAY

    def proposed() -> str:
        return progress.progress(visit.client_id, by=tomasz, now=later).proposal.kind  # type: ignore[arg-type]

    assert proposed() == "general"
    actions.answer_check_in(by=tomasz, check_in_id=due(), answers=given(bruise="larger_than_palm"), now=later)
    assert proposed() == "held"
    outcomes.decide_proposal(
        by=maren,
        client_id=visit.client_id,  # type: ignore[arg-type]
        interval_days=14,
        style="lighter",
        reason="Seen.",
        now=later + timedelta(hours=1),
    )
    assert proposed() == "signed"


def test_the_question_after_three_days_is_not_open_before(visit: VisitFacts, over: datetime, tomasz: Actor) -> None:
    actions.answer_check_in(by=tomasz, check_in_id=due(), answers=given(soreness=4), now=over + DAY)
    again, early = due("day_three"), over + timedelta(hours=71)
    assert [one.kind for one in queries.check_ins.open_check_ins(visit.id, now=early)] == []
    with pytest.raises(actions.NotDueError):
        actions.answer_check_in(by=tomasz, check_in_id=again, answers=given(soreness=4), now=early)
    done = actions.answer_check_in(
        by=tomasz, check_in_id=again, answers=given(soreness=3), now=over + timedelta(hours=72)
    )
    assert done.result is not None
    assert done.result.rows == ("sore_long",)
    assert Measure.objects.get(instrument="soreness", context="day_three").value["value"] == 3.0
