"""When to come again, in which style, and when to talk instead. The therapist confirms, the client decides.

The rule of clinical reference 7.5 with configurable thresholds. Nothing here knows or optimises money.
"""

import math
import random
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from .response import DEEP, LIGHTER, Posterior, Prediction, Session

PROPOSAL_VERSION = "proposal-2026.1"
GENERAL = "general"
LEARNING = "learning"
PERSONAL = "personal"
HELD = "held"


@dataclass(frozen=True, slots=True)
class ProposalSettings:
    """Thresholds of 7.5. Intervals in days, points on the 0-10 scale or point-days, the rest probabilities."""

    learning_sessions: int = 4
    learning_interval: int = 7
    short_interval: int = 7
    long_interval: int = 21
    longest_interval: int = 42
    value_points: float = 7.0
    value_gate: float = 0.5
    due_probability: float = 0.5
    target: float | None = None
    target_floor: float = 2.0
    target_share: float = 0.7
    review_after: int = 6
    review_points: float = 3.5
    review_probability: float = 0.6
    preference_size: float = 0.15
    preference_probability: float = 0.8
    min_ratings: int = 5
    telling_gap: int = 21


@dataclass(frozen=True, slots=True)
class ClientSituation:
    """What the rule has to respect besides ratings. `held`: a safety rule asks for a talk first, so no date.

    `deep_capped`: a precaution rules deep work out. `long_sore_streak`: sessions in a row with soreness over 48 h.
    `alternate`: the client agreed to compare styles in randomised pairs; `alternation_seed` fixes their order and
    `compared` counts the sessions since they agreed.
    """

    deep_wanted: bool = False
    deep_capped: bool = False
    long_sore_streak: int = 0
    alternate: bool = False
    alternation_seed: int = 0
    compared: int = 0
    held: bool = False
    minutes: float = 60.0


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected pain with 80% band per day from today on: with the proposed session and without it."""

    days: tuple[float, ...]
    with_session: Prediction
    without_session: Prediction


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed. `next_day` and `interval` are None while `kind` is `held`.

    `interval` counts days from the last session (or from today). `sure` is `not_yet`, `a_little` or `fairly`.
    """

    kind: str
    next_day: int | None
    interval: int | None
    style: str
    review_talk: bool
    why: tuple[str, ...]
    expected: Expected | None
    n_ratings: int
    sure: str
    target: float | None = None
    rules_version: str = field(default=PROPOSAL_VERSION)


def paired_styles(seed: int, count: int) -> tuple[str, ...]:
    """The first `count` styles of randomised pairs (L,D or D,L), fixed by `seed`: each pair holds both styles once."""
    order = random.Random(seed)  # noqa: S311 - a fair order for comparing, not a secret
    styles: list[str] = []
    while len(styles) < count:
        pair = [LIGHTER, DEEP]
        order.shuffle(pair)
        styles.extend(pair)
    return tuple(styles[:count])


def needs_review_talk(posterior: Posterior, settings: ProposalSettings) -> bool:
    """True after enough sessions if a worthwhile benefit looks unlikely (7.5 rule 5). A talk, not a block."""
    if len(posterior.sessions) < settings.review_after:
        return False
    return posterior.benefit_probability(settings.review_points) < settings.review_probability


def due_day(posterior: Posterior, today: float, settings: ProposalSettings) -> tuple[int, float]:
    """The next date by 7.5 rules 2-4 and the target pain: (whole day >= today, points). Needs at least one session."""
    mu = posterior.mean_of("mu")
    target = settings.target
    if target is None:
        target = max(settings.target_floor, settings.target_share * mu)
    worthwhile = posterior.benefit_probability(settings.value_points) >= settings.value_gate
    last = posterior.sessions[-1].day
    earliest = math.ceil(max(today, last + (settings.short_interval if worthwhile else settings.long_interval)))
    latest = max(earliest, math.floor(last + settings.longest_interval))
    days = np.arange(earliest, latest + 1, dtype=float)
    above = posterior.probability_above(target, days) >= settings.due_probability
    first = int(np.argmax(above)) if bool(above.any()) else len(days) - 1
    return int(days[first]), target


def _style(posterior: Posterior, situation: ClientSituation, settings: ProposalSettings) -> tuple[str, str]:
    """Style and the sentence for it (7.4 and 7.5 rule 6): lighter unless deep is wanted and nothing speaks against."""
    if situation.deep_capped:
        return LIGHTER, "Lighter work, because a precaution rules firm pressure out."
    if situation.long_sore_streak >= 2:
        return LIGHTER, "Lighter work, because two sessions in a row left you sore for more than two days."
    if not situation.deep_wanted:
        return LIGHTER, "Lighter work is the usual choice; firm and relaxing styles did about equally well in trials."
    enough = posterior.n_ratings >= settings.min_ratings
    deep, lighter = posterior.style_probabilities(settings.preference_size)
    if enough and lighter >= settings.preference_probability:
        return LIGHTER, "Your ratings were lower after lighter sessions."
    if enough and deep >= settings.preference_probability:
        return DEEP, "Your ratings were lower after firm sessions."
    if situation.alternate:
        style = paired_styles(situation.alternation_seed, situation.compared + 1)[situation.compared]
        return style, "You agreed to compare both styles in turn; the order is random."
    return DEEP, "Firm work, as you wish; your ratings show no clear difference between the styles so far."


