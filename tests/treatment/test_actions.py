"""Plan, session and comfort channel through the door."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from unknot.audit.models import Entry
from unknot.booking import queries as booking
from unknot.booking.queries import VisitFacts
from unknot.config.demo_data.build import Stage
from unknot.intake import actions as intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.treatment import actions, domain, queries
from unknot.treatment.models import Aftercare, CheckIn, ComfortEvent, Plan, SegmentDone, Session

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)


def opened(visit: VisitFacts, by: Actor) -> queries.OpenedVisit:
    return queries.opened_visit(visit.id, by=by, now=START)


def test_the_proposal_rests_on_the_answers(visit: VisitFacts, maren: Actor) -> None:
    found = opened(visit, maren)
    assert found.plan is not None
    assert found.plan.version == 0
    assert found.plan.plan.minutes == 60
    assert found.plan.plan.request.focus == (("low_back", "left"), ("shoulder", "right"))
    assert found.plan.plan.request.first_visit
    assert "elbow" in found.plan.plan.request.removed
    assert max(s.walton_max or 0 for s in found.plan.plan.segments) <= 3
    assert Plan.objects.count() == 0


def test_sensitive_areas_need_written_consent_for_this_visit(visit: VisitFacts, maren: Actor, tomasz: Actor) -> None:
    before = opened(visit, maren)
    assert before.plan is not None
    assert "gluteal" not in {s.region for s in before.plan.plan.segments}
    intake.give_consent(
        by=tomasz,
        client_id=tomasz.client_id,
        appointment_id=visit.id,
        scope="sensitive",
        regions=["gluteal"],
        now=START,
    )
    after = opened(visit, maren)
    assert after.plan is not None
    assert "gluteal" in {s.region for s in after.plan.plan.segments}


def test_each_change_is_a_new_version_and_needs_a_new_agreement(visit: VisitFacts, maren: Actor) -> None:
    agreed = actions.agree_plan(by=maren, appointment_id=visit.id, version=0, now=START)
    assert (agreed.version, agreed.agreed_at) == (1, START)
    part = next(s for s in agreed.plan.segments if s.phase == "focus")
    edit = actions.Edit("longer", part.key)
    changed = actions.edit_plan(by=maren, appointment_id=visit.id, version=1, edit=edit, now=START)
    assert (changed.version, changed.agreed_at) == (2, None)
    assert changed.plan.segment(part.key).minutes == part.minutes + 1
    assert changed.plan.minutes == 60
    with pytest.raises(actions.PlanNotAgreedError):
        actions.start_session(by=maren, appointment_id=visit.id, now=START)
    assert Plan.objects.filter(appointment_id=visit.id, agreed_at__isnull=False).count() == 1


def test_a_change_to_a_plan_that_moved_on_is_refused(visit: VisitFacts, maren: Actor) -> None:
    key = opened(visit, maren).plan.plan.segments[3].key  # type: ignore[union-attr]
    actions.edit_plan(by=maren, appointment_id=visit.id, version=0, edit=actions.Edit("longer", key), now=START)
    assert Plan.objects.count() == 2
    with pytest.raises(actions.PlanMovedOnError):
        actions.edit_plan(by=maren, appointment_id=visit.id, version=0, edit=actions.Edit("longer", key), now=START)
    assert Plan.objects.count() == 2


def test_no_change_goes_over_a_cap(visit: VisitFacts, maren: Actor) -> None:
    plan = opened(visit, maren).plan
    assert plan is not None
    part = next(s for s in plan.plan.segments if s.phase == "focus" and s.walton_max == 3)
    with pytest.raises(domain.PlanRuleError):
        actions.edit_plan(
            by=maren, appointment_id=visit.id, version=0, edit=actions.Edit("firmer", part.key), now=START
        )
    assert Plan.objects.count() == 0


def test_a_consent_taken_back_stops_the_start(visit: VisitFacts, maren: Actor, tomasz: Actor) -> None:
    given = intake.give_consent(
        by=tomasz,
        client_id=tomasz.client_id,
        appointment_id=visit.id,
        scope="sensitive",
        regions=["gluteal"],
        now=START,
    )
    actions.agree_plan(by=maren, appointment_id=visit.id, version=0, now=START)
    intake.withdraw_consent(by=tomasz, consent_id=given.id, now=START)
    with pytest.raises(actions.PlanOutdatedError):
        actions.start_session(by=maren, appointment_id=visit.id, now=START)
    assert opened(visit, maren).plan.outdated == ("consent",)  # type: ignore[union-attr]
    fresh = actions.propose_plan(by=maren, appointment_id=visit.id, now=START)
    actions.agree_plan(by=maren, appointment_id=visit.id, version=fresh.version, now=START)
    assert actions.start_session(by=maren, appointment_id=visit.id, now=START)


def test_starting_twice_is_starting_once(visit: VisitFacts, maren: Actor, begin: Callable[..., UUID]) -> None:
    first = begin(visit, START, pain=5)
    again = actions.start_session(by=maren, appointment_id=visit.id, pain=5, now=START + timedelta(seconds=1))
    assert first == again
    assert SegmentDone.objects.count() == 1
    assert booking.visit(visit.id, by=maren).state == "in_session"
    assert opened(visit, maren).pain_before == 5


def test_parts_follow_the_therapist_and_a_double_tap_moves_once(
    visit: VisitFacts, maren: Actor, begin: Callable[..., UUID]
) -> None:
    session_id = begin(visit, START)
    later = START + timedelta(minutes=5)
    for _ in range(2):
        actions.move_to_segment(by=maren, session_id=session_id, leave="s01", key="s02", now=later)
    session = queries.session_screen(visit.id, by=maren).session
    assert [span.key for span in session.spans] == ["s01", "s02"]
    clock = session.clock(later + timedelta(minutes=2))
    assert clock.current is not None
    assert (clock.current.segment.key, clock.elapsed) == ("s02", 420)
    assert clock.left_here == (clock.current.segment.minutes - 2) * 60


def test_a_repeated_tap_is_one_tap(visit: VisitFacts, tomasz: Actor, maren: Actor, begin: Callable[..., UUID]) -> None:
    session_id, tap_id = begin(visit, START), uuid4()
    taps = [
        actions.tap(by=tomasz, session_id=session_id, tap_id=tap_id, signal="lighter", now=START + timedelta(seconds=n))
        for n in range(3)
    ]
    assert len({tap.seq for tap in taps}) == 1
    assert ComfortEvent.objects.count() == 1
    assert queries.session_screen(visit.id, by=maren).session.comfort.lighter_count == 1


def test_stop_wins_until_it_is_answered(
    visit: VisitFacts, tomasz: Actor, maren: Actor, begin: Callable[..., UUID]
) -> None:
    session_id = begin(visit, START)
    stop = actions.tap(by=tomasz, session_id=session_id, tap_id=uuid4(), signal="stop", now=START)
    same = actions.tap(
        by=tomasz, session_id=session_id, tap_id=uuid4(), signal="deeper", now=START + timedelta(seconds=9)
    )
    actions.acknowledge(by=maren, session_id=session_id, seq=same.seq, now=START + timedelta(seconds=10))
    assert queries.session_screen(visit.id, by=maren).session.comfort.stop_active
    actions.acknowledge(by=maren, session_id=session_id, seq=stop.seq, now=START + timedelta(seconds=12))
    state = queries.session_screen(visit.id, by=maren).session.comfort
    assert (state.stop_active, state.unacknowledged) == (False, ())


def test_a_late_tap_is_refused_but_a_known_one_is_answered(
    visit: VisitFacts, tomasz: Actor, maren: Actor, begin: Callable[..., UUID]
) -> None:
    session_id, known = begin(visit, START), uuid4()
    first = actions.tap(by=tomasz, session_id=session_id, tap_id=known, signal="same", now=START)
    actions.end_session(
        by=maren, session_id=session_id, ended_by="client", words="tired", now=START + timedelta(minutes=9)
    )
    again = actions.tap(by=tomasz, session_id=session_id, tap_id=known, signal="same", now=START + timedelta(hours=1))
    assert first == again
    with pytest.raises(actions.SessionOverError):
        actions.tap(by=tomasz, session_id=session_id, tap_id=uuid4(), signal="same", now=START + timedelta(hours=1))
    assert ComfortEvent.objects.count() == 1


def test_only_the_client_or_a_joined_phone_may_tap(
    visit: VisitFacts, priya: Actor, maren: Actor, begin: Callable[..., UUID]
) -> None:
    session_id = begin(visit, START)
    for stranger in (priya, maren, Actor(practice_id=visit.practice_id)):
        with pytest.raises(NotFoundError):
            actions.tap(by=stranger, session_id=session_id, tap_id=uuid4(), signal="same", now=START)
    assert queries.joined_session(queries.join_code(session_id)) == session_id
    guest = Actor(practice_id=visit.practice_id)
    actions.tap(by=guest, session_id=session_id, tap_id=uuid4(), signal="same", joined=session_id, now=START)
    with pytest.raises(NotFoundError):
        actions.tap(by=guest, session_id=uuid4(), tap_id=uuid4(), signal="same", joined=session_id, now=START)
    assert ComfortEvent.objects.count() == 1


def test_a_phone_joined_to_one_session_is_not_in_another(
    river: Stage,
    visit: VisitFacts,
    priya: Actor,
    begin: Callable[..., UUID],
    book_visit: Callable[..., VisitFacts],
    now: datetime,
) -> None:
    mine = begin(visit, START)
    hers = begin(book_visit(river, priya, "2026-11-19T14:00", now=now), START)
    guest = Actor(practice_id=visit.practice_id)
    with pytest.raises(NotFoundError):
        actions.tap(by=guest, session_id=hers, tap_id=uuid4(), signal="stop", joined=mine, now=START)
    assert ComfortEvent.objects.count() == 0


def test_the_code_ends_with_the_session_and_is_not_stored(
    visit: VisitFacts, maren: Actor, begin: Callable[..., UUID]
) -> None:
    session_id = begin(visit, START)
    code = queries.join_code(session_id)
    assert code not in str(list(Session.objects.values()))
    actions.end_session(by=maren, session_id=session_id, ended_by="therapist", now=START + timedelta(minutes=3))
    for wrong in (code, "made-up"):
        with pytest.raises(NotFoundError):
            queries.joined_session(wrong)


def test_ending_makes_note_sheet_and_check_ins_from_what_was_done(
    visit: VisitFacts, maren: Actor, begin: Callable[..., UUID]
) -> None:
    session_id = begin(visit, START, pain=6)
    half = START + timedelta(minutes=5)
    actions.move_to_segment(by=maren, session_id=session_id, leave="s01", key="s02", now=half)
    over = START + timedelta(minutes=12)
    for _ in range(2):
        actions.end_session(by=maren, session_id=session_id, ended_by="client", words="a cramp", pain=3, now=over)
    assert booking.visit(visit.id, by=maren).state == "completed"
    draft = queries.note_draft(visit.id, by=maren, now=over)
    assert [(p.key, p.minutes) for p in draft.note.objective.done if p.minutes] == [("s01", 5), ("s02", 7)]
    assert [p.key for p in draft.note.objective.done] == [s.key for s in draft.session.plan.segments]  # type: ignore[union-attr]
    assert (draft.note.subjective.pain, draft.version) == (6, 1)
    sheet = domain.sheet_from_data(Aftercare.objects.get().content)
    assert len(sheet.done) == 1
    assert sheet.done[0].startswith("Low back")
    due = CheckIn.objects.order_by("due_at").values_list("kind", "due_at")
    expected = [("day_after", over + timedelta(hours=24))]
    assert list(due) == expected + [("weekly", over + timedelta(days=7 * n)) for n in range(1, 5)]


def test_a_new_visit_takes_over_the_weekly_question(
    river: Stage,
    visit: VisitFacts,
    tomasz: Actor,
    maren: Actor,
    begin: Callable[..., UUID],
    book_visit: Callable[..., VisitFacts],
    now: datetime,
) -> None:
    first = begin(visit, START)
    actions.end_session(by=maren, session_id=first, ended_by="therapist", now=START + timedelta(minutes=2))
    later = book_visit(river, tomasz, "2026-11-23T10:00", now=now)
    second = begin(later, START + timedelta(days=4))
    actions.end_session(by=maren, session_id=second, ended_by="therapist", now=START + timedelta(days=4, minutes=2))
    assert CheckIn.objects.filter(kind="weekly", appointment_id=visit.id).count() == 0
    assert CheckIn.objects.filter(kind="weekly", appointment_id=later.id).count() == 4
    assert CheckIn.objects.filter(kind="day_after").count() == 2


def test_front_desk_owner_and_clients_get_the_same_nothing(
    visit: VisitFacts, tomasz: Actor, priya: Actor, maren: Actor, begin: Callable[..., UUID]
) -> None:
    session_id = begin(visit, START)
    front = Actor(account_id=uuid4(), practice_id=visit.practice_id, roles=frozenset({"front_desk", "owner"}))
    for reader in (front, tomasz, priya):
        for ask in (
            lambda by: queries.opened_visit(visit.id, by=by, now=START),
            lambda by: queries.session_screen(visit.id, by=by),
            lambda by: queries.note_draft(visit.id, by=by, now=START),
            lambda by: queries.attention_list(by=by, now=START),
            lambda by: actions.end_session(by=by, session_id=session_id, ended_by="plan", now=START),
            lambda by: actions.propose_plan(by=by, appointment_id=visit.id, now=START),
        ):
            with pytest.raises(NotFoundError):
                ask(reader)


def test_a_colleague_reads_but_does_not_treat(visit: VisitFacts, maren: Actor, begin: Callable[..., UUID]) -> None:
    begin(visit, START)
    colleague = Actor(
        account_id=maren.account_id, practice_id=visit.practice_id, roles=frozenset({"therapist"}), therapist_id=uuid4()
    )
    found = queries.opened_visit(visit.id, by=colleague, now=START)
    assert not found.mine
    with pytest.raises(NotFoundError):
        queries.session_screen(visit.id, by=colleague)
    verbs = Entry.objects.filter(client_id=visit.client_id, verb="chart.opened").count()
    assert verbs == 1


def test_nothing_clinical_reaches_the_record(visit: VisitFacts, maren: Actor, begin: Callable[..., UUID]) -> None:
    session_id = begin(visit, START, pain=6)
    actions.end_session(
        by=maren, session_id=session_id, ended_by="client", words="canary cramp", now=START + timedelta(minutes=2)
    )
    said = str(list(Entry.objects.values("verb", "facts")))
    assert "session.ended" in said
    assert "canary" not in said
    assert "low_back" not in said
