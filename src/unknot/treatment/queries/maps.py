"""The body maps of a client's visits, side by side."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from unknot.booking import queries as booking
from unknot.booking.queries import VisitFacts
from unknot.intake import queries as intake
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.treatment import domain
from unknot.treatment.policies import can_read_chart, is_client
from unknot.treatment.queries.limits import marked_places

MOST_MAPS = 4


@dataclass(frozen=True)
class VisitMap:
    """What was marked when a visit began; `visit` None for what is marked now. `changes` since the map before it."""

    visit: VisitFacts | None
    marked: tuple[domain.MarkedRegion, ...]
    changes: tuple[domain.MapChange, ...]


def visit_maps(client_id: UUID, *, by: Actor, now: datetime) -> tuple[VisitMap, ...]:
    """The maps of the last three completed visits and of now, oldest first; visits before the first map are left out.

    For the client and the therapists, else NotFoundError; recorded by the intake's room. A constant number of queries.
    """
    if not (can_read_chart(by) or is_client(by, client_id)):
        raise NotFoundError
    done = [one for one in booking.visits_of(client_id, by=by) if one.state == "completed"]
    done = sorted(done, key=lambda one: one.starts_at)[-(MOST_MAPS - 1) :]
    moments: list[VisitFacts | None] = [*done, None]
    found = intake.places_at(client_id, [one.ends_at if one else now for one in moments], by=by)
    maps: list[VisitMap] = []
    for visit, places in zip(moments, found, strict=True):
        if places is None:
            continue
        marked = marked_places(places)
        changes = domain.map_changes(maps[-1].marked, marked) if maps else ()
        maps.append(VisitMap(visit, marked, changes))
    return tuple(maps)