def gap_would_tell(posterior: Posterior, today: float, settings: ProposalSettings) -> bool:
    """True after enough sessions without a longer stretch between any two: without one, getting better by itself can't
    be told from the sessions (7.4). It is offered, never imposed."""
    days = [session.day for session in posterior.sessions] + [today]
    longest = max((after - before for before, after in pairwise(days)), default=0.0)
    return len(posterior.sessions) >= settings.review_after and longest < settings.telling_gap


def expected_courses(posterior: Posterior, today: float, next_day: int, session: Session) -> Expected:
    """Expected pain per day from today to two weeks after `next_day`, with `session` on that day and without it."""
    days = np.arange(math.floor(today), next_day + 15, dtype=float)
    return Expected(
        tuple(days.tolist()), posterior.predict(days, [session], of="pain"), posterior.predict(days, of="pain")
    )


def _sure(n_ratings: int, settings: ProposalSettings) -> str:
    if n_ratings < settings.min_ratings:
        return "not_yet"
    return "a_little" if n_ratings < 3 * settings.min_ratings else "fairly"


def _general(
    posterior: Posterior, today: float, settings: ProposalSettings, style: tuple[str, str], *, review: bool
) -> Proposal:
    """Guidance for everybody while there are too few ratings for a personal word (6.3)."""
    last = posterior.sessions[-1].day if posterior.sessions else today - settings.learning_interval
    next_day = math.ceil(max(today, last + settings.learning_interval))
    return Proposal(
        GENERAL,
        next_day,
        math.ceil(next_day - last) if posterior.sessions else None,
        style[0],
        review,
        (
            "About once a week for four to six sessions, then a look at how it went.",
            f"There are {posterior.n_ratings} ratings so far; from {settings.min_ratings} on we can say more.",
            style[1],
        ),
        None,
        posterior.n_ratings,
        "not_yet",
    )


def propose(
    posterior: Posterior,
    today: float,
    situation: ClientSituation | None = None,
    settings: ProposalSettings | None = None,
) -> Proposal:
    """The proposal for the time after `today` (same day count as the ratings), from a posterior of `response.fit`.

    A safety hold forestalls everything. Below `min_ratings` only general guidance. During the first sessions about a
    week apart; later by value gate and due day. The therapist confirms, the client decides.
    """
    here, rules = situation or ClientSituation(), settings or ProposalSettings()
    style = _style(posterior, here, rules)
    review = needs_review_talk(posterior, rules) and posterior.n_ratings >= rules.min_ratings
    n = posterior.n_ratings
    if here.held:
        hold = ("An answer needs a look by your therapist first; no date is proposed until then.",)
        return Proposal(HELD, None, None, LIGHTER, review, hold, None, n, _sure(n, rules))
    if n < rules.min_ratings or not posterior.sessions:
        return _general(posterior, today, rules, style, review=review)
    last = posterior.sessions[-1].day
    if len(posterior.sessions) < rules.learning_sessions:
        next_day, target = math.ceil(max(today, last + rules.learning_interval)), None
        kind = LEARNING
        reason = f"The first {rules.learning_sessions} sessions are about a week apart, to learn how you respond."
    else:
        next_day, target = due_day(posterior, today, rules)
        kind = PERSONAL
        reason = (
            f"By the pattern in your ratings, pain is as likely as not to be above {target:.1f} from that day on."
            if next_day < last + rules.longest_interval
            else f"By the pattern in your ratings, pain stays low; we propose {rules.longest_interval} days at most."
        )
    why = [reason, style[1], f"This rests on {n} ratings."]
    if review:
        why.append(
            "So far your ratings do not show that the sessions help much. "
            "Let's talk: stop, another style, more exercise, or seeing a doctor."
        )
    if gap_would_tell(posterior, today, rules):
        why.append(
            "If you like, leave three or four weeks between two visits once: nothing else tells as much about what "
            "happens without them. Only if you want to."
        )
    session = Session(float(next_day), here.minutes, style[0])
    return Proposal(
        kind,
        next_day,
        math.ceil(next_day - last),
        style[0],
        review,
        tuple(why),
        expected_courses(posterior, today, next_day, session),
        n,
        _sure(n, rules),
        target,
    )
