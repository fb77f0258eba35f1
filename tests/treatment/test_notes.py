"""The note through the door: drafts that nobody loses, a signature that holds, amendments beside it."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unknot.audit.models import Entry
from unknot.booking.queries import VisitFacts
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.treatment import actions, domain, queries
from unknot.treatment.models import Aftercare, Amendment, Note

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
LATER = START + timedelta(hours=2)


@pytest.fixture
def draft(
    visit: VisitFacts, begin: Callable[..., UUID], finish: Callable[..., datetime], maren: Actor
) -> queries.NoteDraft:
    """The draft of a session done in full."""
    finish(visit, begin(visit, START, pain=5), START)
    return queries.note_draft(visit.id, by=maren, now=LATER)


def written(note: domain.SoapNote, text: str = "Responded well.") -> domain.SoapNote:
    return replace(note, assessment=replace(note.assessment, text=text, response="Moved more freely."))


def test_a_full_session_prefills_everything_that_is_a_fact(draft: queries.NoteDraft) -> None:
    note = draft.note
    assert sum(part.minutes for part in note.objective.done) == 60
    assert {(row.region, row.laterality) for row in note.objective.findings} >= {("low_back", "left")}
    assert (note.subjective.pain, note.assessment.text, note.assessment.response) == (5, "", "")
    assert len(note.precautions) > 0


def test_an_old_form_is_told_so_and_nothing_is_lost(draft: queries.NoteDraft, maren: Actor) -> None:
    visit_id, first, second = draft.visit.id, written(draft.note, "first"), written(draft.note, "second")
    assert actions.save_note(by=maren, appointment_id=visit_id, version=1, note=first, now=LATER) == 2
    for overtakes in (False, True):
        with pytest.raises(actions.NoteMovedOnError):
            actions.save_note(
                by=maren,
                appointment_id=visit_id,
                version=1,
                note=second,
                editor="other page",
                overtakes=overtakes,
                now=LATER,
            )
    assert queries.note_draft(visit_id, by=maren, now=LATER).note == first


def test_pressing_save_may_overtake_the_same_pages_own_saving(draft: queries.NoteDraft, maren: Actor) -> None:
    visit_id, first, second = draft.visit.id, written(draft.note, "typed"), written(draft.note, "typed more")
    actions.save_note(by=maren, appointment_id=visit_id, version=1, note=first, editor="page", now=LATER)
    actions.save_note(
        by=maren, appointment_id=visit_id, version=1, note=second, editor="page", overtakes=True, now=LATER
    )
    with pytest.raises(actions.NoteMovedOnError):  # the page's own late saving never overtakes
        actions.save_note(by=maren, appointment_id=visit_id, version=1, note=first, editor="page", now=LATER)
    assert queries.note_draft(visit_id, by=maren, now=LATER).note == second


def test_a_signed_note_never_changes_whoever_asks(draft: queries.NoteDraft, maren: Actor) -> None:
    visit_id, note = draft.visit.id, written(draft.note)
    signed = actions.sign_note(by=maren, appointment_id=visit_id, version=1, note=note, now=LATER)
    assert (signed.record.signed_at, signed.intact) == (LATER, True)
    assert signed.record.hash == domain.content_hash(domain.settled(note))
    with pytest.raises(domain.SignedNoteError):
        actions.save_note(by=maren, appointment_id=visit_id, version=2, note=written(note, "no"), now=LATER)
    with pytest.raises(domain.SignedNoteError):
        actions.sign_note(by=maren, appointment_id=visit_id, version=2, note=written(note, "no"), now=LATER)
    for statement in (
        "UPDATE treatment_note SET version = 9",
        "UPDATE treatment_note SET signed_at = NULL",
        "DELETE FROM treatment_note",
    ):
        with pytest.raises(DatabaseError, match="signed note never changes"), transaction.atomic():
            connection.cursor().execute(statement)
    again = queries.note_of(visit_id, by=maren, now=LATER)
    assert again is not None
    assert (again.record.note, again.intact, again.version) == (domain.settled(note), True, 2)


def test_a_note_without_an_assessment_stays_a_draft(draft: queries.NoteDraft, maren: Actor) -> None:
    with pytest.raises(domain.NoteIncompleteError):
        actions.sign_note(by=maren, appointment_id=draft.visit.id, version=1, note=draft.note, now=LATER)
    assert (Note.objects.get().version, Note.objects.get().signed_at) == (1, None)


def test_amendments_stand_beside_the_note(draft: queries.NoteDraft, maren: Actor) -> None:
    visit_id = draft.visit.id
    with pytest.raises(domain.NoteIncompleteError):
        actions.amend_note(by=maren, appointment_id=visit_id, reason="typo", text="right side", now=LATER)
    actions.sign_note(by=maren, appointment_id=visit_id, version=1, note=written(draft.note), now=LATER)
    for _ in range(2):
        actions.amend_note(by=maren, appointment_id=visit_id, reason="typo", text="right side", now=LATER)
    with pytest.raises(domain.NoteIncompleteError):
        actions.amend_note(by=maren, appointment_id=visit_id, reason=" ", text="x", now=LATER)
    found = queries.note_of(visit_id, by=maren, now=LATER)
    assert found is not None
    assert [(one.text, one.reason) for one in found.record.amendments] == [("right side", "typo")]
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute("DELETE FROM treatment_amendment")
    assert Amendment.objects.count() == 1


def test_the_sheet_follows_what_the_note_says_was_done(draft: queries.NoteDraft, maren: Actor, tomasz: Actor) -> None:
    keep = next(part for part in draft.note.objective.done if part.phase == "focus")
    parts = tuple(part if part == keep else replace(part, minutes=0) for part in draft.note.objective.done)
    note = replace(written(draft.note), objective=replace(draft.note.objective, done=parts))
    assert len(domain.sheet_from_data(Aftercare.objects.get().content).done) > 1
    actions.sign_note(by=maren, appointment_id=draft.visit.id, version=1, note=note, now=LATER)
    found = queries.aftercare(draft.visit.id, by=tomasz, now=LATER)
    assert found.sheet is not None
    assert len(found.sheet.done) == 1


def test_the_client_reads_their_part_only_once_it_is_signed(
    draft: queries.NoteDraft, maren: Actor, tomasz: Actor, priya: Actor
) -> None:
    visit_id = draft.visit.id
    assert queries.aftercare(visit_id, by=tomasz, now=LATER).part is None
    actions.sign_note(by=maren, appointment_id=visit_id, version=1, note=written(draft.note, "canary"), now=LATER)
    part = queries.aftercare(visit_id, by=tomasz, now=LATER).part
    assert part is not None
    assert part.response == "Moved more freely."
    assert "canary" not in str(part)
    for stranger in (priya, maren):
        with pytest.raises(NotFoundError):
            queries.aftercare(visit_id, by=stranger, now=LATER)


def test_every_read_is_recorded(draft: queries.NoteDraft, maren: Actor, tomasz: Actor) -> None:
    before = Entry.objects.count()
    queries.note_of(draft.visit.id, by=maren, now=LATER)
    queries.note_draft(draft.visit.id, by=maren, now=LATER)
    queries.aftercare(draft.visit.id, by=tomasz, now=LATER)
    verbs = list(Entry.objects.order_by("number").values_list("verb", "actor_id"))[before:]
    assert verbs == [
        ("note.read", maren.account_id),
        ("note.read", maren.account_id),
        ("aftercare.read", tomasz.account_id),
    ]


TRIES = ("save", "sign", "amend", "words", "raw", "delete", "late tap")


@given(st.lists(st.sampled_from(TRIES), max_size=10))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_tried_in_whatever_order_a_signed_note_is_what_was_signed(
    draft: queries.NoteDraft, maren: Actor, tomasz: Actor, tries: list[str]
) -> None:
    visit_id = draft.visit.id
    before = draft.stored.version if draft.stored else 0
    with contextlib.suppress(domain.SignedNoteError):  # signed by an earlier example: it must still be the same
        actions.sign_note(by=maren, appointment_id=visit_id, version=before, note=written(draft.note), now=LATER)
    row = frozen()
    for n, what in enumerate(tries):
        with contextlib.suppress(domain.SignedNoteError, actions.NoteMovedOnError, DatabaseError), transaction.atomic():
            attempt(what, n, draft, maren, tomasz)
    assert frozen() == row
    found = queries.note_of(visit_id, by=maren, now=LATER)
    assert found is not None
    assert found.intact


def attempt(what: str, n: int, draft: queries.NoteDraft, maren: Actor, tomasz: Actor) -> None:
    visit_id, other = draft.visit.id, written(draft.note, f"something else {n}")
    if what == "save":
        actions.save_note(by=maren, appointment_id=visit_id, version=2, note=other, now=LATER)
    elif what == "sign":
        actions.sign_note(by=maren, appointment_id=visit_id, version=2, note=other, now=LATER)
    elif what == "amend":
        actions.amend_note(by=maren, appointment_id=visit_id, reason=f"slip {n}", text="left side", now=LATER)
    elif what == "late tap" and draft.session is not None:
        late = {"tapped_at": START + timedelta(minutes=9), "sent_at": LATER}
        actions.tap(by=tomasz, session_id=draft.session.id, tap_id=uuid4(), signal="lighter", now=LATER, **late)
    else:
        statements = {
            "words": "UPDATE treatment_note SET content = decode('00', 'hex')",
            "raw": "UPDATE treatment_note SET content_hash = 'x', saved_at = now()",
            "delete": "DELETE FROM treatment_note",
        }
        connection.cursor().execute(statements[what])


def frozen() -> list[tuple[object, ...]]:
    """The row as it lies in the table, sealed words included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT n::text FROM treatment_note n ORDER BY id")
        return list(cursor.fetchall())
