"""Couples in the machine of tests/booking/test_machine.py: both or neither, whatever happened before."""

from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from tests.booking.diary_model import ACTIVE, Entry, minute, of_wall
from tests.booking.machine_ground import SERVICES, Ground, wall
from unknot.booking import actions, queries
from unknot.booking.actions import Person
from unknot.booking.models import Appointment, GroupVisit
from unknot.booking.queries import Seat
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.practice import queries as practices

ANY = st.integers(0, 99)
QUARTERS = st.integers(28, 78)
OPEN, MOVABLE = ("requested", "confirmed", "arrived"), ("requested", "confirmed")


class Couples(Ground):
    """Two people at once, at the clinic of two therapists and two rooms."""

    def parts(self, group_id: UUID) -> list[Entry]:
        """A couple's entries, in order."""
        return [one for one in self.world.entries.values() if one.group == group_id]

    def comes_with_others(self, entry: Entry) -> bool:
        """Whether somebody else still comes together with this one."""
        return entry.group is not None and any(
            one.id != entry.id and one.state in ACTIVE for one in self.parts(entry.group)
        )

    @rule(
        first=st.sampled_from(SERVICES), second=st.sampled_from(SERVICES), quarter=QUARTERS,
        off=st.sampled_from([0, 0, 5]),
        then=st.sampled_from(["leave", "book", "book"]), who=ANY,
    )  # fmt: skip
    def hold_couple(
        self, first: str, second: str, quarter: int, off: int = 0, then: str = "leave", who: int = 0
    ) -> None:
        start, services = wall(quarter, off), (first, second)
        wanted = [(None, self.wanted(0, one, of_wall(start))) for one in services]
        possible = self.world.together_for(0, wanted, self.minute)
        practice_id = self.stages[0].practice.id
        kept = self.attempt(
            0,
            lambda: actions.hold_group(
                by=Actor(),
                practice=practices.practice(practice_id),
                seats=[Seat(one) for one in services],
                place_slug=None,
                local_start=start,
                now=self.now,
            ),
            bool(possible),
            f"hold {services} {start}",
        )
        if kept is None:
            return
        self.world.end_stale(0, self.minute)
        with tenancy.scope(practice_id=practice_id):
            visits = queries.kept_group(kept.id, secret=kept.secret, now=self.now)
        for visit, takers in zip(visits, possible, strict=True):
            self.add(0, visit, takers, expires=minute(kept.expires_at)).group = kept.id
        self.groups[kept.id] = kept.secret
        if then == "book":
            self.book_couple(len(self.groups) - 1, who)

    @precondition(lambda self: self.groups)
    @rule(number=ANY, who=ANY)
    def book_couple(self, number: int, who: int) -> None:
        group_id, secret = list(self.groups.items())[number % len(self.groups)]
        parts, clients = self.parts(group_id), [self.client(0, who), self.client(0, who + 1)]
        booked = any(one.client is not None for one in parts)
        alive = all(one.state == "held" and one.expires > self.minute for one in parts)
        free = all(
            self.world.client_is_free(client, one.start, one.end, ignore=one.id)
            for client, one in zip(clients, parts, strict=True)
        )
        done = self.attempt(
            0,
            lambda: actions.book_group(
                by=self.by(0),
                group_id=group_id,
                secret=secret,
                people_coming=[Person(one) for one in clients],
                now=self.now,
            ),
            booked or (alive and free),
            "book both",
        )
        if done is None or booked:
            return
        maya = self.stages[0].clients["maya@clients.example"].pk  # her answers have to be talked about first
        for client, one in zip(clients, parts, strict=True):
            one.client, one.state = client, "requested" if client == maya else "confirmed"
            if client == maya:
                with tenancy.scope(practice_id=self.stages[0].practice.id):
                    until = Appointment.objects.get(pk=one.id).answer_by
                one.answer_by = minute(until) if until else None

    @precondition(lambda self: self.groups)
    @rule(number=ANY, quarter=QUARTERS)
    def move_couple(self, number: int, quarter: int) -> None:
        group_id = list(self.groups)[number % len(self.groups)]
        start = wall(quarter)
        standing = [one for one in self.parts(group_id) if one.state in MOVABLE]
        ids = frozenset(one.id for one in standing)
        wanted = [(one.therapist, (of_wall(start), one.end - one.start, one.before, one.after)) for one in standing]
        clients = all(
            one.client is not None
            and self.world.client_is_free(one.client, of_wall(start), of_wall(start) + one.end - one.start, ignore=ids)
            for one in standing
        )
        possible = bool(standing) and self.world.together_for(0, wanted, self.minute, ids)
        moved = self.attempt(
            0,
            lambda: actions.move_group(by=self.by(0), group_id=group_id, local_start=start, now=self.now),
            bool(possible) and clients and not any(one.is_stale(self.minute) for one in standing),
            f"move both to {start}",
        )
        if moved is None:
            return
        self.world.end_stale(0, self.minute)
        for one, visit in zip(standing, moved.then, strict=True):
            assert visit.therapist_slug == one.therapist
            one.start, one.end = minute(visit.starts_at), minute(visit.ends_at)
            one.room, one.rule = UUID(str(visit.room_id)), self.world.houses[0].rule
            one.sequence += 1
            self._end_wish(one)

    @precondition(lambda self: self.groups)
    @rule(number=ANY, only=st.sampled_from([None, 0, 1]))
    def cancel_couple(self, number: int, only: int | None) -> None:
        group_id = list(self.groups)[number % len(self.groups)]
        parts = self.parts(group_id)
        booked = any(one.client is not None for one in parts)
        meant = [one for one in parts if one.state in OPEN] if only is None else [parts[only]]
        legal = all(one.state in (*OPEN, "cancelled") for one in meant)
        done = self.attempt(
            0,
            lambda: actions.cancel_group(
                by=self.by(0), group_id=group_id, only=parts[only].id if only is not None else None, now=self.now
            ),
            booked and legal,
            "cancel one or both",
        )
        for one in meant if done is not None else []:
            if one.state != "cancelled":
                one.state, one.sequence = "cancelled", one.sequence + 1
                self._end_wish(one)

    def _end_wish(self, entry: Entry) -> None:
        for one in self.world.entries.values():
            if one.moves == entry.id and one.state == "held":
                one.state = "expired"

    @invariant()
    def both_or_neither(self) -> None:
        """A couple's holds and first bookings are of both; nobody of them has the other's hands or table."""
        if not hasattr(self, "world"):
            return
        with tenancy.scope(practice_id=self.stages[0].practice.id):
            rows = list(GroupVisit.objects.select_related("appointment", "group").order_by("group_id", "number"))
        by_group: dict[UUID, list[GroupVisit]] = {}
        for row in rows:
            by_group.setdefault(row.group_id, []).append(row)
        assert set(by_group) == set(self.groups)
        for parts in by_group.values():
            visits = [one.appointment for one in parts]
            assert len(visits) == 2
            assert len({one.client_id is None for one in visits}) == 1, "both are booked, or neither"
            assert (parts[0].group.booked_at is None) == (visits[0].client_id is None)
            if parts[0].group.booked_at is None:
                assert len({(one.state, one.starts_at, one.hold_expires_at) for one in visits}) == 1
                assert visits[0].practitioner_id != visits[1].practitioner_id
                assert visits[0].room_id != visits[1].room_id
