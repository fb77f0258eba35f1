"""Reads of notes and aftercare. Every one of them is recorded."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking.queries import VisitFacts
from unknot.kernel.actors import Actor
from unknot.treatment import domain
from unknot.treatment.models import Aftercare, Amendment, Note
from unknot.treatment.queries.check_ins import CheckInFacts, open_check_ins
from unknot.treatment.queries.visits import chart_visit, client_visit


@dataclass(frozen=True)
class NoteFacts:
    """A stored note. `version` rises with each saved draft; `intact` says that a signed note still has its seal."""

    id: UUID
    appointment_id: UUID
    client_id: UUID
    author_id: UUID
    record: domain.NoteRecord
    version: int
    saved_at: datetime
    intact: bool

    @property
    def is_signed(self) -> bool:
        """True once locked."""
        return self.record.is_signed


@dataclass(frozen=True)
class AftercareFacts:
    """What the client reads after a visit: the sheet, and the client's part of the note once that is signed."""

    visit: VisitFacts
    sheet: domain.AftercareSheet | None
    part: domain.ClientPart | None
    check_ins: tuple[CheckInFacts, ...]


def note_of(appointment_id: UUID, *, by: Actor, now: datetime) -> NoteFacts | None:
    """The note of a visit for therapists of the practice, None if nobody saved one. The read is recorded.

    Raises NotFoundError for everybody else.
    """
    visit = chart_visit(appointment_id, by=by)
    found = stored_note(appointment_id)
    if found is not None:
        audit.record(by=by, verb="note.read", subject="note", subject_id=found.id, client_id=visit.client_id, now=now)
    return found


def stored_note(appointment_id: UUID) -> NoteFacts | None:
    """The note of a visit, for callers that checked the reader and record the read."""
    row = Note.objects.filter(appointment_id=appointment_id).first()
    return note_facts(row) if row else None


def aftercare(appointment_id: UUID, *, by: Actor, now: datetime) -> AftercareFacts:
    """The client's own page after a visit. The read is recorded. Raises NotFoundError."""
    visit = client_visit(appointment_id, by=by)
    note = stored_note(appointment_id)
    row = Aftercare.objects.filter(appointment_id=appointment_id).first()
    audit.record(
        by=by, verb="aftercare.read", subject="appointment", subject_id=visit.id, client_id=visit.client_id, now=now
    )
    return AftercareFacts(
        visit=visit,
        sheet=domain.sheet_from_data(row.content) if row else None,
        part=domain.client_part(note.record) if note and note.is_signed else None,
        check_ins=open_check_ins(visit.id, now=now),
    )


def note_facts(row: Note) -> NoteFacts:
    """A row with its amendments as a value; the chain of amendments is worked out anew."""
    record = domain.NoteRecord(
        note=domain.from_data(row.content),
        author=str(row.author_id),
        signed_by=str(row.author_id) if row.signed_at else "",
        signed_at=row.signed_at,
        hash=row.content_hash,
    )
    if row.signed_at is not None:
        for one in Amendment.objects.filter(note_id=row.pk).order_by("at", "id"):
            record = domain.amend(record, author=str(one.author_id), at=one.at, reason=one.reason, text=one.text)
    return NoteFacts(
        id=row.pk,
        appointment_id=row.appointment_id,
        client_id=row.client_id,
        author_id=row.author_id,
        record=record,
        version=row.version,
        saved_at=row.saved_at,
        intact=row.signed_at is None or domain.is_intact(record),
    )
