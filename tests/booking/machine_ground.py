"""Two practices and a simple-minded diary beside them: the ground of tests/booking/test_machine.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine, initialize

from tests.booking.diary_model import Entry, House, World, minute
from unknot.audit.queries import first_broken_link
from unknot.booking import queries
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage, build_practice
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import UnknotError
from unknot.kernel.ids import new_id
from unknot.practice.models import Offer

NOW = datetime(2026, 11, 17, 16, 0, tzinfo=UTC)
DAY = date(2026, 11, 19)  # a Thursday: everybody below works
TEAM = ("noor-haddad", "sofia-marchetti")
SERVICES = ("therapeutic-60", "therapeutic-90")
STONES = "hot-stones"
"""An addition that needs the clinic's one set of stones; the other addition needs nothing."""
ADDITIONS = ((), (), ("foot-massage",), (STONES,), ("foot-massage", STONES))


def wall(quarter: int, extra: int = 0) -> str:
    minutes = quarter * 15 + extra
    return f"{DAY}T{minutes // 60:02}:{minutes % 60:02}"


def two_practices() -> list[Stage]:
    """A clinic of two therapists and two rooms; and one of them works in a second practice too."""
    clinic, solo = build_practice(cast.FOOTHILLS, now=NOW), build_practice(cast.RIVERBEND, now=NOW)
    with tenancy.scope(practice_id=clinic.practice.id):
        for slug, row in clinic.therapists.items():
            row.active = slug in TEAM
            row.save()
        for slug in (STONES, "foot-massage"):  # both therapists give both, so that only the stones are scarce
            for who in TEAM:
                Offer.objects.get_or_create(
                    practice=clinic.practice, therapist=clinic.therapists[who], service=clinic.services[slug]
                )
        for room in clinic.rooms["clinic"][2:]:
            room.active = False
            room.save()
        Intake.objects.create(
            id=new_id(),
            practice=clinic.practice,
            client=clinic.clients["maya@clients.example"],
            outcome="review",
            created_at=NOW,
            screened_at=NOW,
            valid_until=NOW + timedelta(days=60),
        )
    with tenancy.scope(practice_id=solo.practice.id):
        maren = solo.therapists["maren-oduya"]
        maren.account = clinic.therapists["noor-haddad"].account
        maren.save()
    return [clinic, solo]


def model_of(stages: list[Stage]) -> World:
    """The same, for the simple-minded diary."""
    houses, account = [], {}
    for number, (stage, team) in enumerate(zip(stages, (TEAM, ("maren-oduya",)), strict=True)):
        roles = {one.slug: one for one in stage.role.therapists if one.slug in team}
        place, services = "clinic" if number == 0 else "studio", stage.services
        houses.append(
            House(
                rule=stage.practice.buffer_rule,
                rooms=[room.pk for room in stage.rooms[place][:2]],
                hours={slug: [row[:3] for row in one.hours if row[3] == place] for slug, one in roles.items()},
                breaks={slug: list(one.breaks) for slug, one in roles.items()},
                buffers={
                    slug: (stage.services[slug].buffer_before, stage.services[slug].buffer_after) for slug in SERVICES
                },
                lengths={one: services[one].minutes for one in SERVICES},
                additions={
                    slug: (one.minutes, one.buffer_before, one.buffer_after)
                    for slug, one in services.items()
                    if slug in (STONES, "foot-massage")
                },
            )
        )
        account |= {(number, slug): str(stage.therapists[slug].account_id) for slug in team}
    return World(houses, account)


class Ground(RuleBasedStateMachine):
    """Two practices, their model beside them, and what the rules of the machine are made of."""

    stages: list[Stage]

    @initialize()
    def begin(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now = NOW
        self.world = model_of(self.stages)
        self.secrets: dict[UUID, str] = {}
        self.changes: list[tuple[UUID, UUID, UUID]] = []
        self.groups: dict[UUID, str] = {}
        self.seen: dict[UUID, tuple[int, str]] = {}

    def teardown(self) -> None:
        if hasattr(self, "block"):
            for stage in self.stages:
                with tenancy.scope(practice_id=stage.practice.id):
                    assert first_broken_link(stage.practice.id) is None
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def by(self, house: int) -> Actor:
        return system(self.stages[house].practice.id)

    def client(self, house: int, pick: int) -> UUID:
        rows = sorted(self.stages[house].clients.values(), key=lambda one: str(one.email))
        return UUID(str(rows[pick % 3].pk))

    def attempt(self, house: int, work: Callable[[], Any], expected: bool, why: str) -> Any:
        """Does it in that practice; the answer has to be the model's. None if refused."""
        try:
            with tenancy.scope(practice_id=self.stages[house].practice.id):
                found = work()
        except UnknotError as error:
            refused = error
        else:
            refused = None
        if refused is not None:
            assert not expected, f"{why}: refused ({refused.code}), the model says yes"
            assert refused.message.rstrip()[-1] in ".!?"
            return None
        assert expected, f"{why}: accepted, the model says no"
        return found

    def wanted(self, house: int, service: str, start: int, add: tuple[str, ...] = ()) -> tuple[int, int, int, int]:
        """Start, length and buffers: what is added makes it longer, and the largest buffers count once."""
        rules = self.world.houses[house]
        parts = [(rules.lengths[service], *rules.buffers[service]), *(rules.additions[one] for one in add)]
        minutes, before, after = zip(*parts, strict=True)
        return start, sum(minutes), max(before), max(after)

    def free(self, house: int, therapist: str | None, wanted: tuple[int, int, int, int], **more: Any) -> list[str]:
        return self.world.therapists_for(house, therapist, wanted, self.minute, **more)

    @property
    def minute(self) -> int:
        return minute(self.now)

    def add(self, house: int, visit: queries.VisitFacts, possible: list[str], **fields: Any) -> Entry:
        """Takes a new visit or hold over into the model, after a look at who and what it got."""
        assert visit.therapist_slug in possible
        entry = Entry(
            id=visit.id,
            practice=house,
            therapist=visit.therapist_slug,
            room=UUID(str(visit.room_id)),
            start=minute(visit.starts_at),
            end=minute(visit.ends_at),
            before=visit.buffer_before,
            after=visit.buffer_after,
            rule=self.world.houses[house].rule,
            **fields,
        )
        self.world.entries[visit.id] = entry
        return entry

    def pick(self, number: int, *states: str, house: int | None = None) -> Entry | None:
        rows = [
            one
            for one in self.world.entries.values()
            if one.state in states and one.moves is None and house in (None, one.practice)
        ]
        return rows[number % len(rows)] if rows else None
