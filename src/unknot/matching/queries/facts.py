"""What the marketplace tells of a therapist who can serve a request."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from unknot.booking.queries import Slot
from unknot.matching.domain import HOME, POINTS, RANKING_VERSION, Match, Part
from unknot.practice.queries import CredentialFacts, Listing, PlaceFacts, PracticeFacts, ServiceFacts, TherapistFacts
from unknot.reviews.queries import Rating


@dataclass(frozen=True)
class Found:
    """A therapist who can serve the request, and everything that may be said about it."""

    practice: PracticeFacts
    therapist: TherapistFacts
    service: ServiceFacts
    place: PlaceFacts | None
    match: Match
    slots: tuple[Slot, ...]
    rating: Rating
    registration: CredentialFacts | None

    @property
    def distance(self) -> str:
        """In words; rounded to whole kilometres where it leads to somebody's own start of the day."""
        if self.place is None:
            return f"about {max(1, round(self.match.distance_km))} km"
        return f"{self.match.distance_km:.1f} km"

    @property
    def first_name(self) -> str:
        """For short sentences."""
        return self.therapist.name.split()[0]


@dataclass(frozen=True)
class RankingRule:
    """The published rule: points of each part, in the order in which they are explained."""

    version: str
    points: tuple[tuple[str, int], ...]
    total: int


def ranking_rule() -> RankingRule:
    """The points of the ranking, for people."""
    return RankingRule(RANKING_VERSION, tuple((part.value, POINTS[part]) for part in Part), sum(POINTS.values()))


class Way(NamedTuple):
    """One way in which a therapist could serve: the service, where, and where that is for the ranking."""

    listing: Listing
    therapist: TherapistFacts
    service: ServiceFacts
    place: PlaceFacts | None
    lat: float
    lon: float
    slots: tuple[Slot, ...]

    @property
    def key(self) -> str:
        """Names the way; equal scores stand in the order of these."""
        return way_key(self.therapist.id, self.place.id if self.place else None)


def way_key(therapist_id: UUID | str, place_id: UUID | str | None) -> str:
    """Names a therapist at a place, or on home visits."""
    return f"{therapist_id}:{place_id or HOME}"
