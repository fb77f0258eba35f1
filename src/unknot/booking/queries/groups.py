"""Groups as they stand: kept times, who comes, and who sees what of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import QuerySet

from unknot.booking.domain.lifecycle import BLOCKING, State
from unknot.booking.domain.limits import hold_is_over
from unknot.booking.models import Appointment, Group, GroupVisit
from unknot.booking.policies import is_desk
from unknot.booking.queries.facts import RELATED, VisitFacts, visit_facts
from unknot.booking.queries.visits import HoldOverError, UnknownHoldError
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import digest

INVITE_DAYS = 180
_SALT = "unknot.group.join"


# Kept times


def kept_group(group_id: UUID, *, secret: str, now: datetime) -> list[VisitFacts]:
    """The kept visits of a group, in order, for whoever has its secret. Raises UnknownHoldError, HoldOverError."""
    rows = kept_rows(group_id, secret=secret, now=now)
    related = Appointment.objects.select_related(*RELATED).in_bulk([one.pk for one in rows])
    return [visit_facts(related[one.pk]) for one in rows]


def kept_rows(group_id: UUID, *, secret: str, now: datetime) -> list[Appointment]:
    """The rows of `kept_group`. For this room only."""
    row = Group.objects.filter(pk=group_id, hold_hash=digest(secret)).first()
    if row is None:
        raise UnknownHoldError
    parts = GroupVisit.objects.filter(group=row).select_related("appointment").order_by("number")
    rows = [one.appointment for one in parts]
    if row.booked_at is None and not still_kept(rows, now):
        raise HoldOverError
    return rows


def still_kept(rows: Sequence[Appointment], now: datetime) -> bool:
    """Whether all of these times are still kept."""
    return all(
        one.state == State.HELD and one.hold_expires_at is not None and not hold_is_over(one.hold_expires_at, now)
        for one in rows
    )


# Who sees what


@dataclass(frozen=True)
class PartFacts:
    """One person's part as the reader may see it. `visit` is None for somebody else's: then the first name is all."""

    number: int
    called: str
    own: bool
    invited: bool
    waits: bool
    over: bool
    visit: VisitFacts | None


@dataclass(frozen=True)
class GroupFacts:
    """A group for one reader. Who booked it sees every visit's service, therapist, price and terms, and no answers."""

    id: UUID
    organiser: bool
    local_start: str
    timezone: str
    place_name: str
    parts: tuple[PartFacts, ...]

    @property
    def visits(self) -> list[VisitFacts]:
        """The visits that the reader may see."""
        return [one.visit for one in self.parts if one.visit is not None]


def group(group_id: UUID, *, by: Actor) -> GroupFacts:
    """A group, for who booked it, for each of its people, and for staff. Raises NotFoundError. Two queries.

    Its people see their own visit and the others' first names, nothing else of them; who booked sees what they booked.
    """
    row = Group.objects.filter(pk=group_id).first()
    parts = list(_parts().filter(group_id=group_id).order_by("number")) if row is not None else []
    all_of_it = is_desk(by) or (row is not None and by.account_id is not None and row.account_id == by.account_id)
    mine = {one.pk for one in parts if by.answers_for(one.appointment.client_id)}
    if row is None or not parts or not (all_of_it or mine):
        raise NotFoundError
    facts = [_part(one, own=one.pk in mine, shown=all_of_it or one.pk in mine) for one in parts]
    first = visit_facts(parts[0].appointment)
    return GroupFacts(row.pk, all_of_it, first.local_start, first.timezone, first.place_name, tuple(facts))


def _part(row: GroupVisit, *, own: bool, shown: bool) -> PartFacts:
    state = row.appointment.state
    return PartFacts(
        number=row.number,
        called=row.called,
        own=own,
        invited=row.invited,
        waits=row.invited and row.answered_at is None and state == State.REQUESTED,
        over=state in (State.CANCELLED, State.EXPIRED),
        visit=visit_facts(row.appointment) if shown else None,
    )


