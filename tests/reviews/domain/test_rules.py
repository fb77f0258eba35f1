"""Reviews: only after a completed visit, no contact data, no average from too few."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.reviews.domain import (
    PRIOR_MEAN_MILLISTARS,
    REVIEW_WINDOW,
    SMALLEST_SHOWN,
    ReviewInvalidError,
    ReviewNotAllowedError,
    ReviewRefusal,
    VisitToReview,
    check_review,
    ranking_millistars,
    rating_summary,
    require_may_review,
    review_refusal,
    text_hints,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("visit", "refusal"),
    [
        (VisitToReview("maren", YESTERDAY, False), None),
        (VisitToReview("maren", NOW - REVIEW_WINDOW, False), None),
        (VisitToReview("maren", NOW, False), None),
        (VisitToReview("tomas", YESTERDAY, False), ReviewRefusal.NOT_YOURS),
        (VisitToReview("maren", None, False), ReviewRefusal.NOT_COMPLETED),
        (VisitToReview("maren", NOW + timedelta(seconds=1), False), ReviewRefusal.NOT_COMPLETED),
        (VisitToReview("maren", YESTERDAY, True), ReviewRefusal.ALREADY),
        (VisitToReview("maren", NOW - REVIEW_WINDOW - timedelta(seconds=1), False), ReviewRefusal.TOO_LATE),
    ],
)
def test_who_may_review(visit: VisitToReview, refusal: ReviewRefusal | None) -> None:
    assert review_refusal(visit, client_id="maren", now=NOW) == refusal
    if refusal is None:
        require_may_review(visit, client_id="maren", now=NOW)
    else:
        with pytest.raises(ReviewNotAllowedError) as refused:
            require_may_review(visit, client_id="maren", now=NOW)
        assert refused.value.extra == {"reason": refusal.value}


@pytest.mark.parametrize("stars", [0, 6, -1, True])
def test_stars_run_from_one_to_five(stars: int) -> None:
    with pytest.raises(ReviewInvalidError) as refused:
        check_review(stars=stars, text="")
    assert refused.value.field == "stars"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Write to ines@wren.example, she is great", ["email"]),
        ("Call 780-555-0134 for a visit", ["phone"]),
        ("Call +1 (780) 555 0134 for a visit", ["phone"]),
        ("See https://wren.example/x for more", ["link"]),
        ("Find me at @inesrelaxes for more", ["handle"]),
        ("She helped with my sciatica a lot", ["health"]),
        ("My diagnosis: arthritis; call 780-555-0134", ["health", "health", "phone"]),
        ("Took 60 minutes, came 12 times since 2024", []),
        ("Kind, punctual, and the pressure was right.", []),
    ],
)
def test_contact_data_and_health_details_are_noticed(text: str, kinds: list[str]) -> None:
    assert [hint.kind for hint in text_hints(text)] == kinds
    if set(kinds) - {"health"}:
        with pytest.raises(ReviewInvalidError):
            check_review(stars=5, text=text)
    else:
        assert check_review(stars=5, text=text) == text


def test_length_and_control_characters() -> None:
    assert check_review(stars=4, text="  ") == ""
    assert check_review(stars=4, text=" Kind\x00 and punctual \r\nEvery time.\x1b") == "Kind and punctual \nEvery time."
    for text in ("Too short", "x" * 2_001):
        with pytest.raises(ReviewInvalidError):
            check_review(stars=4, text=text)


@given(st.lists(st.integers(1, 5), max_size=60), st.integers(0, 100))
def test_an_average_has_its_denominators_and_is_hidden_for_few(stars: list[int], more: int) -> None:
    visits = len(stars) + more
    summary = rating_summary(stars, visits=visits)
    assert (summary.count, summary.visits) == (len(stars), visits)
    if len(stars) < SMALLEST_SHOWN:
        assert (summary.average, summary.by_stars) == (None, None)
    else:
        assert summary.average is not None
        assert abs(float(summary.average) - sum(stars) / len(stars)) <= 0.05 + 1e-9
        assert summary.by_stars == tuple(stars.count(star) for star in range(1, 6))
        assert summary.sentence == f"{summary.average} of 5 from {len(stars)} reviews of {visits} completed visits"


counts = st.fixed_dictionaries({star: st.integers(0, 200) for star in range(1, 6)})


@given(counts)
def test_ranking_lies_between_the_average_and_the_prior(stars: dict[int, int]) -> None:
    number = sum(stars.values())
    mean = sum(1_000 * star * count for star, count in stars.items()) / number if number else PRIOR_MEAN_MILLISTARS
    shrunk = ranking_millistars(stars)
    assert min(mean, PRIOR_MEAN_MILLISTARS) - 1 <= shrunk <= max(mean, PRIOR_MEAN_MILLISTARS)


@given(counts, st.integers(1, 4))
def test_a_better_star_never_ranks_lower(stars: dict[int, int], star: int) -> None:
    worse = {**stars, star: stars[star] + 1}
    better = {**stars, star + 1: stars[star + 1] + 1}
    assert ranking_millistars(better) >= ranking_millistars(worse)


def test_one_perfect_review_does_not_beat_fifty_good_ones() -> None:
    assert ranking_millistars({}) == PRIOR_MEAN_MILLISTARS
    assert ranking_millistars({5: 1}) < ranking_millistars({5: 40, 4: 10})


def test_an_average_says_of_how_many_visits_only_where_that_is_known() -> None:
    assert rating_summary([5] * 5, visits=9).sentence == "5.0 of 5 from 5 reviews of 9 completed visits"
    assert rating_summary([5] * 5, visits=None).sentence == "5.0 of 5 from 5 reviews"
