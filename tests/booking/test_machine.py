"""The whole life of the diary against a second, simple-minded one: whatever people do, in any order, both agree.

`UNKNOT_MACHINE_EXAMPLES=200 UNKNOT_MACHINE_STEPS=50` runs it longer.
"""

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from tests.booking.diary_model import ACTIVE, ZONE, Entry, minute, of_wall
from tests.booking.machine_ground import ADDITIONS, DAY, SERVICES, STONES, TEAM, two_practices, wall
from tests.booking.machine_groups import Couples
from unknot.availability import actions as hours
from unknot.availability.domain.opening import Break, OpeningRule
from unknot.booking import actions, queries
from unknot.booking.domain.lifecycle import MOVES, Event, State
from unknot.booking.models import Appointment
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.kernel.actors import CLIENT, Actor
from unknot.kernel.errors import UnknotError
from unknot.kernel.zones import local
from unknot.practice import queries as practices

EXAMPLES = int(os.environ.get("UNKNOT_MACHINE_EXAMPLES", "5"))
STEPS = int(os.environ.get("UNKNOT_MACHINE_STEPS", "20"))
QUARTERS = st.integers(28, 78)  # 07:00 to 19:30 in quarters of an hour
FIVES = st.sampled_from([0, 0, 0, 0, 5])
ANY = st.integers(0, 99)


