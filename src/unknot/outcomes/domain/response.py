"""A personal response model: what a client's own ratings suggest about how much a session helps and how fast it fades.

The model of clinical reference 7.2 with the priors of 7.3. Days are counted from any fixed day (floats allowed), pain
is 0-10. For one fading time theta the model is linear with Gaussian noise, so its posterior is exact; theta lives on a
grid and everything is averaged with the posterior weights. No sampling. It describes "the pattern in your ratings",
never what massage caused (7.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LIGHTER, DEEP = "L", "D"
IN_ROOM = "in_room"
NOT_MODELLED = frozenset({IN_ROOM, "day_after"})
"""Asked while the first, large and short relief is still there (7.1): kept and shown, never used by the model."""
CONTEXTS = ("weekly", "before_session", "day3", IN_ROOM)

# Effect of the length of a session, fixed (7.2): minutes and share of a 60-minute session.
_MINUTES = np.array([30.0, 45.0, 60.0, 75.0, 90.0])
_SHARE = np.array([0.4, 0.75, 1.0, 1.05, 1.1])


class Rating(NamedTuple):
    """Average pain of the past 24 h (0-10) given on `day`. Ratings in the room after a session are not used."""

    day: float
    value: float
    context: str = "weekly"


class Session(NamedTuple):
    """A session on `day`, booked length in minutes, style `L` (lighter) or `D` (deep)."""

    day: float
    minutes: float = 60.0
    style: str = LIGHTER


@dataclass(frozen=True, slots=True)
class Prior:
    """Priors of 7.3: means and standard deviations in points (beta per 30 days), times in days."""

    mu: tuple[float, float] = (5.5, 1.5)
    beta: tuple[float, float] = (-0.15, 0.20)
    g: tuple[float, float] = (0.45, 0.30)
    delta: tuple[float, float] = (0.0, 0.25)
    theta_median: float = 28.0
    theta_log_sd: float = 0.6
    theta_grid: tuple[float, ...] = (7, 10, 14, 21, 28, 42, 60, 84)
    su: float = 0.8
    length: float = 10.0
    sw: float = 0.9

    @property
    def means(self) -> Array:
        """Prior means of (mu, beta, g, delta)."""
        return np.array([self.mu[0], self.beta[0], self.g[0], self.delta[0]])

    @property
    def precisions(self) -> Array:
        """Prior precisions of (mu, beta, g, delta)."""
        return np.array([1 / self.mu[1] ** 2, 1 / self.beta[1] ** 2, 1 / self.g[1] ** 2, 1 / self.delta[1] ** 2])

    @property
    def log_weights(self) -> Array:
        """Log prior weight of each theta: lognormal density times the width of its cell on the log scale."""
        logs = np.log(np.array(self.theta_grid))
        width = np.log(np.gradient(logs))
        result: Array = width - 0.5 * ((logs - np.log(self.theta_median)) / self.theta_log_sd) ** 2
        return result


@dataclass(frozen=True, slots=True)
class Prediction:
    """Mean and 80% band per asked day."""

    days: Array
    mean: Array
    lo80: Array
    hi80: Array


def normal_cdf(z: Array) -> Array:
    """Standard normal distribution function (Abramowitz & Stegun 7.1.26, error below 1e-7)."""
    x = np.abs(z) / np.sqrt(2.0)
    t = 1.0 / (1.0 + 0.3275911 * x)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    tail = 0.5 * series * np.exp(-x * x)
    below: Array = np.where(z >= 0, 1.0 - tail, tail)
    return below


def session_share(minutes: Array) -> Array:
    """s(minutes) of 7.2, linear between the given lengths and flat beyond them."""
    share: Array = np.interp(minutes, _MINUTES, _SHARE)
    return share


def design(days: Array, sessions: Sequence[Session], thetas: Array) -> Array:
    """Rows of the linear model: shape (theta, day, 4) for (mu, beta, g, delta). Only sessions before a day count."""
    columns = np.zeros((len(thetas), len(days), 4))
    columns[:, :, 0] = 1.0
    columns[:, :, 1] = days / 30.0
    if sessions and len(days):
        starts = np.array([s.day for s in sessions], dtype=float)
        share = session_share(np.array([s.minutes for s in sessions], dtype=float))
        sign = np.array([0.5 if s.style == DEEP else -0.5 for s in sessions])
        since = days[:, None] - starts[None, :]
        decay = np.exp(-np.maximum(since, 0.0)[None] / thetas[:, None, None]) * (since > 0) * share
        columns[:, :, 2] = -decay.sum(axis=2)
        columns[:, :, 3] = -(decay * sign).sum(axis=2)
    return columns


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What is known after some ratings. Arrays run over the theta grid first."""

    prior: Prior
    sessions: tuple[Session, ...]
    days: Array  # (n,) of the ratings used
    values: Array  # (n,)
    thetas: Array  # (k,)
    weights: Array  # (k,), sum 1
    means: Array  # (k, 4)
    covariances: Array  # (k, 4, 4)
    x: Array  # (k, n, 4)
    precision: Array  # (n, n), inverse of the noise covariance

    @property
    def n_ratings(self) -> int:
        """How many ratings the model rests on."""
        return len(self.days)

    def mean_of(self, name: str) -> float:
        """Posterior mean of `mu`, `beta`, `g` or `delta`."""
        return float(self.weights @ self.means[:, ("mu", "beta", "g", "delta").index(name)])

    @property
    def theta_mean(self) -> float:
        """Posterior mean of the fading time in days."""
        return float(self.weights @ self.thetas)

    def _parts(self, days: Array, future: Sequence[Session], noise: float) -> tuple[Array, Array]:
        """Means and standard deviations, shape (theta, day); `noise` is added variance (0: pain itself)."""
        prior = self.prior
        rows = design(days, (*self.sessions, *future), self.thetas)
        near = prior.su**2 * np.exp(-np.abs(days[:, None] - self.days[None, :]) / prior.length)
        w = near @ self.precision
        rest = rows - np.einsum("mn,kni->kmi", w, self.x)
        mean = (w @ self.values)[None, :] + np.einsum("kmi,ki->km", rest, self.means)
        flare = prior.su**2 - np.einsum("mn,mn->m", w, near)
        spread = np.einsum("kmi,kij,kmj->km", rest, self.covariances, rest)
        return mean, np.sqrt(np.maximum(spread + flare[None, :] + noise, 1e-12))

    def predict(
        self, days: Sequence[float] | Array, future_sessions: Sequence[Session] = (), *, of: str = "rating"
    ) -> Prediction:
        """Expected value and 80% band on `days`, if `future_sessions` are added to those known.

        `of` is `rating` (what the client would answer, with its noise) or `pain` (the smoothed level).
        """
        when = np.asarray(days, dtype=float)
        mean, sd = self._parts(when, future_sessions, self.prior.sw**2 if of == "rating" else 0.0)
        return Prediction(when, self.weights @ mean, self._quantile(mean, sd, 0.1), self._quantile(mean, sd, 0.9))

    def _quantile(self, mean: Array, sd: Array, level: float) -> Array:
        """Quantile of the mixture over theta, per day, by bisection."""
        low, high = (mean - 6 * sd).min(axis=0), (mean + 6 * sd).max(axis=0)
        for _ in range(30):
            middle = 0.5 * (low + high)
            below = self.weights @ normal_cdf((middle[None, :] - mean) / sd) < level
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        found: Array = 0.5 * (low + high)
        return found

    def probability_above(
        self, threshold: float, days: Sequence[float] | Array, future_sessions: Sequence[Session] = ()
    ) -> Array:
        """P(pain on each day > threshold), pain without the noise of rating."""
        mean, sd = self._parts(np.asarray(days, dtype=float), future_sessions, 0.0)
        above: Array = self.weights @ normal_cdf((mean - threshold) / sd)
        return above

    def _effect(self, style: str | None) -> tuple[Array, Array]:
        """Mean and sd of a session's drop per theta: average of the styles (None), lighter or deep."""
        row = np.array([0.0, 0.0, 1.0, {None: 0.0, LIGHTER: -0.5, DEEP: 0.5}[style]])
        return self.means @ row, np.sqrt(np.einsum("i,kij,j->k", row, self.covariances, row))

    def benefit_probability(self, points: float, style: str | None = None) -> float:
        """P(B >= points): the benefit B = g * theta of a 60-minute session in point-days (7: a point for a week)."""
        mean, sd = self._effect(style)
        return float(self.weights @ normal_cdf((mean - points / self.thetas) / sd))

    def benefit_mean(self, style: str | None = None) -> float:
        """Expected benefit of a 60-minute session in point-days."""
        return float(self.weights @ (self._effect(style)[0] * self.thetas))

    def style_probabilities(self, size: float = 0.15) -> tuple[float, float]:
        """(P(delta > size), P(delta < -size)): deep helps this client more, lighter helps more."""
        mean, sd = self.means[:, 3], np.sqrt(self.covariances[:, 3, 3])
        deep = self.weights @ normal_cdf((mean - size) / sd)
        lighter = self.weights @ normal_cdf((-size - mean) / sd)
        return float(deep), float(lighter)


