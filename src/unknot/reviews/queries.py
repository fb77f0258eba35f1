"""Reads of reviews and what they add up to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from unknot.booking import queries as booking
from unknot.booking.queries import VisitFacts
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.reviews.domain import RatingSummary, TextHint, ranking_millistars, rating_summary, text_hints
from unknot.reviews.models import Review
from unknot.reviews.policies import can_review

__all__ = [
    "A_CLIENT",
    "OwnReview",
    "Rating",
    "ReviewFacts",
    "TextHint",
    "hints",
    "own_review",
    "public_name",
    "rating",
    "rating_of_practice",
    "reviewable",
    "reviews_of_practice",
    "reviews_of_therapist",
]


@dataclass(frozen=True)
class ReviewFacts:
    """A published review. `shown_as` is what its author chose to be called in public."""

    id: UUID
    therapist_id: UUID
    therapist_name: str
    therapist_slug: str
    stars: int
    words: str
    shown_as: str
    reply: str
    written_at: datetime


@dataclass(frozen=True)
class OwnReview:
    """The actor's own review of one visit."""

    stars: int
    words: str
    anonymous: bool


@dataclass(frozen=True)
class Rating:
    """What published reviews of one therapist (or practice) add up to.

    `mean` has one decimal and is None, and `shown` False, below the number of reviews that an average needs.
    `millistars` is for ranking only: drawn towards the platform's mean.
    """

    count: int
    mean: str | None
    shown: bool
    sentence: str
    millistars: int


A_CLIENT = "A client"


def reviews_of_practice(*, limit: int) -> list[ReviewFacts]:
    """The latest published reviews of the practice in scope that say something in words. One query."""
    return _facts(Review.objects.filter(hidden_reason="").exclude(words=""), limit)


def reviews_of_therapist(therapist_id: UUID, *, limit: int) -> list[ReviewFacts]:
    """The latest published reviews of one therapist of the practice in scope, with words. One query."""
    return _facts(Review.objects.filter(hidden_reason="", therapist_id=therapist_id).exclude(words=""), limit)


def rating(therapist_ids: Iterable[UUID], *, visits: Mapping[UUID, int] | None = None) -> dict[UUID, Rating]:
    """Ratings of therapists of any practice, by id; everybody asked for has one. One query.

    `visits`: completed visits by therapist, where the caller may know them; averages then say of how many.
    """
    ids = list(therapist_ids)
    counted: dict[UUID, dict[int, int]] = {one: {} for one in ids}
    rows = Review.across_practices.filter(therapist_id__in=ids, hidden_reason="")
    for therapist_id, stars, number in rows.values_list("therapist_id", "stars").annotate(Count("id")):
        counted[therapist_id][stars] = number
    return {one: _rating(stars, None if visits is None else visits.get(one, 0)) for one, stars in counted.items()}


def rating_of_practice() -> Rating:
    """What all published reviews of the practice in scope add up to, of how many completed visits. Two queries."""
    rows = Review.objects.filter(hidden_reason="").values_list("stars").annotate(Count("id"))
    return _rating(dict(rows), sum(booking.completed_counts().values()))


def reviewable(appointment_id: UUID, *, by: Actor) -> VisitFacts:
    """The completed visit that the actor wants to review. Raises NotFoundError, also for staff who can see it."""
    found = booking.completed_visit(appointment_id, by=by)
    if not can_review(by, client_id=found.client_id):
        raise NotFoundError
    return found


def own_review(appointment_id: UUID, *, by: Actor) -> OwnReview | None:
    """The actor's own review of a visit, or None; also for a visit that is not theirs."""
    row = Review.objects.filter(appointment_id=appointment_id, client_id=by.client_id).first() if by.client_id else None
    return OwnReview(row.stars, row.words, row.shown_as == A_CLIENT) if row else None


def hints(words: str) -> tuple[TextHint, ...]:
    """What an author may want to reconsider before publishing these words."""
    return text_hints(words)


def public_name(name: str) -> str:
    """How a client is shown in public: first name and initial of the last."""
    parts = name.split()
    if not parts:
        return A_CLIENT
    return f"{parts[0]} {parts[-1][0]}."[:60] if len(parts) > 1 else parts[0][:60]


def _rating(by_stars: Mapping[int, int], visits: int | None) -> Rating:
    stars = [star for star, number in by_stars.items() for _ in range(number)]
    summary: RatingSummary = rating_summary(stars, visits=visits)
    return Rating(
        summary.count, summary.average, summary.average is not None, summary.sentence, ranking_millistars(by_stars)
    )


def _facts(rows: QuerySet[Review], limit: int) -> list[ReviewFacts]:
    return [
        ReviewFacts(
            id=row.pk,
            therapist_id=row.therapist_id,
            therapist_name=row.therapist.name,
            therapist_slug=row.therapist.slug,
            stars=row.stars,
            words=row.words,
            shown_as=row.shown_as,
            reply=row.reply,
            written_at=row.written_at,
        )
        for row in rows.select_related("therapist").order_by("-written_at", "id")[:limit]
    ]
