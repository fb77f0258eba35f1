"""What the therapist's screen kept while the line was down: each mark once, none lost, at its own time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unknot.booking.queries import VisitFacts
from unknot.intake import actions as intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.treatment import actions, queries
from unknot.treatment.actions import Mark
from unknot.treatment.models import ComfortEvent, Note, SegmentDone, Session, SessionMark

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
SKEW = timedelta(hours=-31)  # the tablet's clock is more than a day slow


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def mark(kind: str, minutes: float, **content: Any) -> Mark:
    return Mark(uuid4(), kind, content, at(minutes) + SKEW)


@pytest.fixture
def send(visit: VisitFacts, begin: Callable[..., UUID], maren: Actor) -> Callable[..., list[str]]:
    """`send(marks, minutes)`: the marks arrive `minutes` after the start; what became of each."""
    session_id = begin(visit, START)

    def go(marks: list[Mark], minutes: float, *, by: Actor | None = None) -> list[str]:
        answers = actions.record_marks(
            by=by or maren, session_id=session_id, marks=marks, sent_at=at(minutes) + SKEW, now=at(minutes)
        )
        return [one.outcome for one in answers]

    return go


def spans() -> list[tuple[str, datetime, datetime | None]]:
    return list(SegmentDone.objects.order_by("started_at", "id").values_list("key", "started_at", "ended_at"))


def test_parts_have_the_times_of_the_room_not_of_the_line(send: Callable[..., list[str]]) -> None:
    kept = [mark("move", 5, leave="s01", key="s02"), mark("move", 12, leave="s02", key="s03")]
    assert send(kept, 40) == ["done", "done"]
    assert spans() == [("s01", START, at(5)), ("s02", at(5), at(12)), ("s03", at(12), None)]
    row = SessionMark.objects.order_by("id").first()
    assert row is not None
    assert (row.device_at, row.happened_at, row.received_at) == (at(5) + SKEW, at(5), at(40))


def test_sent_again_after_a_lost_answer_nothing_happens_twice(send: Callable[..., list[str]]) -> None:
    first = [mark("move", 5, leave="s01", key="s02"), mark("said", 6, signal="lighter"), mark("note", 7, words="firm")]
    send(first, 8)
    before = spans()
    assert send([*first, mark("move", 9, leave="s02", key="s03")], 10) == ["done"] * 4
    assert (spans()[:1], len(spans())) == (before[:1], 3)
    assert (ComfortEvent.objects.count(), SessionMark.objects.count()) == (1, 4)


def test_another_screen_that_went_on_wins_and_the_mark_is_kept(
    send: Callable[..., list[str]], visit: VisitFacts, maren: Actor
) -> None:
    session = queries.session_screen(visit.id, by=maren).session
    actions.move_to_segment(by=maren, session_id=session.id, leave="s01", key="s02", now=at(4))
    actions.move_to_segment(by=maren, session_id=session.id, leave="s02", key="s03", now=at(9))
    assert send([mark("move", 6, leave="s01", key="s02")], 12) == ["overtaken"]
    assert [key for key, *_ in spans()] == ["s01", "s02", "s03"]
    assert SessionMark.objects.get().outcome == "overtaken"


def test_a_whole_session_without_a_line_is_in_the_note(
    send: Callable[..., list[str]], visit: VisitFacts, maren: Actor
) -> None:
    kept = [
        mark("move", 5, leave="s01", key="s02"),
        mark("said", 6, signal="lighter"),
        mark("note", 7, words="tender at the left side"),
        mark("end", 31, ended_by="client", words="cramp in the calf", pain=4),
    ]
    assert send(kept, 95) == ["done"] * 4
    session = queries.session_screen(visit.id, by=maren).session
    assert (session.ended_at, session.ended_by, session.end_reason) == (at(31), "client", "cramp in the calf")
    note = queries.note_draft(visit.id, by=maren, now=at(96)).note
    assert "11:07" in note.objective.text
    assert "tender at the left side" in note.objective.text
    assert note.assessment.comfort.startswith(
        "Signals during the session: lighter 1, deeper 0, stop 0. Less was wanted at:"
    )
    assert note.assessment.comfort.endswith("The client ended the session at 11:31: cramp in the calf.")
    done = {part.key: part.minutes for part in note.objective.done if part.minutes}
    assert done == {"s01": 5, "s02": 26}


def test_what_arrives_after_the_end_is_kept_and_changes_nothing(
    send: Callable[..., list[str]], visit: VisitFacts, maren: Actor
) -> None:
    session = queries.session_screen(visit.id, by=maren).session
    actions.end_session(by=maren, session_id=session.id, ended_by="plan", now=at(20))
    before = spans()
    late = [
        mark("move", 5, leave="s01", key="s02"),
        mark("note", 6, words="late words"),
        mark("end", 19, ended_by="plan"),
    ]
    assert send(late, 30) == ["late", "late", "overtaken"]
    assert spans() == before
    [line] = queries.written_down(queries.session_screen(visit.id, by=maren).session)
    assert (line.words, line.late) == ("late words", True)


@pytest.mark.parametrize(
    "bad",
    [
        Mark(uuid4(), "move", {"leave": "s01", "key": "s99"}),
        Mark(uuid4(), "move", {"leave": ["s01"], "key": {}}),
        Mark(uuid4(), "said", {"signal": "louder"}),
        Mark(uuid4(), "note", {"words": "   "}),
        Mark(uuid4(), "acknowledge", {"seq": 10**30}),
        Mark(uuid4(), "end", {"ended_by": "plan", "pain": 11}),
        Mark(uuid4(), "end", {"ended_by": "plan", "pain": True}),
        Mark(uuid4(), "end", {"ended_by": "nobody"}),
        Mark(uuid4(), "dance"),
    ],
)
def test_a_bad_mark_is_refused_and_holds_up_no_other(bad: Mark, send: Callable[..., list[str]]) -> None:
    assert send([bad, mark("move", 1, leave="s01", key="s02")], 2) == ["refused", "done"]
    assert (SessionMark.objects.count(), Session.objects.get().ended_at) == (1, None)


def test_only_who_treats_may_send(send: Callable[..., list[str]], tomasz: Actor) -> None:
    with pytest.raises(NotFoundError):
        send([mark("note", 1, words="x")], 2, by=tomasz)
    assert SessionMark.objects.count() == 0


def test_a_tap_that_waited_counts_where_it_was_pressed(
    send: Callable[..., list[str]], visit: VisitFacts, tomasz: Actor, maren: Actor
) -> None:
    """The phone's clock is wrong by days; the tap belongs to the part in which it was pressed, and to the note."""
    session = queries.session_screen(visit.id, by=maren).session
    send([mark("move", 5, leave="s01", key="s02"), mark("move", 30, leave="s02", key="s03")], 31)
    wrong = timedelta(days=9)
    tapped = {"tapped_at": at(12) + wrong, "sent_at": at(33) + wrong}
    tap = actions.tap(by=tomasz, session_id=session.id, tap_id=uuid4(), signal="lighter", now=at(33), **tapped)
    assert tap.at == at(12)
    state = queries.session_screen(visit.id, by=maren).session.comfort
    region = session.plan.segment("s02").region
    assert state.lower_regions == (region,)
    actions.end_session(by=maren, session_id=session.id, ended_by="plan", now=at(60))
    late = {"tapped_at": at(59) + wrong, "sent_at": at(70) + wrong}
    kept = actions.tap(by=tomasz, session_id=session.id, tap_id=uuid4(), signal="lighter", now=at(70), **late)
    assert (kept.late, kept.at) == (True, at(59))
    assert "lighter 2" in queries.note_draft(visit.id, by=maren, now=at(71)).note.assessment.comfort
    with pytest.raises(actions.SessionOverError):
        actions.tap(by=tomasz, session_id=session.id, tap_id=uuid4(), signal="stop", now=at(75))