def fit(
    ratings: Sequence[tuple[float, float, str]],
    sessions: Sequence[tuple[float, float, str]],
    prior: Prior | None = None,
) -> Posterior:
    """The exact posterior given `ratings` (day, value 0-10, context) and `sessions` (day, minutes, style L or D).

    Ratings whose context is in `NOT_MODELLED` are left out. Works from zero ratings on.
    """
    known = prior or Prior()
    used = sorted(Rating(*r) for r in ratings if r[2] not in NOT_MODELLED)
    held = tuple(sorted(Session(*s) for s in sessions))
    days = np.array([r.day for r in used], dtype=float)
    values = np.array([r.value for r in used], dtype=float)
    thetas = np.array(known.theta_grid, dtype=float)
    x = design(days, held, thetas)
    noise = known.su**2 * np.exp(-np.abs(days[:, None] - days[None, :]) / known.length)
    noise[np.diag_indices_from(noise)] += known.sw**2
    precision = np.linalg.inv(noise)
    weighted = np.einsum("kni,nm->kim", x, precision)
    information = np.diag(known.precisions)[None] + weighted @ x
    residual = values[None, :] - x @ known.means
    pull = np.einsum("kim,km->ki", weighted, residual)
    covariances = np.linalg.inv(information)
    shift = np.einsum("kij,kj->ki", covariances, pull)
    fit_term = np.einsum("kn,nm,km->k", residual, precision, residual) - np.einsum("ki,ki->k", pull, shift)
    log_weights = known.log_weights - 0.5 * fit_term - 0.5 * np.linalg.slogdet(information)[1]
    weights = np.exp(log_weights - log_weights.max())
    return Posterior(
        known, held, days, values, thetas, weights / weights.sum(), known.means + shift, covariances, x, precision
    )
