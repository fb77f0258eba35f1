"""Bringing a questionnaire, answering for its licence, and a client's answers to it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.db.locks import lock_all
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.outcomes import domain
from unknot.outcomes.actions.ratings import keep
from unknot.outcomes.actions.rounds import NothingAskedError
from unknot.outcomes.models import Questionnaire
from unknot.outcomes.policies import can_bring
from unknot.outcomes.queries import MeasureFacts, round_for
from unknot.outcomes.queries.questionnaires import in_use

PROOF_LIMIT = 300
MOST = 20


class TooManyFilesError(ConflictError):
    """There are twenty questionnaires already. Send a new version of one of them; nothing was installed."""

    code = "too-many-questionnaires"


class ProofMissingError(InvalidError):
    """Please write down what allows you to use it: a licence number, a letter, or why none is needed. It stays off."""

    code = "proof-missing"


class TooFewAnswersError(InvalidError):
    """Too much is left open for a score. Nothing was stored yet; what you answered is still here."""

    code = "too-few-answers"


def bring_questionnaire(*, by: Actor, text: str, now: datetime) -> UUID:
    """Installs a file, switched off until `accept_licence`; returns its id. The same file again is one.

    A new version of a slug takes the place of the one before, which ends. Raises NotFoundError, BadFileError,
    TooManyFilesError.
    """
    if not can_bring(by) or by.practice_id is None:
        raise NotFoundError
    form = domain.read_questionnaire(text)
    lock_all("outcomes.questionnaires", [by.practice_id])
    last = _newest(form.slug)
    if last is not None and last.text == text:
        return UUID(str(last.pk))
    if last is None and Questionnaire.objects.values("slug").distinct().count() >= MOST:
        raise TooManyFilesError
    row = Questionnaire.objects.create(
        practice_id=by.practice_id, slug=form.slug, text=text, installed_by_id=by.account_id, installed_at=now
    )
    audit.record(by=by, verb="questionnaire.installed", subject="questionnaire", subject_id=row.pk, now=now)
    return UUID(str(row.pk))


def accept_licence(*, by: Actor, questionnaire_id: UUID, proof: str, now: datetime) -> None:
    """The owner answers for the licence of exactly this file, and it is on. Twice is once.

    Raises NotFoundError (also for a file that a newer one replaced), ProofMissingError.
    """
    row, words = _own(questionnaire_id, by=by), " ".join(proof.split())[:PROOF_LIMIT]
    if not words:
        raise ProofMissingError(field="proof")
    if row.accepted_at is None or row.off_at is not None:
        row.accepted_by_id, row.accepted_at, row.proof, row.off_at = by.account_id, now, words, None
        row.save(update_fields=["accepted_by", "accepted_at", "proof", "off_at"])
        audit.record(by=by, verb="questionnaire.accepted", subject="questionnaire", subject_id=row.pk, now=now)


def switch_off(*, by: Actor, questionnaire_id: UUID, now: datetime) -> None:
    """It is asked no more; what was answered stays. Twice is once. Raises NotFoundError."""
    row = _own(questionnaire_id, by=by)
    if row.off_at is None:
        row.off_at = now
        row.save(update_fields=["off_at"])
        audit.record(by=by, verb="questionnaire.off", subject="questionnaire", subject_id=row.pk, now=now)


def answer_questionnaire(
    *, by: Actor, client_id: UUID, questionnaire_id: UUID, chosen: Sequence[int | None], now: datetime
) -> MeasureFacts:
    """Stores a client's answers to a questionnaire that is open for them, with its score.

    `chosen`: for each item the number of the option, None for left open. Raises NotFoundError, NothingAskedError,
    ScoreInvalidError, TooFewAnswersError.
    """
    found = round_for(client_id, by=by, now=now)
    form = in_use().get(questionnaire_id)
    if form is None:
        raise NotFoundError
    if found.week is None or questionnaire_id not in [one.id for one in found.forms]:
        raise NothingAskedError
    score = domain.score_questionnaire(form, chosen)
    if score.value is None:
        raise TooFewAnswersError(f"Please answer at least {form.least} of {score.asked}.", field="items")
    content = {
        "value": score.value,
        "answered": score.answered,
        "asked": score.asked,
        "chosen": list(chosen),
        "version": form.version,
    }
    context = "review" if found.week else "intake"
    return keep(content, by=by, client_id=client_id, instrument=form.slug, context=context, when=now, now=now)


def _own(questionnaire_id: UUID, *, by: Actor) -> Questionnaire:
    row = Questionnaire.objects.select_for_update().filter(pk=questionnaire_id).first() if can_bring(by) else None
    newest = _newest(row.slug) if row is not None else None
    if row is None or newest is None or newest.pk != row.pk:
        raise NotFoundError
    found: Questionnaire = row
    return found


def _newest(slug: str) -> Questionnaire | None:
    found: Questionnaire | None = Questionnaire.objects.filter(slug=slug).order_by("-installed_at", "-id").first()
    return found
