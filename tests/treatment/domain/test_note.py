"""A signed note never changes; what comes later says who, when and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.treatment.domain.comfort import Acknowledgement, ComfortEvent, SegmentSpan, Signal, comfort_state
from unknot.treatment.domain.note import (
    Assessment,
    NoteIncompleteError,
    NotePlan,
    NoteRecord,
    Objective,
    RegionFinding,
    SegmentDone,
    SignedNoteError,
    SoapNote,
    Subjective,
    amend,
    as_data,
    client_part,
    content_hash,
    from_data,
    is_intact,
    planned_as_done,
    prefill,
    revise,
    sign,
)
from unknot.treatment.domain.plan import PlanRequest
from unknot.treatment.domain.planning import build_plan

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
PLAN = build_plan(PlanRequest(60, "therapeutic", (("low_back", "left"),)))


def written(text: str = "Moves more easily.") -> SoapNote:
    events = [ComfortEvent("a", Signal.LIGHTER, NOW, NOW)]
    draft = prefill(PLAN, planned_as_done(PLAN), comfort_state(events), ["Sit through a film"], ["Level 3 at most"])
    return replace(draft, assessment=replace(draft.assessment, text=text))


def signed() -> NoteRecord:
    return sign(NoteRecord(written(), "Ana Duarte, RMT"), by="Ana Duarte, RMT", at=NOW)


def test_prefill_holds_facts_and_no_judgement() -> None:
    note = prefill(PLAN, planned_as_done(PLAN), None, ["Sit through a film"], ["Level 3 at most"])
    assert note.subjective.goals == ("Sit through a film",)
    assert note.precautions == ("Level 3 at most",)
    assert note.assessment == Assessment()
    assert {f.region for f in note.objective.findings} == {"low_back", "thigh_post", "hip_ant"}
    assert sum(s.minutes for s in note.objective.done) == 60


def test_what_was_not_done_is_not_in_the_note() -> None:
    done = [replace(s, minutes=0) if s.phase == "stretch" else s for s in planned_as_done(PLAN)]
    assert "stretch" not in {s.phase for s in prefill(PLAN, done).objective.done}


def test_an_unanswered_signal_is_said() -> None:
    assert written().assessment.comfort == (
        "Signals during the session: lighter 1, deeper 0, stop 0. Without an answer on the screen: 1."
    )


def test_repeated_too_much_and_the_time_to_adjust_are_in_the_note() -> None:
    span = SegmentSpan("s04", NOW, None, "low_back")
    pressed = [(0, "lighter"), (30, "lighter"), (60, "deeper")]
    taps = [ComfortEvent(f"e{s}", Signal(word), NOW, NOW + timedelta(seconds=s), s) for s, word in pressed]
    answers = [Acknowledgement(f"e{s}", NOW + timedelta(seconds=s + wait)) for s, wait in ((0, 4), (30, 6), (60, 20))]
    line = prefill(
        PLAN, planned_as_done(PLAN), comfort_state(taps, [span], answers), ended="It ended."
    ).assessment.comfort
    assert line == (
        "Signals during the session: lighter 2, deeper 1, stop 0. Less was wanted at: low back. "
        "It was too much repeatedly; a change of level, area or technique was prompted. "
        "Time to adjust: 6 s, 20 s at most. It ended."
    )


def test_what_was_said_aloud_needs_no_answer_and_lengthens_no_time() -> None:
    said = ComfortEvent("e1", Signal("stop"), NOW, NOW + timedelta(minutes=9), 1, NOW, spoken=True)
    state = comfort_state([said])
    assert (state.stop_active, state.unacknowledged, state.adjust_seconds, state.too_much_count) == (False, (), (), 1)


def test_a_signed_note_refuses_every_way_to_change_it() -> None:
    record = signed()
    with pytest.raises(SignedNoteError):
        revise(record, written("Other."))
    with pytest.raises(SignedNoteError):
        sign(record, by="Someone else", at=NOW)


@given(st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1)), max_size=4))
def test_amendments_leave_note_and_hash_as_they_were(rows: list[tuple[str, str]]) -> None:
    record = signed()
    for reason, text in rows:
        try:
            record = amend(record, author="Ana Duarte, RMT", at=NOW, reason=reason, text=text)
        except NoteIncompleteError:
            assert not reason.strip() or not text.strip()
    assert record.note == signed().note
    assert record.hash == signed().hash
    assert is_intact(record)


def test_tampering_shows() -> None:
    record = amend(signed(), author="A", at=NOW, reason="Wrong side", text="Right, not left.")
    record = amend(record, author="A", at=NOW, reason="Also", text="The date.")
    first = replace(record.amendments[0], text="Left after all.")
    assert not is_intact(replace(record, amendments=(first, record.amendments[1])))
    assert not is_intact(replace(record, amendments=record.amendments[1:]))
    assert not is_intact(replace(record, note=written("Other.")))


@given(st.text(), st.integers(0, 10), st.text())
def test_the_hash_follows_the_content_and_survives_storage(words: str, pain: int, other: str) -> None:
    note = replace(written(), subjective=Subjective(words=words, pain=pain))
    assert from_data(as_data(note)) == note
    assert content_hash(from_data(as_data(note))) == content_hash(note)
    changed = replace(note, subjective=Subjective(words=other, pain=pain))
    assert (content_hash(changed) == content_hash(note)) == (other == words)


def test_an_empty_note_is_not_signed() -> None:
    with pytest.raises(NoteIncompleteError):
        sign(NoteRecord(SoapNote(), "A"), by="A", at=NOW)
    with pytest.raises(NoteIncompleteError):
        sign(NoteRecord(written(""), "A"), by="A", at=NOW)


def test_a_draft_is_changed_not_amended() -> None:
    draft = NoteRecord(written(), "A")
    with pytest.raises(NoteIncompleteError):
        amend(draft, author="A", at=NOW, reason="r", text="t")
    assert revise(draft, written("Other.")).note.assessment.text == "Other."


def test_client_part_leaves_out_the_working_notes() -> None:
    note = replace(written("Guarding on the left; query facet."), subjective=Subjective(words="private words"))
    record = sign(NoteRecord(note, "A"), by="A", at=NOW)
    shown = repr(client_part(record))
    assert "query facet" not in shown
    assert "private words" not in shown


def test_findings_keep_their_scales() -> None:
    with pytest.raises(NoteIncompleteError):
        RegionFinding("low_back", "left", tenderness=11)
    with pytest.raises(NoteIncompleteError):
        RegionFinding("low_back", "left", tension="awful")


def test_a_note_of_the_first_format_keeps_its_seal() -> None:
    """The hash of this note as the first version of this program made it."""
    old = SoapNote(
        subjective=Subjective(goals=("Sit through a film",), words="Stiff.", pain=5),
        objective=Objective(
            findings=(RegionFinding("low_back", "left", "moderate", 6, "limited", 3, "full", "tight"),),
            text="Slow.",
            done=(SegmentDone("s01", "warm_up", "low_back", "left", "effleurage", "palm", 2, 7, "prone"),),
        ),
        assessment=Assessment(text="Fine.", response="Better."),
        plan=NotePlan(text="Go on.", home_care=("Walk",)),
        precautions=("Level 3",),
        minutes_booked=60,
        rules_version="2026-11",
        format=1,
    )
    assert content_hash(old) == "27f0623304d88577a477afa55caca7de784fbb7e91d31abc3c073d0cc8aea856"
    assert content_hash(from_data(as_data(old))) == content_hash(old)