def is_organiser(appointment_id: UUID, *, by: Actor) -> bool:
    """Whether this person booked the group that a visit belongs to. At most two queries."""
    group_id = groups_of([appointment_id]).get(appointment_id)
    return by.account_id is not None and Group.objects.filter(pk=group_id, account_id=by.account_id).exists()


def hears_for_all(appointment_id: UUID) -> bool:
    """Whether what concerns a whole group is told through this visit: whoever booked hears it once, through the first
    visit that is theirs; if none is, the first visit's client does. At most two queries."""
    group_id = groups_of([appointment_id]).get(appointment_id)
    parts = GroupVisit.objects.filter(group_id=group_id).order_by("number")
    seen = list(parts.values_list("appointment_id", "appointment__account_id", "group__account_id"))
    own = [visit_id for visit_id, account_id, organiser in seen if account_id == organiser]
    return not seen or appointment_id == (own or [seen[0][0]])[0]


def groups_of(appointment_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Which of these visits belong to which group. For lists whose access was checked. One query."""
    rows = GroupVisit.objects.filter(appointment_id__in=list(appointment_ids))
    return dict(rows.values_list("appointment_id", "group_id"))


def comes_with_others(appointment_id: UUID) -> bool:
    """Whether other visits that still stand start together with this one. At most two queries."""
    group_id = groups_of([appointment_id]).get(appointment_id)
    others = GroupVisit.objects.filter(group_id=group_id).exclude(appointment_id=appointment_id)
    return group_id is not None and others.filter(appointment__state__in=sorted(BLOCKING)).exists()


def parties(rows: Iterable[Appointment], *, states: Sequence[State]) -> dict[UUID, list[Appointment]]:
    """Who starts together with each of these visits, by its id, in order, with itself. For this room only.

    Only where all who still come are in one of `states`: of a group that has begun with one of them nobody moves along.
    Whoever was moved away from the others by hand is none of them. One query.
    """
    rows = list(rows)
    mine = GroupVisit.objects.filter(appointment_id__in=[one.pk for one in rows]).values("group_id")
    parts = GroupVisit.objects.filter(group_id__in=mine, appointment__state__in=sorted(BLOCKING | {State.COMPLETED}))
    groups: dict[UUID, list[Appointment]] = {}
    group_of: dict[UUID, UUID] = {}
    for one in parts.select_related("appointment__place").order_by("group_id", "number"):
        groups.setdefault(one.group_id, []).append(one.appointment)
        group_of[one.appointment_id] = one.group_id
    found = {}
    for row in rows:
        party = [one for one in groups.get(group_of.get(row.pk, row.pk), []) if one.starts_at == row.starts_at]
        if len(party) > 1 and all(one.state in states for one in party):
            found[row.pk] = party
    return found


def companions(appointment_ids: Iterable[UUID], *, by: Actor) -> dict[UUID, list[str]]:
    """First names of those who come together with these visits, for staff (else NotFoundError). Two queries."""
    if not is_desk(by):
        raise NotFoundError
    mine = groups_of(appointment_ids)
    rows = GroupVisit.objects.filter(group_id__in=set(mine.values())).exclude(
        appointment__state__in=[State.CANCELLED, State.EXPIRED]
    )
    named: dict[UUID, list[tuple[UUID, str]]] = {}
    for group_id, visit_id, called in rows.order_by("number").values_list("group_id", "appointment_id", "called"):
        named.setdefault(group_id, []).append((visit_id, called))
    return {
        visit_id: [called or "somebody" for other, called in named.get(group_id, []) if other != visit_id]
        for visit_id, group_id in mine.items()
    }


def _parts() -> QuerySet[Any]:
    related = [f"appointment__{one}" for one in RELATED]
    return GroupVisit.objects.select_related("appointment", *related)


def join_token(part_id: UUID) -> str:
    """The signed name of a part, for the link that an invited person gets. Alone it opens nothing."""
    return signing.dumps(str(part_id), salt=_SALT)


def part_of_token(token: str) -> UUID | None:
    """The part of a link that is ours and not too old, else None."""
    try:
        return UUID(signing.loads(token, salt=_SALT, max_age=timedelta(days=INVITE_DAYS)))
    except (signing.BadSignature, ValueError):
        return None
