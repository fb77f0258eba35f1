"""A visit's own question, asked again: its service, length, parts, place and price as agreed."""

from datetime import date, datetime
from uuid import UUID

from unknot.booking.queries.board import Question
from unknot.booking.queries.facts import AT_HOME, VisitFacts
from unknot.booking.queries.menu import extras_of
from unknot.practice.queries import PracticeFacts
from unknot.travel.queries import Point


def question_of(
    visit: VisitFacts,
    practice: PracticeFacts,
    *,
    first: date,
    last: date,
    now: datetime,
    therapist_slug: str | None,
    place_slug: str | None = None,
    minutes: int | None = None,
    freely: bool = False,
) -> Question:
    """Where the visit could stand on the local days `first` to `last`, if it did not stand where it does.

    `therapist_slug` None: anybody who gives it; `place_slug` None: where it is; `minutes` another length. At most two
    queries.
    """
    place = place_slug or visit.place_slug
    at_home = place == AT_HOME and visit.home_lat is not None and visit.home_lon is not None
    ignore: UUID = visit.id
    return Question(
        practice=practice,
        service=visit.service,
        first=first,
        last=last,
        now=now,
        therapist_slug=therapist_slug,
        place_slug=place,
        home=Point(visit.home_lat or 0.0, visit.home_lon or 0.0) if at_home else None,
        ignore=ignore,
        freely=freely,
        length=(minutes or visit.minutes, visit.buffer_before, visit.buffer_after),
        extras=extras_of(visit),
        needs=visit.need_slugs,
    )
