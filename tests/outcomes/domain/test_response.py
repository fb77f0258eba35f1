"""The posterior is the exact one, and it learns what is there."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.outcomes.domain.response import Prior, Rating, Session, fit, normal_cdf, session_share

SESSIONS = [Session(0, 60, "L"), Session(7, 60, "D"), Session(14, 90, "L"), Session(30, 45, "D")]
RATINGS = [Rating(0, 6), Rating(3, 5, "day3"), Rating(7, 5), Rating(14, 4), Rating(21, 5), Rating(28, 6), Rating(35, 4)]


def brute_force(prior: Prior, days: list[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Joint covariance of ratings and future pain, conditioned directly: a second road to the same answer."""
    rated = np.array([r.day for r in RATINGS], dtype=float)
    values = np.array([r.value for r in RATINGS], dtype=float)
    every = np.concatenate([rated, np.array(days)])
    share = {45: 0.75, 60: 1.0, 90: 1.1}
    log_evidence, means, variances = [], [], []
    logs = np.log(prior.theta_grid)
    for i, theta in enumerate(prior.theta_grid):
        rows = []
        for t in every:
            g = sum(share[int(s.minutes)] * math.exp(-(t - s.day) / theta) for s in SESSIONS if s.day < t)
            h = sum(
                share[int(s.minutes)] * math.exp(-(t - s.day) / theta) * (0.5 if s.style == "D" else -0.5)
                for s in SESSIONS
                if s.day < t
            )
            rows.append([1.0, t / 30, -g, -h])
        x = np.array(rows)
        s0 = np.diag(1 / prior.precisions)
        cov = x @ s0 @ x.T + prior.su**2 * np.exp(-np.abs(every[:, None] - every[None, :]) / prior.length)
        n = len(rated)
        k = cov[:n, :n] + prior.sw**2 * np.eye(n)
        r = values - x[:n] @ prior.means
        gain = cov[n:, :n] @ np.linalg.inv(k)
        means.append(x[n:] @ prior.means + gain @ r)
        variances.append(np.diag(cov[n:, n:] - gain @ cov[:n, n:]))
        left, right = max(i - 1, 0), min(i + 1, len(logs) - 1)
        width = (logs[right] - logs[left]) / (right - left)
        log_prior = -0.5 * ((logs[i] - math.log(28)) / 0.6) ** 2
        log_evidence.append(log_prior + math.log(width) - 0.5 * (r @ np.linalg.solve(k, r) + np.linalg.slogdet(k)[1]))
    w = np.exp(np.array(log_evidence) - max(log_evidence))
    return w / w.sum(), np.array(means), np.array(variances)


def test_posterior_equals_direct_conditioning() -> None:
    prior = Prior()
    days = [36.0, 42.0, 60.0]
    posterior = fit(RATINGS, SESSIONS, prior)
    weights, means, variances = brute_force(prior, days)
    assert posterior.weights == pytest.approx(weights, abs=1e-9)
    mean, sd = posterior._parts(np.array(days), (), 0.0)
    assert mean == pytest.approx(means, abs=1e-9)
    assert sd**2 == pytest.approx(variances, abs=1e-9)


def test_without_ratings_the_prior_speaks() -> None:
    posterior = fit([], [])
    assert posterior.n_ratings == 0
    assert posterior.mean_of("mu") == pytest.approx(5.5)
    assert posterior.mean_of("g") == pytest.approx(0.45)
    band = posterior.predict([0.0])
    expected_sd = math.sqrt(1.5**2 + 0.8**2 + 0.9**2)
    assert band.mean[0] == pytest.approx(5.5)
    assert band.hi80[0] == pytest.approx(5.5 + 1.2816 * expected_sd, abs=1e-3)


def test_prior_relief_matches_the_reference_simulation() -> None:
    """Ten weekly sessions: mean relief 1.5 at day 70, 1.0 at 84, 0.5 at 112, 0.13 at 182 (7.3)."""
    weekly = [Session(7.0 * i) for i in range(10)]
    prior = fit([], [])
    days = [70.0, 84.0, 112.0, 182.0]
    relief = prior.predict(days).mean - prior.predict(days, weekly).mean
    assert relief == pytest.approx([1.5, 1.0, 0.5, 0.13], abs=0.12)


def test_in_room_ratings_change_nothing() -> None:
    with_room = fit([*RATINGS, Rating(7.1, 0, "in_room")], SESSIONS)
    without = fit(RATINGS, SESSIONS)
    assert with_room.n_ratings == without.n_ratings
    assert with_room.means == pytest.approx(without.means)


@given(st.lists(st.tuples(st.floats(0, 180), st.integers(0, 10)), max_size=30), st.floats(1, 60))
@settings(max_examples=50, deadline=None)
def test_bands_hold_the_mean_and_grow_with_noise(rows: list[tuple[float, int]], ahead: float) -> None:
    posterior = fit([Rating(day, value) for day, value in rows], SESSIONS)
    day = [180 + ahead]
    rating, pain = posterior.predict(day), posterior.predict(day, of="pain")
    assert rating.lo80[0] < pain.lo80[0] < pain.mean[0] < pain.hi80[0] < rating.hi80[0]
    assert posterior.weights.sum() == pytest.approx(1)


@given(st.permutations(RATINGS), st.permutations(SESSIONS))
@settings(max_examples=20, deadline=None)
def test_order_of_the_facts_does_not_matter(ratings: list[Rating], sessions: list[Session]) -> None:
    assert fit(ratings, sessions).means == pytest.approx(fit(RATINGS, SESSIONS).means)


def test_it_tells_a_responder_from_a_non_responder() -> None:
    weekly = [Session(7.0 * i) for i in range(8)]
    better = [Rating(7.0 * i + d, max(1.0, 7 - 0.9 * i)) for i in range(8) for d in (0, 3)]
    same = [Rating(7.0 * i + d, 7.0) for i in range(8) for d in (0, 3)]
    responder, other = fit(better, weekly), fit(same, weekly)
    assert responder.benefit_probability(7) > 0.9
    assert other.benefit_probability(7) < 0.4
    assert responder.benefit_mean() > other.benefit_mean() + 7


def test_it_tells_which_style_helps() -> None:
    sessions = [Session(14.0 * i, 60, "D" if i % 2 else "L") for i in range(10)]
    ratings = [Rating(14.0 * i + d, 4.0 if i % 2 else 6.0) for i in range(10) for d in (1, 4, 7)]
    deep, lighter = fit(ratings, sessions).style_probabilities()
    assert deep > 0.6
    assert lighter < 0.05


def test_normal_cdf_and_session_share() -> None:
    z = np.array([-3.0, -1.2816, 0.0, 1.96])
    exact = [0.5 * math.erfc(-v / math.sqrt(2)) for v in z]
    assert normal_cdf(z) == pytest.approx(exact, abs=1e-7)
    shares = session_share(np.array([20.0, 30, 45, 60, 75, 90, 120]))
    assert shares == pytest.approx([0.4, 0.4, 0.75, 1, 1.05, 1.1, 1.1])
