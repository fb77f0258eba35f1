"""Who fits a request, and why: the published ranking rule."""

from unknot.matching.domain.areas import AREAS, Area, coarse, find_area
from unknot.matching.domain.ranking import (
    ACCESS_NEEDS,
    CLINIC,
    HOME,
    POINTS,
    RANKING_VERSION,
    Candidate,
    Match,
    MatchQuery,
    MatchQueryError,
    Part,
    PartScore,
    distance_km,
    exclusions,
    match,
    rank,
)

__all__ = [
    "ACCESS_NEEDS",
    "AREAS",
    "CLINIC",
    "HOME",
    "POINTS",
    "RANKING_VERSION",
    "Area",
    "Candidate",
    "Match",
    "MatchQuery",
    "MatchQueryError",
    "Part",
    "PartScore",
    "coarse",
    "distance_km",
    "exclusions",
    "find_area",
    "match",
    "rank",
]
