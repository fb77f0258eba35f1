"""Who may book what, asked of the diary."""

from uuid import UUID

from unknot.booking.domain.entry import Entry, NotForNewError, entry
from unknot.booking.domain.lifecycle import State
from unknot.booking.domain.parts import Part
from unknot.booking.models import Appointment
from unknot.booking.policies import is_desk
from unknot.kernel.actors import Actor
from unknot.practice import queries as practices
from unknot.practice.queries import ServiceFacts, Setup


def is_new(client_id: UUID | None) -> bool:
    """Whether nobody here has treated this client yet. One query."""
    if client_id is None:
        return True
    return not Appointment.objects.filter(client_id=client_id, state=State.COMPLETED).exists()


def entry_for(by: Actor, parts: tuple[ServiceFacts, ...], *, client_id: UUID | None) -> Entry:
    """How the client gets into a visit of these parts. No query unless a part has rules."""
    if not any(one.asks_first for one in parts):
        return "open"
    by_staff = is_desk(by) and client_id != by.client_id
    return entry(parts, is_new=is_new(client_id), by_staff=by_staff)


def parts_of(row: Appointment, setup: Setup) -> tuple[ServiceFacts, ...]:
    """A visit's parts as the menu knows them now, the massage first. No query, one if some are no longer offered."""
    ids = [row.service_id, *(Part.from_row(one, row.currency).service_id for one in row.parts[1:])]
    known = {one.id: one for one in setup.services}
    if not known.keys() >= set(ids):
        known = practices.services_of(ids)
    return tuple(known[one] for one in ids if one in known)


def first_visit(like: ServiceFacts) -> ServiceFacts | None:
    """What somebody new may book at once in this one's stead: given at the same kind of place, nearest in length."""
    there = (like.at_home, like.at_clinic)
    found = [one for one in practices.services() if not one.asks_first and (one.at_home, one.at_clinic) == there]
    return min(found, key=lambda one: (abs(one.minutes - like.minutes), one.kind != like.kind), default=None)


def not_for_new(like: ServiceFacts) -> NotForNewError:
    """The refusal with what to book first, to be raised by the caller."""
    instead = first_visit(like)
    why = "This massage is for people we have treated before. Nothing was booked;"
    if instead is None:
        return NotForNewError(f"{why} call us, and we find a way.", field="service")
    return NotForNewError(f"{why} begin with: {instead.name}.", field="service", extra={"instead": instead.slug})
