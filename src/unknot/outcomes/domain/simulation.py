"""A simulation study of the response model with virtual clients (clinical reference 7.6). It says nothing about people.

Truth A follows the model. Truth B breaks it: proportional relief, an extra two-day relief, heavy-tailed flares, a
quarter without any effect, and rating noise that differs and changes. Twenty-six weeks; ratings weekly, before each
session and three days after it, rounded to 0-10. Every policy meets the same clients with the same flares and noise.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .proposal import ProposalSettings, due_day, needs_review_talk, paired_styles
from .response import DEEP, LIGHTER, Array, Posterior, Prior, Session, fit

HORIZON = 182
NEVER = -1
SORE_DAYS = 1.5  # length of one soreness in days (P; most lasted 36 h or less in Cambron 2007)
TRUE_RESPONDER = 7.0
TRUE_NON_RESPONDER = 1.4
FIXED: dict[str, tuple[int, ...]] = {
    "none": (),
    "every_28_days": tuple(range(0, HORIZON, 28)),
    "six_weekly_then_28_days": (*range(0, 36, 7), *range(63, HORIZON + 1, 28)),
    "every_14_days": tuple(range(0, HORIZON, 14)),
    "weekly": tuple(range(0, HORIZON, 7)),
}
LIMITS: dict[str, tuple[float, float]] = {
    "coverage": (0.75, 0.85),
    "paired_gain": (0.0, 10.0),
    "responders_flagged": (0.0, 0.15),
}
"""Figure -> least and most with which the study is passed, in both truths (7.6, marked P)."""
# Fixed schedules to mix for the comparison at equal numbers of sessions.
MIXABLE = ("none", "every_28_days", "every_14_days", "weekly")


@dataclass(frozen=True, slots=True)
class Client:
    """A virtual client: true parameters, and the flares and rating noise of every day (shape (HORIZON + 1,))."""

    truth: str
    mu: float
    beta: float
    g: float
    theta: float
    delta: float
    soreness: tuple[float, float, float, float]
    flares: Array
    noise: Array

    @property
    def benefit(self) -> float:
        """True point-days of one lighter or deep 60-minute session on average, without the two-day extra."""
        return self.g * self.theta

    def relief(self, days: Array, sessions: Sequence[Session]) -> Array:
        """Points of relief on `days` from the sessions before them."""
        if not sessions:
            return np.zeros(len(days))
        since = days[:, None] - np.array([s.day for s in sessions])[None, :]
        after = since > 0
        effect = np.array([self.g + (0.5 if s.style == DEEP else -0.5) * self.delta for s in sessions])
        lasting = (after * effect * np.exp(-np.maximum(since, 0) / self.theta)).sum(axis=1)
        if self.truth == "A" or self.g == 0:
            result: Array = lasting
            return result
        # B: a share of the present pain instead of fixed points, never more than 90%, and a short extra.
        level = np.maximum(self.mu + self.beta * days / 30, 0)
        share = np.minimum(lasting / max(self.mu, 1.0), 0.9)
        extra = (after & (since <= 2)).any(axis=1) * 0.5
        proportional: Array = level * share + extra
        return proportional

    def pain(self, days: Array, sessions: Sequence[Session]) -> Array:
        """True pain on whole `days`, kept within 0-10."""
        level = self.mu + self.beta * days / 30 + self.flares[days.astype(int)] - self.relief(days, sessions)
        clipped: Array = np.clip(level, 0.0, 10.0)
        return clipped

    def rating(self, day: int, sessions: Sequence[Session]) -> float:
        """What the client answers on `day`: a whole number."""
        value = float(self.pain(np.array([float(day)]), sessions)[0]) + float(self.noise[day])
        return float(min(10, max(0, round(value))))


def _flares(rng: np.random.Generator, prior: Prior, *, heavy: bool) -> Array:
    keep = math.exp(-1 / prior.length)
    size = prior.su * math.sqrt(1 - keep**2)
    steps = rng.standard_normal(HORIZON + 1)
    if heavy:
        steps = rng.standard_t(3, HORIZON + 1) / math.sqrt(3)  # variance one, heavy tails
    flares = np.empty(HORIZON + 1)
    flares[0] = prior.su * steps[0]
    for day in range(1, HORIZON + 1):
        flares[day] = keep * flares[day - 1] + size * steps[day]
    return flares


def draw_client(rng: np.random.Generator, truth: str, prior: Prior) -> Client:
    """One virtual client from the priors of 7.3, bent for truth B."""
    mu = float(np.clip(rng.normal(*prior.mu), 1.0, 10.0))
    beta, g, delta = (float(rng.normal(*pair)) for pair in (prior.beta, prior.g, prior.delta))
    theta = float(prior.theta_median * math.exp(prior.theta_log_sd * rng.standard_normal()))
    soreness = tuple(float(rng.normal(m, s)) for m, s in ((-2.2, 0.5), (0.4, 0.4), (0.4, 0.3), (0.4, 0.3)))
    heavy = truth == "B"
    noise = prior.sw * rng.standard_normal(HORIZON + 1)
    if heavy:
        if rng.random() < 0.25:
            g, delta = 0.0, 0.0
        noise = noise * np.linspace(rng.uniform(0.7, 1.3), rng.uniform(0.7, 1.3), HORIZON + 1)
    return Client(
        truth,
        mu,
        beta,
        g,
        theta,
        delta,
        (soreness[0], soreness[1], soreness[2], soreness[3]),
        _flares(rng, prior, heavy=heavy),
        noise,
    )


@dataclass(slots=True)
class Course:
    """What happened to one client under one policy."""

    sessions: list[Session]
    ratings: list[tuple[float, float, str]]
    covered: list[bool]
    widths: list[float]
    flagged: bool = False


def _is_rating_day(day: int, sessions: Sequence[Session]) -> bool:
    return day % 7 == 0 or any(s.day + 3 == day for s in sessions)


def run_fixed(sessions: Sequence[int]) -> Course:
    """A course whose dates are known beforehand."""
    return Course([Session(float(day)) for day in sessions], [], [], [])


def run_as_needed(client: Client) -> Course:
    """Book after a rating at or above 85% of the first one, at least seven days apart."""
    course = Course([], [], [], [])
    first: float | None = None
    for day in range(HORIZON):
        if not _is_rating_day(day, course.sessions):
            continue
        value = client.rating(day, course.sessions)
        first = value if first is None else first
        if value >= 0.85 * first and (not course.sessions or day - course.sessions[-1].day >= 7):
            course.sessions.append(Session(float(day)))
    return course


def _note_coverage(course: Course, posterior: Posterior, day: int, value: float, settings: ProposalSettings) -> None:
    if posterior.n_ratings >= settings.min_ratings:
        band = posterior.predict([float(day)])
        low, high = float(band.lo80[0]), float(band.hi80[0])
        course.covered.append(low <= value <= high)
        course.widths.append(high - low)


def run_model(client: Client, settings: ProposalSettings, prior: Prior, *, stop_after_review: bool = True) -> Course:
    """Follow the proposal: learn weekly, then book the due day, looked at again after every rating.

    Before each weekly rating the 80% band for it is noted. A course is flagged once any look asks for a review talk;
    with `stop_after_review` the virtual client then stops (one possible end of the talk, an assumption of the study).
    """
    course = Course([], [], [], [])
    posterior = fit([], [], prior)
    next_day = 0
    for day in range(HORIZON):
        rates = _is_rating_day(day, course.sessions) or day == next_day
        if rates:
            value = client.rating(day, course.sessions)
            if day % 7 == 0:
                _note_coverage(course, posterior, day, value, settings)
            course.ratings.append((float(day), value, "weekly"))
        if day == next_day:
            course.sessions.append(Session(float(day)))
        if rates:
            posterior = fit(course.ratings, course.sessions, prior)
            if len(course.sessions) < settings.learning_sessions:
                next_day = int(course.sessions[-1].day) + settings.learning_interval
            else:
                next_day, _ = due_day(posterior, day + 1, settings)
            course.flagged = course.flagged or needs_review_talk(posterior, settings)
            if course.flagged and stop_after_review:
                next_day = NEVER
    return course


def _soreness_days(client: Client, sessions: Sequence[Session]) -> float:
    a0, deep, walton, first = client.soreness
    total = 0.0
    for i, session in enumerate(sessions):
        is_deep = session.style == DEEP
        logit = a0 + (deep + walton) * is_deep + first * (i == 0)
        total += SORE_DAYS / (1 + math.exp(-logit))
    return total


def _figures(clients: Sequence[Client], courses: Sequence[Course]) -> tuple[dict[str, float], Array]:
    """Means over clients for one policy, and each client's mean pain."""
    days = np.arange(1, HORIZON + 1, dtype=float)
    pain = [client.pain(days, course.sessions) for client, course in zip(clients, courses, strict=True)]
    below = [float((p < max(2.0, 0.7 * c.mu)).sum()) for c, p in zip(clients, pain, strict=True)]
    means = np.array([float(p.mean()) for p in pain])
    figures = {
        "pain": float(means.mean()),
        "sessions": float(np.mean([len(course.sessions) for course in courses])),
        "days_below_target": float(np.mean(below)),
        "soreness_days": float(
            np.mean([_soreness_days(c, course.sessions) for c, course in zip(clients, courses, strict=True)])
        ),
    }
    return figures, means


