"""The search over cards: a list that is too kind, never too strict, in the order of the most that each could score.

Cards know everything of a start but rooms, kit, daily limits and drives, and everything of a score but the stars. All
of these can only take something away. So whoever stands on the list below the last one whom the diary confirmed can't
come before them, and nobody else has to be asked.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from unknot.availability.queries import instant_of_cell
from unknot.booking.queries import Clock, Near, NearQuery, cards_near, mark_of, marks
from unknot.kernel import zones
from unknot.matching.domain import HOME, POINTS, MatchQuery, Part, distance_km, most_points, star_points
from unknot.matching.queries.diaries import LIGHTEST
from unknot.matching.queries.facts import way_key

MOST_TOTAL = sum(POINTS.values())
STARS_TOTAL = POINTS[Part.RATING]


@dataclass(slots=True)
class Hit:
    """A card that may serve the request. `merit` is the most it can be worth; more is better."""

    key: str
    practice_id: str
    therapist_id: str
    place_id: str | None
    away: float
    merit: float
    starts: list[int] | None
    rated: bool = False


class Shortlist:
    """Hits of one query over cards, read no further than needed. `nearest`: in order of distance, else of points."""

    def __init__(self, query: MatchQuery, now: datetime, *, nearest: bool = False) -> None:
        self.query, self.now, self.nearest = query, now, nearest
        asked = NearQuery(
            lat=query.lat,
            lon=query.lon,
            radius_km=query.radius_km,
            service=query.service,
            minutes=query.minutes,
            at_home=query.mode == HOME,
            since=query.starts_from,
            before=query.starts_before,
            hours=query.hours,
            gender=query.gender,
            access=query.access,
            skills=query.must_have,
        )
        self.hits: dict[str, Hit] = {}
        self.at_end = False
        self._clock = Clock(asked, now)
        self._cards = cards_near(asked)
        self._marked: set[tuple[UUID, UUID | None]] | None = None
        self._horizon = 0.0
        self._today: dict[str, date] = {}

    def top(self, count: int) -> list[Hit]:
        """The best `count` hits, each therapist once. Reads on until nobody further away can be among them."""
        more = count
        while True:
            best = self._best(count)
            if self.at_end or (len(best) == count and best[-1].merit > self._bound()):
                return best
            self._read(max(1, count - len(best)) if self.nearest else more)
            more *= 2

    def drop(self, hit: Hit) -> None:
        """Takes out a hit that the diary refused."""
        self.hits.pop(hit.key, None)

    def rate(self, hit: Hit, millistars: int) -> None:
        """Replaces the most that stars could be worth by what they are worth."""
        hit.rated = True
        hit.merit -= STARS_TOTAL - star_points(millistars)

    @property
    def marked(self) -> set[tuple[UUID, UUID | None]]:
        """Whose cards are not to be used: practices, or therapists of them."""
        if self._marked is None:
            self._marked = set(marks())
        return self._marked

    def _best(self, count: int) -> list[Hit]:
        found: dict[str, Hit] = {}
        for hit in sorted(self.hits.values(), key=_order):
            found.setdefault(hit.therapist_id, hit)
            if len(found) == count:
                break
        return list(found.values())

    def _bound(self) -> float:
        """The most that somebody whose card was not read yet can be worth."""
        if self.nearest:
            return -self._horizon
        share = max(0.0, 1 - self._horizon / self.query.radius_km)
        return MOST_TOTAL - POINTS[Part.DISTANCE] + int(POINTS[Part.DISTANCE] * share)

    def _read(self, count: int) -> None:
        """Reads cards until `count` more may serve, or to the end."""
        fresh = 0
        for card in self._cards:
            if self._marked is None and card.marks is not None:
                self._marked = {mark_of(one) for one in card.marks}
            hit = self._judge(card)
            if hit is not None:
                self.hits[hit.key] = hit
                fresh += 1
                if fresh >= count:
                    return
        self.at_end = True

    def _judge(self, card: Near) -> Hit | None:
        query = self.query
        away = distance_km(query.lat, query.lon, card.lat, card.lon)
        self._horizon = max(self._horizon, away - 0.001)
        if away > query.radius_km:
            return None
        if self._marked and not self._marked.isdisjoint(
            ((UUID(card.practice_id), None), (UUID(card.practice_id), UUID(card.therapist_id)))
        ):
            return None
        starts = self._clock.starts(card)
        if starts is not None and not starts:
            return None
        merit = -away if self.nearest else self._points(card, away, starts)
        key = way_key(card.therapist_id, card.place_id)
        return Hit(key, card.practice_id, card.therapist_id, card.place_id, away, merit, starts)

    def _points(self, card: Near, away: float, starts: list[int] | None) -> int:
        today = self._today.get(card.timezone)
        if today is None:
            today = self._today[card.timezone] = zones.local(self.now, card.timezone).date()
        return most_points(
            self.query,
            away=away,
            first=instant_of_cell(starts[0]) if starts else self.query.starts_from,
            skills=card.skills,
            languages=card.languages,
            pressure=(LIGHTEST, card.max_level),
            registered=card.registered_until is not None and card.registered_until >= today,
        )


def _order(hit: Hit) -> tuple[float, str]:
    return -hit.merit, hit.key