class Diary(Couples):
    """People at two practices, and the clock."""

    # Holding and booking

    @rule(
        house=st.sampled_from([0, 0, 1]), pick=st.sampled_from([None, *TEAM]), service=st.sampled_from(SERVICES),
        quarter=QUARTERS, off=FIVES, then=st.sampled_from(["leave", "book", "book", "ask"]), who=ANY,
        add=st.sampled_from(ADDITIONS),
    )  # fmt: skip
    def hold(
        self, house: int, pick: str | None, service: str, quarter: int, off: int, then: str = "leave", who: int = 0,
        add: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        therapist, add = (pick, add) if house == 0 else (None, ())
        start, stones = wall(quarter, off), STONES in add
        possible = self.free(house, therapist, self.wanted(house, service, of_wall(start), add), stones=stones)
        kept = self.attempt(
            house,
            lambda: actions.hold_slot(
                by=Actor(),
                practice=practices.practice(self.stages[house].practice.id),
                service_slug=service,
                therapist_slug=therapist,
                place_slug=None,
                local_start=start,
                add=add,
                now=self.now,
            ),
            bool(possible),
            f"hold {service} {add} {start}",
        )
        if kept is not None:
            self.world.end_stale(house, self.minute)
            self.add(house, kept.visit, possible, expires=minute(kept.expires_at), stones=stones)
            self.secrets[kept.id] = kept.secret
            if then == "book":
                self.book(len(self.secrets) - 1, who)
            elif then == "ask":
                self.ask(len(self.secrets) - 1)

    @rule(house=st.sampled_from([0, 0, 1]), service=st.sampled_from(SERVICES), quarter=QUARTERS, who=ANY)
    def book_directly(self, house: int, service: str, quarter: int, who: int) -> None:
        start, client = wall(quarter), self.client(house, who)
        wanted = self.wanted(house, service, of_wall(start))
        possible = self.free(house, None, wanted)
        alone = self.world.client_is_free(client, wanted[0], wanted[0] + wanted[1], cleared=(house, self.minute))
        visit = self.attempt(
            house,
            lambda: actions.book_directly(
                by=self.by(house),
                practice=practices.practice(self.stages[house].practice.id),
                service_slug=service,
                therapist_slug=None,
                place_slug=None,
                local_start=start,
                client_id=client,
                intake_id=None,
                now=self.now,
            ),
            bool(possible) and alone,
            f"book {service} {start}",
        )
        if visit is not None:
            self.world.end_stale(house, self.minute)
            self.add(house, visit, possible, state="confirmed", client=client)

    @precondition(lambda self: self.secrets)
    @rule(number=ANY, who=ANY)
    def book(self, number: int, who: int) -> None:
        hold_id, secret = list(self.secrets.items())[number % len(self.secrets)]
        entry = self.world.entries[hold_id]
        client = self.client(entry.practice, who)
        again = entry.state not in ("held", "expired") and entry.client == client
        alive = entry.state == "held" and entry.expires > self.minute
        free = self.world.client_is_free(client, entry.start, entry.end, ignore=entry.id)
        done = self.attempt(
            entry.practice,
            lambda: actions.book(
                by=self.by(entry.practice),
                hold_id=hold_id,
                secret=secret,
                intake_id=None,
                client_id=client,
                now=self.now,
            ),
            again or (alive and free),
            f"book the hold of {entry.start}",
        )
        if done is not None and not again:
            entry.state, entry.client = "confirmed", client

    @precondition(lambda self: self.secrets)
    @rule(number=ANY)
    def ask(self, number: int) -> None:
        """Maya's answers have to be talked about: what she books is a request."""
        hold_id, secret = list(self.secrets.items())[number % len(self.secrets)]
        entry = self.world.entries[hold_id]
        if entry.practice != 0 or entry.state != "held":
            return
        maya = self.stages[0].clients["maya@clients.example"]
        with tenancy.scope(practice_id=self.stages[0].practice.id):
            intake = Intake.objects.get(client=maya)
        by = Actor(maya.account_id, self.stages[0].practice.id, frozenset({CLIENT}), client_id=maya.pk)
        done = self.attempt(
            0,
            lambda: actions.book(by=by, hold_id=hold_id, secret=secret, intake_id=intake.pk, now=self.now),
            entry.expires > self.minute and self.world.client_is_free(maya.pk, entry.start, entry.end, ignore=entry.id),
            "ask for a held time",
        )
        if done is not None:
            entry.state, entry.client = "requested", maya.pk
            with tenancy.scope(practice_id=self.stages[0].practice.id):
                until = Appointment.objects.get(pk=hold_id).answer_by
            entry.answer_by = minute(until) if until else None

    @precondition(lambda self: self.secrets)
    @rule(number=ANY)
    def let_go(self, number: int) -> None:
        hold_id, secret = list(self.secrets.items())[number % len(self.secrets)]
        entry = self.world.entries[hold_id]
        self.attempt(
            entry.practice,
            lambda: actions.release_hold(by=Actor(), hold_id=hold_id, secret=secret, now=self.now),
            True,
            "let go",
        )
        entry.state = "expired" if entry.state == "held" else entry.state

    # Changing

    @rule(number=ANY, quarter=QUARTERS, off=FIVES, minutes=st.sampled_from([None, None, 45, 75]))
    def move(self, number: int, quarter: int, off: int, minutes: int | None) -> None:
        entry = self.pick(number, "confirmed", "requested", "cancelled", "completed")
        if entry is None:
            return
        start, length = wall(quarter, off), minutes or entry.end - entry.start
        wanted = (of_wall(start), length, entry.before, entry.after)
        same = wanted[0] == entry.start and length == entry.end - entry.start
        movable = entry.state in ("confirmed", "requested")
        over = entry.state == "requested" and entry.is_stale(self.minute)
        possible = self.free(entry.practice, entry.therapist, wanted, ignore=entry.id, stones=entry.stones)
        moved = self.attempt(
            entry.practice,
            lambda: actions.reschedule(
                by=self.by(entry.practice), appointment_id=entry.id, local_start=start, minutes=minutes, now=self.now
            ),
            movable and not over and (same or (bool(possible) and self._client_too(entry, wanted))),
            f"move {entry.state} to {start}",
        )
        if moved is not None and not same:
            self.world.end_stale(entry.practice, self.minute)
            self._moved(entry, moved.visit)
            self._drop_change(entry)

    def _client_too(self, entry: Entry, wanted: tuple[int, int, int, int]) -> bool:
        assert entry.client is not None
        return self.world.client_is_free(entry.client, wanted[0], wanted[0] + wanted[1], ignore=entry.id)

    def _moved(self, entry: Entry, visit: queries.VisitFacts) -> None:
        entry.start, entry.end = minute(visit.starts_at), minute(visit.ends_at)
        entry.room, entry.therapist = UUID(str(visit.room_id)), visit.therapist_slug
        entry.rule = self.world.houses[entry.practice].rule
        entry.sequence += 1

    def _drop_change(self, entry: Entry) -> None:
        for one in self.world.entries.values():
            if one.moves == entry.id and one.state == "held":
                one.state = "expired"

    @rule(number=ANY, quarter=QUARTERS)
    def ask_for_another_time(self, number: int, quarter: int) -> None:
        """The client moves their own visit: at once, or, too late for that, as a change that waits for a yes."""
        entry = self.pick(number, "confirmed", house=0)
        if entry is None or entry.client is None:
            return
        row = next(one for one in self.stages[0].clients.values() if one.pk == entry.client)
        by = Actor(row.account_id, self.stages[0].practice.id, frozenset({CLIENT}), client_id=row.pk)
        start = wall(quarter)
        wanted = (of_wall(start), entry.end - entry.start, entry.before, entry.after)
        same = wanted[0] == entry.start
        possible = self.free(0, entry.therapist, wanted, ignore=entry.id, stones=entry.stones)
        alone = not self.comes_with_others(entry)
        outcome = self.attempt(
            0,
            lambda: actions.reschedule(by=by, appointment_id=entry.id, local_start=start, now=self.now),
            alone and (same or (bool(possible) and self._client_too(entry, wanted))),
            f"ask for {start}",
        )
        if outcome is None or same:
            return
        self.world.end_stale(0, self.minute)
        if outcome.change is None:
            self._moved(entry, outcome.visit)
            self._drop_change(entry)
            return
        with tenancy.scope(practice_id=self.stages[0].practice.id):
            hold = Appointment.objects.get(moves=entry.id, state="held")
        if hold.pk not in self.world.entries:
            self._drop_change(entry)
            new = self.add(0, outcome.change.then, possible, client=entry.client, expires=minute(hold.hold_expires_at))
            new.moves, new.stones = entry.id, entry.stones
            self.changes.append((entry.id, hold.pk, outcome.change.id))

    @precondition(lambda self: self.changes)
    @rule(number=ANY, said=st.sampled_from(["accept", "decline"]))
    def answer(self, number: int, said: str) -> None:
        visit_id, hold_id, change_id = self.changes[number % len(self.changes)]
        entry, hold = self.world.entries[visit_id], self.world.entries[hold_id]
        waits = hold.state == "held" and hold.expires > self.minute and entry.state == "confirmed"
        try:
            with tenancy.scope(practice_id=self.stages[0].practice.id):
                actions.answer_change(
                    by=self.by(0), appointment_id=visit_id, change_id=change_id, answer=said, now=self.now
                )
        except UnknotError:
            if not waits:
                return
            raise
        if waits and said == "accept":
            for name in ("start", "end", "room", "therapist", "rule"):
                setattr(entry, name, getattr(hold, name))
            entry.sequence += 1
        if waits:
            hold.state = "expired"

    @rule(number=ANY)
    def cancel(self, number: int) -> None:
        entry = self.pick(number, *ACTIVE - {"held"}, "cancelled", "no_show", "expired")
        if entry is None or entry.client is None:
            return
        known = Event.CANCEL in MOVES[State(entry.state)] or entry.state == "cancelled"
        done = self.attempt(
            entry.practice,
            lambda: actions.cancel(by=self.by(entry.practice), appointment_id=entry.id, now=self.now),
            known,
            f"cancel {entry.state}",
        )
        if done is not None and entry.state != "cancelled":
            entry.state, entry.sequence = "cancelled", entry.sequence + 1
            self._drop_change(entry)

    @rule(number=ANY, event=st.sampled_from(sorted(set(actions.MARKS) - {"unclose"})))
    def mark(self, number: int, event: str) -> None:
        entry = self.pick(number, *ACTIVE, "cancelled", "no_show")
        if entry is None:
            return
        before, meant = State(entry.state), actions.MARKS[event]
        via = State.CONFIRMED if before == State.REQUESTED and meant in (Event.ARRIVE, Event.START) else before
        after = MOVES[via].get(meant)
        same = after is None and {
            Event.CONFIRM: State.CONFIRMED, Event.DECLINE: State.CANCELLED, Event.ARRIVE: State.ARRIVED,
            Event.START: State.IN_SESSION, Event.COMPLETE: State.COMPLETED, Event.MISS: State.NO_SHOW,
        }.get(meant) == before  # fmt: skip
        over = before == State.REQUESTED and entry.is_stale(self.minute)
        blocked = before == State.NO_SHOW and after is not None and self._stands_in_the_way(entry)
        done = self.attempt(
            entry.practice,
            lambda: actions.mark(by=self.by(entry.practice), appointment_id=entry.id, event=event, now=self.now),
            same or (after is not None and before != State.HELD and not over and not blocked),
            f"{event} of {before}",
        )
        if done is not None and after is not None:
            entry.state = str(after)
            entry.sequence += after == State.CANCELLED
            self._drop_change(entry)

    def _stands_in_the_way(self, entry: Entry) -> bool:
        """Whether somebody has the time of a visit that was marked as missed."""
        for one in self.world.entries.values():
            if one.id != entry.id and one.state in ACTIVE:
                mine = (
                    self.world.account[one.practice, one.therapist]
                    == self.world.account[entry.practice, entry.therapist]
                )
                meets = one.kept[0] < entry.kept[1] and entry.kept[0] < one.kept[1]
                client = one.client == entry.client and one.start < entry.end and entry.start < one.end
                stones = one.practice == entry.practice and one.stones and entry.stones
                if ((mine or one.room == entry.room or stones) and meets) or client:
                    return True
        return False

    # Rules of the house, and the clock

    @rule(
        who=st.sampled_from(TEAM), kind=st.sampled_from(["closed", "extra", "changed"]), opens=st.integers(14, 40),
        length=st.integers(4, 16),
    )  # fmt: skip
    def except_day(self, who: str, kind: str, opens: int, length: int) -> None:
        stage = self.stages[0]
        times = {} if kind == "closed" else {"opens": opens * 30, "closes": (opens + length) * 30}
        made = self.attempt(
            0,
            lambda: hours.add_exception(
                by=self.by(0), therapist_id=stage.therapists[who].pk, day=DAY, kind=kind, now=self.now, **times
            ),
            True,
            "a day that departs",
        )
        self.world.houses[0].special[made] = (who, DAY, kind, opens * 30, (opens + length) * 30)

    @precondition(lambda self: self.world.houses[0].special)
    @rule(number=ANY)
    def back_to_the_week(self, number: int) -> None:
        special = self.world.houses[0].special
        key = list(special)[number % len(special)]
        self.attempt(0, lambda: hours.remove_exception(by=self.by(0), exception_id=key, now=self.now), True, "back")
        special.pop(key)

    @rule(who=st.sampled_from(TEAM), opens=st.integers(14, 30), length=st.integers(8, 18), pause=st.booleans())
    def new_hours(self, who: str, opens: int, length: int, pause: bool) -> None:
        stage, day = self.stages[0], DAY.weekday()
        row = (day, opens * 30, (opens + length) * 30)
        breaks = [(day, (opens + 4) * 30, (opens + 5) * 30)] if pause else []
        place = stage.places["clinic"].pk
        self.attempt(
            0,
            lambda: hours.set_hours(
                by=self.by(0),
                therapist_id=stage.therapists[who].pk,
                hours=[hours.WeeklyHours(OpeningRule(*row), place)],
                breaks=[Break(*one) for one in breaks],
                now=self.now,
            ),
            True,
            "new hours",
        )
        self.world.houses[0].hours[who], self.world.houses[0].breaks[who] = [row], breaks

    @rule(
        house=st.sampled_from([0, 1]), service=st.sampled_from(SERVICES), before=st.sampled_from([0, 10, 25]),
        after=st.sampled_from([0, 15, 30]), name=st.sampled_from(["sum", "larger"]),
    )  # fmt: skip
    def new_buffers(self, house: int, service: str, before: int, after: int, name: str) -> None:
        stage, rules = self.stages[house], self.world.houses[house]
        with tenancy.scope(practice_id=stage.practice.id):
            type(stage.services[service]).objects.filter(slug=service).update(buffer_before=before, buffer_after=after)
            type(stage.practice).objects.filter(pk=stage.practice.pk).update(buffer_rule=name)
        rules.buffers[service], rules.rule = (before, after), name

    @rule(minutes=st.sampled_from([1, 11, 60, 1441]), sweeps=st.booleans())
    def wait(self, minutes: int, sweeps: bool) -> None:
        self.now += timedelta(minutes=minutes)
        for house, stage in enumerate(self.stages if sweeps else []):
            with tenancy.scope(practice_id=stage.practice.id):
                actions.expire_holds(by=self.by(house), now=self.now)
            self.world.end_stale(house, self.minute)

    # What always holds

    @invariant()
    def the_database_says_the_same(self) -> None:
        if not hasattr(self, "world"):
            return
        for house, stage in enumerate(self.stages):
            with tenancy.scope(practice_id=stage.practice.id):
                rows = {row.pk: row for row in Appointment.objects.select_related("therapist")}
            mine = {key: one for key, one in self.world.entries.items() if one.practice == house}
            assert set(rows) == set(mine)
            for key, one in mine.items():
                row = rows[key]
                said = (
                    row.state,
                    minute(row.starts_at),
                    minute(row.ends_at),
                    row.therapist.slug,
                    row.room_id,
                    row.sequence,
                )
                assert said == (one.state, one.start, one.end, one.therapist, one.room, one.sequence)
                assert (minute(row.blocked.lower), minute(row.blocked.upper)) == one.kept
                assert row.client_id == one.client
                assert len(row.kit_units) == one.stones
                assert row.room_id in self.world.houses[house].rooms
                assert one.sequence >= self.seen.get(key, (0, ""))[0]
                self.seen[key] = (one.sequence, one.state)

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        entries = self.world.entries.values() if hasattr(self, "world") else []
        active = [one for one in entries if one.state in ACTIVE]
        for one in active:
            for other in active:
                family = (one.moves or one.id) == (other.moves or other.id)
                if one.id < other.id and not family and one.kept[0] < other.kept[1] and other.kept[0] < one.kept[1]:
                    account = self.world.account
                    assert account[one.practice, one.therapist] != account[other.practice, other.therapist]
                    assert one.room != other.room
                    assert one.practice != other.practice or not (one.stones and other.stones)
                if one.id < other.id and not family and one.start < other.end and other.start < one.end:
                    assert one.client is None or one.client != other.client

    @invariant()
    def offered_is_what_the_rules_say(self) -> None:
        if not hasattr(self, "world"):
            return
        turn = len(self.world.entries) + self.minute
        house, service = int(turn % 5 == 0), SERVICES[turn % 2]
        add = ADDITIONS[turn % len(ADDITIONS)] if house == 0 else ()
        stage = self.stages[house]
        with tenancy.scope(practice_id=stage.practice.id):
            found = queries.open_slots(
                practice=practices.practice(stage.practice.id),
                service=practices.service_at(service),
                extras=queries.chosen_parts(service, add)[1],
                first=DAY,
                last=DAY,
                now=self.now,
                place_slug="clinic" if house == 0 else "studio",
            )
        offered = {(one.therapist_slug, one.local_start[11:]) for one in found}
        meant = {
            (who, f"{local(datetime.fromtimestamp(start * 60, UTC), ZONE):%H:%M}")
            for start in (of_wall(f"{DAY}T00:00") + step * 15 for step in range(96))
            for who in self.free(house, None, self.wanted(house, service, start, add), stones=STONES in add)
        }
        assert offered == meant, f"too many {offered - meant}, too few {meant - offered}"


@pytest.mark.django_db
def test_two_diaries_agree() -> None:
    Diary.stages = two_practices()
    phases = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
    run_state_machine_as_test(
        Diary,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, phases=phases, database=None
        ),
    )


