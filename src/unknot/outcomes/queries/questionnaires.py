"""Questionnaires that the practice brought: the owner's list, and those in use."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.outcomes import domain
from unknot.outcomes.models import Questionnaire
from unknot.outcomes.policies import can_bring


@dataclass(frozen=True)
class BroughtFacts:
    """A questionnaire as the owner sees it. `state`: `waits` for the licence, `on` or `off`."""

    id: UUID
    form: domain.Questionnaire
    state: str
    installed_by: str
    installed_at: datetime
    accepted_by: str
    accepted_at: datetime | None
    proof: str


def brought(*, by: Actor) -> list[BroughtFacts]:
    """The newest file of every questionnaire, by title. For the owner, else NotFoundError. One query."""
    if not can_bring(by):
        raise NotFoundError
    return sorted((_facts(row) for row in _newest()), key=lambda one: one.form.title.casefold())


def in_use() -> dict[UUID, domain.Questionnaire]:
    """The questionnaires that are on in the practice in force. One query."""
    return {row.pk: domain.read_questionnaire(row.text) for row in _newest() if state_of(row) == "on"}


def measure_for(slug: str) -> domain.Measure:
    """One of our measures, or that of a questionnaire in use. Raises UnknownMeasureError, MeasureOffError."""
    ours = domain.MEASURES.get(slug)
    if ours is None or not ours.enabled:
        for form in in_use().values():
            if form.slug == slug:
                return form.measure
    return domain.measure(slug)


def measures_known(slugs: set[str]) -> dict[str, domain.Measure]:
    """Every measure of `slugs` that was ever used here, also those switched off since: old ratings stay readable."""
    found = {slug: domain.MEASURES[slug] for slug in slugs if slug in domain.MEASURES}
    if slugs - set(found):
        found |= {row.slug: domain.read_questionnaire(row.text).measure for row in _newest() if row.slug not in found}
    return found


def state_of(row: Questionnaire) -> str:
    """`waits`, `on` or `off`."""
    if row.accepted_at is None:
        return "waits"
    return "off" if row.off_at else "on"


def _newest() -> list[Questionnaire]:
    rows = Questionnaire.objects.select_related("installed_by", "accepted_by").order_by("slug", "-installed_at", "-id")
    return list(rows.distinct("slug"))


def _facts(row: Questionnaire) -> BroughtFacts:
    return BroughtFacts(
        id=row.pk,
        form=domain.read_questionnaire(row.text),
        state=state_of(row),
        installed_by=row.installed_by.name,
        installed_at=row.installed_at,
        accepted_by=row.accepted_by.name if row.accepted_by else "",
        accepted_at=row.accepted_at,
        proof=row.proof,
    )
