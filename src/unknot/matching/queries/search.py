"""The marketplace search: cards say who may fit, the practices' diaries have the last word, one published ranking."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from unknot.matching.domain import MatchQuery, distance_km
from unknot.matching.queries.diaries import Whom, judge, ways
from unknot.matching.queries.facts import Found, Way
from unknot.matching.queries.shortlist import STARS_TOTAL, Hit, Shortlist
from unknot.practice import queries as practice
from unknot.practice.queries import Listing
from unknot.reviews import queries as reviews
from unknot.reviews.queries import Rating

SHOWN = 20
MOST_PRACTICES = 60
"""Whose diaries one search opens on the word of cards, at most. Whoever could not be asked is not shown."""
MOST_MARKED = 40
"""Practices without usable cards whose diaries one search opens, the nearest first."""


def search(*, query: MatchQuery, now: datetime, limit: int = SHOWN, nearest: bool = False) -> list[Found]:
    """The best `limit` who can serve the request, best first (or the nearest), each therapist once.

    Every start in the answer was free in the practice's own diary while this ran. Statements: one or two over cards,
    one for the stars, then per round eight and about ten for each practice whose diary is opened.
    """
    return _Search(query, now, nearest=nearest).run(limit)


class _Search:
    """One search; lives only inside `search`."""

    def __init__(self, query: MatchQuery, now: datetime, *, nearest: bool) -> None:
        self.query, self.now, self.nearest = query, now, nearest
        self.cards = Shortlist(query, now, nearest=nearest)
        self.sure: dict[str, Found] = {}
        self.ratings: dict[UUID, Rating] = {}
        self.opened: set[str] = set()

    def run(self, limit: int) -> list[Found]:
        """Asks diaries until nobody unasked can be among the first `limit`."""
        self.cards.top(limit)
        self._ask_marked()
        while True:
            hits = self.cards.top(limit)
            if self._rate(hits, limit):
                continue
            first = self._first(hits, limit)
            unsure = [one for one in first if isinstance(one, Hit)]
            if not unsure:
                return [one for one in first if isinstance(one, Found)]
            self._ask(unsure)

    def _first(self, hits: list[Hit], limit: int) -> list[Found | Hit]:
        """The first `limit` of those whom the diaries confirmed and those whom they were not asked about."""
        rows: list[tuple[tuple[float, str], str, Found | Hit]] = [
            *((self._order(found), str(found.therapist.id), found) for found in self.sure.values()),
            *(((-hit.merit, hit.key), hit.therapist_id, hit) for hit in hits),
        ]
        best: dict[str, Found | Hit] = {}
        for _, therapist_id, one in sorted(rows, key=lambda row: row[0]):
            best.setdefault(therapist_id, one)
            if len(best) == limit:
                break
        return list(best.values())

    def _order(self, found: Found) -> tuple[float, str]:
        merit = -found.match.distance_km if self.nearest else found.match.score
        return -merit, found.match.candidate_id

    def _rate(self, hits: list[Hit], wanted: int) -> bool:
        """Replaces the most that stars could give by what they give, for whoever is in question. True if any moved."""
        if self.nearest or not hits:
            return False
        least = hits[-1].merit - STARS_TOTAL if len(hits) == wanted else 0
        unknown = [hit for hit in self.cards.hits.values() if not hit.rated and hit.merit >= least]
        if not unknown:
            return False
        self.ratings |= reviews.rating({UUID(hit.therapist_id) for hit in unknown} - self.ratings.keys())
        for hit in unknown:
            self.cards.rate(hit, self.ratings[UUID(hit.therapist_id)].millistars)
        return True

    def _ask(self, hits: list[Hit]) -> None:
        """Opens the diaries of these hits; each comes out confirmed or not at all."""
        whom: dict[UUID, set[UUID]] = {}
        for hit in hits:
            self.cards.drop(hit)
            self.opened.add(hit.practice_id)
            if len(self.opened) <= MOST_PRACTICES:
                whom.setdefault(UUID(hit.practice_id), set()).add(UUID(hit.therapist_id))
        keys = {hit.key for hit in hits}
        self._confirm(way for way in self._ways(practice.directory(list(whom)), dict(whom)) if way.key in keys)

    def _ask_marked(self) -> None:
        """Practices whose cards are being made anew are asked as they are."""
        whom: Whom = {}
        for practice_id, therapist_id in self.cards.marked:
            if therapist_id is None or whom.get(practice_id, ()) is None:
                whom[practice_id] = None
            else:
                whom[practice_id] = {*(whom.get(practice_id) or ()), therapist_id}
        if whom:
            listings = practice.directory(list(whom))
            near = sorted(listings, key=lambda one: (self._nearest_km(one), one.practice.slug))[:MOST_MARKED]
            self._confirm(self._ways(near, whom))

    def _ways(self, listings: list[Listing], whom: Whom) -> Iterable[Way]:
        return ways(self.query, listings, whom, self.now)

    def _confirm(self, found: Iterable[Way]) -> None:
        sure = list(found)
        unrated = {way.therapist.id for way in sure} - self.ratings.keys()
        if unrated:
            self.ratings |= reviews.rating(unrated)
        for way in sure:
            judged = judge(self.query, way, self.ratings[way.therapist.id], self.now)
            if judged is not None:
                self.sure[way.key] = judged

    def _nearest_km(self, listing: Listing) -> float:
        here = (self.query.lat, self.query.lon)
        return min((distance_km(*here, one.lat, one.lon) for one in listing.places), default=20_000.0)
