"""Writes of the note: drafts, the signature, amendments."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.db.locks import lock_all
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, NotFoundError
from unknot.treatment import domain
from unknot.treatment.actions.follow_up import follow_up
from unknot.treatment.models import Amendment, Note
from unknot.treatment.queries.notes import NoteFacts, note_facts
from unknot.treatment.queries.sessions import session_of
from unknot.treatment.queries.visits import treated_visit


class NoteMovedOnError(ConflictError):
    """This note was saved on another screen meanwhile. Your words are still here, not saved yet; the other is shown."""

    code = "note-moved-on"


def save_note(
    *,
    by: Actor,
    appointment_id: UUID,
    version: int,
    note: domain.SoapNote,
    editor: str = "",
    overtakes: bool = False,
    now: datetime,
) -> int:
    """Saves a draft over the one that was loaded as `version` (0: none yet) and returns the new version.

    `editor` names the open page that typed it: with `overtakes` (the person pressed save) it may replace what the same
    page saved by itself a moment before, never what another page saved.

    For the treating therapist. Raises NotFoundError, NoteMovedOnError (nothing was overwritten), SignedNoteError.
    """
    typed = _Typed(version, note, editor, overtakes)
    return int(_save(typed, by=by, appointment_id=appointment_id, now=now).version)


def sign_note(
    *, by: Actor, appointment_id: UUID, version: int, note: domain.SoapNote, editor: str = "", now: datetime
) -> NoteFacts:
    """Saves the note and locks it for good: from here on there are only amendments. The client's sheet follows what the
    note says was done. Raises NotFoundError, NoteMovedOnError, SignedNoteError, NoteIncompleteError."""
    visit = treated_visit(appointment_id, by=by)
    note = domain.settled(note)
    domain.sign(domain.NoteRecord(note, author=str(by.account_id)), by=str(by.account_id), at=now)
    row = _save(_Typed(version, note, editor, overtakes=True), by=by, appointment_id=appointment_id, now=now)
    signed = domain.sign(note_facts(row).record, by=str(row.author_id), at=now)
    row.signed_at, row.content_hash = signed.signed_at, signed.hash
    row.save(update_fields=["signed_at", "content_hash"])
    session = session_of(visit.id)
    ended_at = session.ended_at if session and session.ended_at else min(visit.ends_at, now)
    follow_up(visit, note.objective.done, ended_at=ended_at, by=by, now=now)
    audit.record(
        by=by,
        verb="note.signed",
        subject="note",
        subject_id=row.pk,
        client_id=row.client_id,
        now=now,
        sha256=signed.hash,
    )
    return note_facts(row)


def amend_note(*, by: Actor, appointment_id: UUID, reason: str, text: str, now: datetime) -> None:
    """Adds a correction beside a signed note; the note itself stays. For the treating therapist.

    The same words again, right after each other, are one amendment. Raises NotFoundError, NoteIncompleteError.
    """
    visit = treated_visit(appointment_id, by=by)
    lock_all("treatment", [appointment_id])
    row = Note.objects.filter(appointment_id=appointment_id).first()
    if row is None:
        raise NotFoundError
    before = note_facts(row)
    reason, text = reason.strip(), text.strip()
    domain.amend(before.record, author=str(by.account_id), at=now, reason=reason, text=text)
    last = before.record.amendments[-1] if before.record.amendments else None
    if last and (last.reason, last.text, last.author) == (reason, text, str(by.account_id)):
        return
    added = Amendment.objects.create(
        practice_id=visit.practice_id, note=row, author_id=by.account_id, text=text, reason=reason, at=now
    )
    audit.record(
        by=by,
        verb="note.amended",
        subject="note",
        subject_id=row.pk,
        client_id=visit.client_id,
        now=now,
        amendment=str(added.pk),
    )


@dataclass(frozen=True)
class _Typed:
    """A note as typed: upon which version, in which page, and whether it may overtake that page's own saving."""

    version: int
    note: domain.SoapNote
    editor: str
    overtakes: bool

    def fits(self, row: Note) -> bool:
        own = bool(self.editor) and (row.content or {}).get("editor") == self.editor
        return bool(row.version == self.version or (self.overtakes and own))


def _save(typed: _Typed, *, by: Actor, appointment_id: UUID, now: datetime) -> Note:
    visit = treated_visit(appointment_id, by=by)
    if visit.client_id is None or by.account_id is None:
        raise NotFoundError
    lock_all("treatment", [appointment_id])
    row = Note.objects.filter(appointment_id=appointment_id).first()
    if row is None:
        if typed.version != 0:
            raise NoteMovedOnError
        row = Note(
            practice_id=visit.practice_id,
            appointment_id=visit.id,
            client_id=visit.client_id,
            author_id=by.account_id,
            version=0,
            content=None,
        )
    if row.signed_at is not None:
        raise domain.SignedNoteError
    if not typed.fits(row):
        raise NoteMovedOnError
    row.content = domain.as_data(typed.note) | {"editor": typed.editor}
    row.version, row.saved_at = row.version + 1, now
    row.save()
    audit.record(
        by=by,
        verb="note.saved",
        subject="note",
        subject_id=row.pk,
        client_id=visit.client_id,
        now=now,
        version=row.version,
    )
    return row