def _paired_gain(model_sessions: float, model: Array, pains: dict[str, Array]) -> tuple[float, float]:
    """Points by which the model beats a mix of two fixed schedules with as many sessions on average, and its SE."""
    counts = {name: len(FIXED[name]) for name in MIXABLE}
    upper = min((n for n in MIXABLE if counts[n] >= model_sessions), key=lambda n: counts[n], default=MIXABLE[-1])
    lower = max((n for n in MIXABLE if counts[n] < model_sessions), key=lambda n: counts[n], default=MIXABLE[0])
    span = counts[upper] - counts[lower]
    share = (model_sessions - counts[lower]) / span if span else 1.0
    gain = share * pains[upper] + (1 - share) * pains[lower] - model
    return float(gain.mean()), float(gain.std(ddof=1) / math.sqrt(len(gain))) if len(gain) > 1 else 0.0


def _share(flags: Sequence[bool]) -> float | None:
    return float(np.mean(flags)) if flags else None


def _delta_sign(clients: Sequence[Client], prior: Prior, seed: int) -> float | None:
    """Share of clients with a true |delta| over 0.3 whose sign the model finds after eight alternating sessions."""
    right: list[bool] = []
    for i, client in enumerate(clients):
        if abs(client.delta) <= 0.3:
            continue
        styles = paired_styles(seed + i, 8)
        sessions = [Session(7.0 * k, 60.0, style) for k, style in enumerate(styles)]
        days = sorted({day for k in range(9) for day in (7 * k, 7 * k + 3)})
        ratings = [(float(d), client.rating(d, [s for s in sessions if s.day <= d]), "weekly") for d in days]
        right.append((fit(ratings, sessions, prior).mean_of("delta") > 0) == (client.delta > 0))
    return _share(right)


