"""A client's course: ratings and sessions on one line of local days, and what follows for the next visit.

Days are whole local days. A rating on the day of a session counts as given before it: it asks about the past 24 hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from unknot.kernel.zones import local

from .proposal import ClientSituation, Proposal, ProposalSettings, expected_courses, propose
from .response import DEEP, LIGHTER, NOT_MODELLED, Posterior, Prediction, Session, fit
from .soreness import DayAfter, soreness_chance

BAND_STEP = 3
BAND_AHEAD = 28
SORE_AGAIN = 3  # soreness of this size on day three counts as lasting more than 48 hours


@dataclass(frozen=True, slots=True)
class Rated:
    """A pain rating (average of the past 24 hours, 0-10), taken at an instant (UTC)."""

    at: datetime
    value: float
    context: str


@dataclass(frozen=True, slots=True)
class Attended:
    """A completed session: start (UTC), booked minutes, deep or lighter; `sore`, `sore_next_day`: soreness on day three
    and on the day after, if told."""

    at: datetime
    minutes: int
    deep: bool
    sore: float | None = None
    sore_next_day: float | None = None

    @property
    def style(self) -> str:
        """`D` or `L`, as the model calls them."""
        return DEEP if self.deep else LIGHTER


@dataclass(frozen=True, slots=True)
class DayBand:
    """Expected pain on a day with its 80% band (0-10)."""

    day: date
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Soreness:
    """How likely a lighter and a deep visit leave the client sore the day after (0-1), from so many answers."""

    lighter: float
    deep: float
    answers: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """A proposal with its calendar date, the pattern so far, and what is expected with and without the next session."""

    proposal: Proposal
    on: date | None
    pattern: tuple[DayBand, ...]
    with_session: tuple[DayBand, ...]
    without_session: tuple[DayBand, ...]
    soreness: Soreness | None = None


def sore_streak(sessions: Sequence[Attended]) -> int:
    """How many of the last sessions in a row left the client sore for more than 48 hours."""
    count = 0
    for session in sorted(sessions, key=lambda one: one.at, reverse=True):
        if session.sore is None or session.sore < SORE_AGAIN:
            break
        count += 1
    return count


def outlook(
    ratings: Sequence[Rated],
    sessions: Sequence[Attended],
    *,
    now: datetime,
    zone_name: str,
    situation: ClientSituation | None = None,
    decided: tuple[date, bool] | None = None,
    target: float | None = None,
) -> Outlook:
    """What the ratings so far suggest for the time after `now` (UTC), in days of the practice's zone.

    `decided`: the day and style (deep or not) that a therapist signed; expectations are then about that visit.
    `target`: the pain from which on the client would like another visit, if they said.
    Ratings in the room and of the day after are left out. Soreness on day three comes from the sessions.
    """
    today = local(now, zone_name).date()
    rated = [(local(one.at, zone_name).date(), one) for one in ratings if one.context not in NOT_MODELLED]
    attended = [(local(one.at, zone_name).date(), one) for one in sessions if one.at <= now]
    first = min([today, *(day for day, _ in rated), *(day for day, _ in attended)])
    posterior = fit(
        [(float((day - first).days), one.value, one.context) for day, one in rated],
        [(float((day - first).days), float(one.minutes), one.style) for day, one in attended],
    )
    known = replace(situation or ClientSituation(), long_sore_streak=sore_streak([one for _, one in attended]))
    proposal = propose(posterior, float((today - first).days), known, ProposalSettings(target=target))
    expected = proposal.expected
    if decided and expected:
        day = max((decided[0] - first).days, (today - first).days)
        session = Session(float(day), known.minutes, DEEP if decided[1] else LIGHTER)
        expected = expected_courses(posterior, float((today - first).days), day, session)
    return Outlook(
        proposal,
        None if proposal.next_day is None else first + timedelta(days=proposal.next_day),
        _pattern(posterior, rated, first, today) if expected else (),
        _bands(expected.with_session, first) if expected else (),
        _bands(expected.without_session, first) if expected else (),
        _soreness([one for _, one in attended]) if expected else None,
    )


def _soreness(sessions: Sequence[Attended]) -> Soreness | None:
    """None until somebody said how the day after was."""
    ordered = sorted(sessions, key=lambda one: one.at)
    told = [
        DayAfter(one.style, one is ordered[0], one.sore_next_day) for one in ordered if one.sore_next_day is not None
    ]
    if not told:
        return None
    return Soreness(soreness_chance(told, LIGHTER), soreness_chance(told, DEEP), len(told))


def _pattern(
    posterior: Posterior, rated: Sequence[tuple[date, Rated]], first: date, today: date
) -> tuple[DayBand, ...]:
    """The smoothed level from the first rating to four weeks from now, without further sessions."""
    start = (min(day for day, _ in rated) - first).days
    days = [float(day) for day in range(start, (today - first).days + BAND_AHEAD + 1, BAND_STEP)]
    return _bands(posterior.predict(days, of="pain"), first)


def _bands(prediction: Prediction, first: date) -> tuple[DayBand, ...]:
    rows = zip(prediction.days, prediction.mean, prediction.lo80, prediction.hi80, strict=True)
    return tuple(
        DayBand(first + timedelta(days=int(day)), _held(mean), _held(low), _held(high)) for day, mean, low, high in rows
    )


def _held(value: float) -> float:
    """On the scale, with one decimal."""
    return round(min(10.0, max(0.0, float(value))), 1)
