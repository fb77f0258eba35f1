"""Writes of a practice's note templates. Every change is a new version; the old ones stay."""

from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, NotFoundError
from unknot.treatment import domain
from unknot.treatment.models import NoteTemplate, NoteTemplateVersion
from unknot.treatment.policies import can_edit_templates


class TemplateMovedOnError(ConflictError):
    """This template was changed elsewhere meanwhile. Your words are still here, not saved; compare, then save again."""

    code = "template-moved-on"


def save_template(
    *, by: Actor, template_id: UUID | None, version: int, words: domain.TemplateWords, now: datetime
) -> UUID:
    """Stores `words` as the next version of a template that was shown as `version` (None and 0: a new one). The same
    words again are no new version. Returns its id. For therapists and owners.

    Raises NotFoundError, TemplateMovedOnError.
    """
    row = _held(template_id, by=by) if template_id else _new(by, now)
    last = NoteTemplateVersion.objects.filter(template=row).order_by("-version").first()
    content = domain.template_as_data(words)
    if last is not None and last.content == content:
        return UUID(str(row.pk))
    if (last.version if last else 0) != version:
        raise TemplateMovedOnError
    NoteTemplateVersion.objects.create(
        practice_id=row.practice_id,
        template=row,
        version=version + 1,
        content=content,
        made_by_id=by.account_id,
        made_at=now,
    )
    _record("template.saved", row, by=by, now=now, version=version + 1)
    return UUID(str(row.pk))


def put_away_template(*, by: Actor, template_id: UUID, away: bool, now: datetime) -> None:
    """Takes a template out of the list of the note, or (`away` False) puts it back. Twice is once.

    For therapists and owners. Raises NotFoundError.
    """
    row = _held(template_id, by=by)
    if (row.put_away_at is not None) == away:
        return
    row.put_away_at = now if away else None
    row.save(update_fields=["put_away_at"])
    _record("template.put_away" if away else "template.brought_back", row, by=by, now=now)


def _held(template_id: UUID, *, by: Actor) -> NoteTemplate:
    row: NoteTemplate | None = None
    if can_edit_templates(by):
        row = NoteTemplate.objects.select_for_update(no_key=True, of=("self",)).filter(pk=template_id).first()
    if row is None:
        raise NotFoundError
    return row


def _new(by: Actor, now: datetime) -> NoteTemplate:
    if not can_edit_templates(by) or by.practice_id is None:
        raise NotFoundError
    made: NoteTemplate = NoteTemplate.objects.create(practice_id=by.practice_id, made_at=now)
    return made


def _record(verb: str, row: NoteTemplate, *, by: Actor, now: datetime, **facts: int) -> None:
    audit.record(by=by, verb=verb, subject="note_template", subject_id=row.pk, client_id=None, now=now, **facts)
