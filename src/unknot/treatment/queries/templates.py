"""Reads of a practice's note templates."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.treatment import domain
from unknot.treatment.models import NoteTemplate, NoteTemplateVersion
from unknot.treatment.policies import can_edit_templates


@dataclass(frozen=True)
class TemplateVersion:
    """How a template stood from `at` on."""

    version: int
    at: datetime
    words: domain.TemplateWords


@dataclass(frozen=True)
class TemplateFacts:
    """A template as it stands, its earlier versions newest first, and whether it was put away."""

    id: UUID
    now: TemplateVersion
    earlier: tuple[TemplateVersion, ...]
    put_away: bool


def templates(*, by: Actor) -> list[TemplateFacts]:
    """The practice's templates by name, those put away last. Two queries. Raises NotFoundError for who may not."""
    if not can_edit_templates(by):
        raise NotFoundError
    versions: dict[UUID, list[TemplateVersion]] = {}
    for row in NoteTemplateVersion.objects.order_by("-version"):
        made = TemplateVersion(row.version, row.made_at, domain.template_from_data(row.content))
        versions.setdefault(row.template_id, []).append(made)
    found = [
        TemplateFacts(row.pk, versions[row.pk][0], tuple(versions[row.pk][1:]), row.put_away_at is not None)
        for row in NoteTemplate.objects.all()
    ]
    return sorted(found, key=lambda one: (one.put_away, one.now.words.name.casefold(), one.id))


def template(template_id: UUID, *, by: Actor) -> TemplateFacts:
    """One template. Raises NotFoundError."""
    found = next((one for one in templates(by=by) if one.id == template_id), None)
    if found is None:
        raise NotFoundError
    return found