def simulate_truth(
    truth: str, clients: int, seed: int, settings: ProposalSettings | None = None, *, stop_after_review: bool = True
) -> dict[str, Any]:
    """Figures for one truth (`A` or `B`) with `clients` virtual clients; same seed, same figures."""
    rules, prior = settings or ProposalSettings(), Prior()
    rng = np.random.default_rng([seed, ord(truth)])
    people = [draw_client(rng, truth, prior) for _ in range(clients)]
    policies: dict[str, dict[str, float]] = {}
    pains: dict[str, Array] = {}
    model = [run_model(client, rules, prior, stop_after_review=stop_after_review) for client in people]
    courses: dict[str, list[Course]] = {name: [run_fixed(days)] * clients for name, days in FIXED.items()}
    courses["as_needed"] = [run_as_needed(client) for client in people]
    courses["model"] = model
    for name, runs in courses.items():
        policies[name], pains[name] = _figures(people, runs)
    gain, error = _paired_gain(policies["model"]["sessions"], pains["model"], pains)
    responders = [run.flagged for c, run in zip(people, model, strict=True) if c.benefit > TRUE_RESPONDER]
    others = [run.flagged for c, run in zip(people, model, strict=True) if c.benefit < TRUE_NON_RESPONDER]
    return {
        "coverage": float(np.mean([hit for run in model for hit in run.covered])),
        "width": float(np.mean([width for run in model for width in run.widths])),
        "paired_gain": gain,
        "paired_gain_se": error,
        "responders_flagged": _share(responders),
        "nonresponders_flagged": _share(others),
        "responders": len(responders),
        "nonresponders": len(others),
        "delta_sign_right": _delta_sign(people, prior, seed),
        "policies": policies,
    }


def missed(figures: dict[str, Any]) -> list[str]:
    """The figures of one truth that lie outside `LIMITS`, or are missing (too few clients for a share)."""
    found = []
    for name, (low, high) in LIMITS.items():
        value = figures[name]
        if value is None or not low <= value <= high:
            found.append(name)
    return found


def simulate(
    clients: int, seed: int, settings: ProposalSettings | None = None, *, stop_after_review: bool = True
) -> dict[str, Any]:
    """The whole study: `{"clients", "seed", "style", "stop_after_review", "truths": {"A": {...}, "B": {...}},
    "limits", "missed"}`.

    Numbers describe virtual clients under our own assumptions; they carry no clinical validity.
    """
    if clients < 1:
        msg = "a study needs at least one client"
        raise ValueError(msg)
    truths = {
        truth: simulate_truth(truth, clients, seed, settings, stop_after_review=stop_after_review)
        for truth in ("A", "B")
    }
    return summary(clients, seed, truths, stop_after_review=stop_after_review)


def summary(clients: int, seed: int, truths: dict[str, Any], *, stop_after_review: bool) -> dict[str, Any]:
    """The study as one value: what was asked, the figures, the limits, and what lies outside of them."""
    return {
        "clients": clients,
        "seed": seed,
        "style": LIGHTER,
        "stop_after_review": stop_after_review,
        "truths": truths,
        "limits": {name: list(ends) for name, ends in LIMITS.items()},
        "missed": {truth: missed(figures) for truth, figures in truths.items()},
    }