@pytest.mark.django_db
def test_the_one_set_of_stones_is_in_one_visit_at_a_time() -> None:
    """Two therapists, two rooms, one set: another visit is refused while the first has it, and not afterwards."""
    Diary.stages = two_practices()
    diary = Diary()
    diary.begin()
    for who, quarter in (
        ("noor-haddad", 40),
        ("sofia-marchetti", 40),
        ("sofia-marchetti", 42),
        ("sofia-marchetti", 48),
    ):
        diary.hold(0, who, "therapeutic-60", quarter, 0, add=(STONES,))
        diary.the_database_says_the_same()
        diary.nobody_is_in_two_places()
    assert sorted(one.stones for one in diary.world.entries.values()) == [True, True]
    diary.hold(0, "sofia-marchetti", "therapeutic-60", 40, 0, add=("foot-massage",))
    diary.offered_is_what_the_rules_say()
    diary.teardown()


@pytest.mark.django_db
def test_a_request_that_nobody_answered_is_over_for_everybody() -> None:
    """Found by the machine: its time was not offered until the next minute's sweep, and moving it brought it back."""
    Diary.stages = two_practices()
    diary = Diary()
    diary.begin()
    diary.hold(0, "noor-haddad", "therapeutic-60", 40, 0, "ask")
    diary.wait(1441, False)
    diary.wait(1, False)
    diary.offered_is_what_the_rules_say()
    diary.move(0, 44, 0, None)
    diary.the_database_says_the_same()
    diary.hold(0, "noor-haddad", "therapeutic-60", 40, 0)
    diary.the_database_says_the_same()
    assert sorted(one.state for one in diary.world.entries.values()) == ["expired", "held"]
    diary.teardown()
