"""Writes of the reviews room."""

from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking.queries import VisitFacts
from unknot.db.locks import lock_all
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.people import queries as people
from unknot.reviews.domain import VisitToReview, check_review, require_may_review
from unknot.reviews.models import Review
from unknot.reviews.queries import A_CLIENT, public_name, reviewable


def write_review(
    *, by: Actor, appointment_id: UUID, stars: int, words: str, anonymous: bool = False, now: datetime
) -> UUID:
    """Publishes the client's review of a completed visit, once; returns its id.

    Raises NotFoundError (also for somebody else's visit), booking's NotCompletedError, ReviewNotAllowedError (too late,
    or already reviewed), ReviewInvalidError (stars, length, contact data).
    """
    found = reviewable(appointment_id, by=by)
    lock_all("review", [appointment_id])
    reviewed = Review.objects.filter(appointment_id=appointment_id).exists()
    _require(found, by, reviewed=reviewed, now=now)
    text = check_review(stars=stars, text=words)
    row = Review.objects.create(
        practice_id=found.practice_id,
        appointment_id=found.id,
        therapist_id=found.therapist_id,
        client_id=found.client_id,
        stars=stars,
        words=text,
        shown_as=_shown_as(by, anonymous=anonymous),
        written_at=now,
    )
    _record("review.written", row.pk, by=by, stars=stars, now=now)
    return UUID(str(row.pk))


def change_review(
    *, by: Actor, appointment_id: UUID, stars: int, words: str, anonymous: bool = False, now: datetime
) -> UUID:
    """Changes the client's own review while the visit may be reviewed; returns its id. Raises as `write_review`."""
    found = reviewable(appointment_id, by=by)
    lock_all("review", [appointment_id])
    row = Review.objects.filter(appointment_id=appointment_id).first()
    if row is None:
        raise NotFoundError
    _require(found, by, reviewed=False, now=now)
    row.words = check_review(stars=stars, text=words)
    row.stars = stars
    row.shown_as = _shown_as(by, anonymous=anonymous)
    row.written_at = now
    row.save(update_fields=["words", "stars", "shown_as", "written_at"])
    _record("review.changed", row.pk, by=by, stars=stars, now=now)
    return UUID(str(row.pk))


def _require(found: VisitFacts, by: Actor, *, reviewed: bool, now: datetime) -> None:
    visit = VisitToReview(str(found.client_id), found.ended_at or found.ends_at, reviewed)
    require_may_review(visit, client_id=str(by.client_id), now=now)


def _shown_as(by: Actor, *, anonymous: bool) -> str:
    if anonymous or by.client_id is None:
        return A_CLIENT
    return public_name(people.client(by.client_id, by=by).name)


def _record(verb: str, review_id: UUID, *, by: Actor, stars: int, now: datetime) -> None:
    audit.record(by=by, verb=verb, subject="review", subject_id=review_id, client_id=by.client_id, now=now, stars=stars)
