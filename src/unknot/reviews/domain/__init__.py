"""Verified reviews as plain rules."""

from unknot.reviews.domain.rules import (
    PRIOR_MEAN_MILLISTARS,
    PRIOR_WEIGHT,
    REVIEW_WINDOW,
    SMALLEST_SHOWN,
    RatingSummary,
    ReviewInvalidError,
    ReviewNotAllowedError,
    ReviewRefusal,
    TextHint,
    VisitToReview,
    check_review,
    ranking_millistars,
    rating_summary,
    require_may_review,
    review_refusal,
    text_hints,
)

__all__ = [
    "PRIOR_MEAN_MILLISTARS",
    "PRIOR_WEIGHT",
    "REVIEW_WINDOW",
    "SMALLEST_SHOWN",
    "RatingSummary",
    "ReviewInvalidError",
    "ReviewNotAllowedError",
    "ReviewRefusal",
    "TextHint",
    "VisitToReview",
    "check_review",
    "ranking_millistars",
    "rating_summary",
    "require_may_review",
    "review_refusal",
    "text_hints",
]