def test_the_client_ends_the_session_and_everything_follows(
    send: Callable[..., list[str]], visit: VisitFacts, tomasz: Actor, priya: Actor, maren: Actor
) -> None:
    session = queries.session_screen(visit.id, by=maren).session
    with pytest.raises(NotFoundError):
        actions.end_by_client(by=priya, session_id=session.id, now=at(10))
    for _ in range(2):
        actions.end_by_client(by=tomasz, session_id=session.id, words="dizzy", now=at(11))
    over = queries.session_screen(visit.id, by=maren).session
    assert (over.ended_by, over.end_reason, over.ended_at, [tap.signal for tap in over.taps]) == (
        "client",
        "dizzy",
        at(11),
        ["stop"],
    )
    assert Note.objects.get().author_id == maren.account_id
    comfort = queries.note_draft(visit.id, by=maren, now=at(12)).note.assessment.comfort
    assert "The client ended the session at 11:11: dizzy." in comfort
    assert queries.aftercare(visit.id, by=tomasz, now=at(12)).sheet is not None


def test_taken_back_closes_a_part_at_once_but_what_was_done_without_a_line_is_a_fact(
    visit: VisitFacts, tomasz: Actor, maren: Actor, begin: Callable[..., UUID]
) -> None:
    assert visit.client_id is not None
    given = intake.give_consent(
        by=tomasz, client_id=visit.client_id, appointment_id=visit.id, scope="sensitive", regions=["gluteal"], now=START
    )
    session_id = begin(visit, START)
    plan = queries.session_screen(visit.id, by=maren).session.plan
    there = next(segment.key for segment in plan.segments if segment.region == "gluteal")
    intake.withdraw_consent(by=tomasz, consent_id=given.id, now=at(3))
    move = {"leave": "s01", "key": there}
    [live] = actions.record_marks(
        by=maren, session_id=session_id, marks=[Mark(uuid4(), "move", move, at(4))], sent_at=at(4), now=at(4)
    )
    assert (live.outcome, SegmentDone.objects.count()) == ("refused", 1)
    assert "took back" in live.why
    [fact] = actions.record_marks(
        by=maren, session_id=session_id, marks=[Mark(uuid4(), "move", move, at(7))], sent_at=at(20), now=at(20)
    )
    assert fact.outcome == "done"
    assert queries.session_screen(visit.id, by=maren).session.part == there


kinds = st.sampled_from(["move", "said", "note"])


@given(st.lists(st.tuples(kinds, st.integers(0, 50)), max_size=8), st.lists(st.integers(0, 8), max_size=4))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_the_line_breaks_every_mark_is_there_once(
    visit: VisitFacts, begin: Callable[..., UUID], maren: Actor, rows: list[tuple[str, int]], breaks: list[int]
) -> None:
    """Marks go out in batches; after a break the device sends again everything it has no answer for."""
    session_id = begin_once(visit, begin, maren)
    SegmentDone.objects.exclude(key="s01").delete()
    SegmentDone.objects.update(ended_at=None)
    ComfortEvent.objects.all().delete()
    made, part = [], 1
    for kind, minute in sorted(rows, key=lambda row: row[1]):
        content: dict[str, Any] = {"said": {"signal": "deeper"}, "note": {"words": f"w{minute}"}}.get(kind, {})
        if kind == "move":
            content = {"leave": f"s{part:02d}", "key": f"s{part + 1:02d}"}
            part += 1
        made.append(Mark(uuid4(), kind, content, at(minute)))
    for n in [*breaks, len(made)]:
        actions.record_marks(by=maren, session_id=session_id, marks=made[:n], sent_at=at(51), now=at(51))
    ids = [one.id for one in made]
    kept = SessionMark.objects.filter(mark_id__in=ids).values_list("mark_id", flat=True)
    assert (len(kept), set(kept)) == (len(ids), set(ids))
    assert set(SessionMark.objects.filter(mark_id__in=ids).values_list("outcome", flat=True)) <= {"done"}
    assert ComfortEvent.objects.count() == sum(one.kind == "said" for one in made)
    moves = [one.at for one in made if one.kind == "move"]
    assert [started for _, started, _ in spans()][1:] == moves


def begin_once(visit: VisitFacts, begin: Callable[..., UUID], maren: Actor) -> UUID:
    running = Session.objects.filter(appointment_id=visit.id).first()
    return UUID(str(running.pk)) if running else begin(visit, START)
