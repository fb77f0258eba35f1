"""A parent with a child, and a couple, at the clinic of the cast: booked by the real actions, so they are right."""

from datetime import date, datetime, timedelta
from uuid import UUID

from unknot.booking import actions, queries
from unknot.booking.actions import Person
from unknot.booking.queries import Seat
from unknot.config.demo_data import cast
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake import actions as intakes
from unknot.intake.domain import short_questions
from unknot.kernel.actors import system
from unknot.kernel.zones import local
from unknot.people import actions as people
from unknot.people import queries as people_queries
from unknot.practice import queries as practices

PARENT, COUPLE = "maya@clients.example", ("anders@clients.example", "bea@clients.example")
CHILD, BORN = "Iris Thorne", date(2016, 5, 9)


def write(stage: Stage, *, now: datetime) -> None:
    """Maya's daughter with her record, the two of them together; Anders and Bea as a couple. Only at the clinic."""
    if stage.role.slug != cast.FOOTHILLS.slug:
        return
    with tenancy.scope(practice_id=stage.practice.id):
        by = system(stage.practice.id)
        carer = people_queries.actor(UUID(str(stage.clients[PARENT].account_id)), stage.practice.id, strong=False)
        child = people.add_dependant(by=carer, name=CHILD, born_on=BORN, relation="child", now=now)
        answers = {one.id: "no" for group in short_questions() for one in group.questions}
        intakes.record_screening(by=by, client_id=child, answers=answers, now=now)
        mine = [UUID(str(stage.clients[PARENT].pk)), child]
        _book(stage, [Seat("therapeutic-60"), Seat("relaxation-60")], mine, after=3, now=now)
        both = [UUID(str(stage.clients[one].pk)) for one in COUPLE]
        _book(stage, [Seat("therapeutic-75"), Seat("deep-tissue-60")], both, after=6, now=now)


def _book(stage: Stage, seats: list[Seat], clients: list[UUID], *, after: int, now: datetime) -> None:
    """The first start that suits all, some days from now; the first of them is who booked."""
    by, practice = system(stage.practice.id), practices.practice(stage.practice.id)
    first = local(now, practice.timezone).date() + timedelta(days=after)
    asked = queries.GroupQuestion(practice, tuple(seats), now)
    starts = queries.group_starts(asked, first=first, last=first + timedelta(days=14), limit=1)
    for one in starts:
        kept = actions.hold_group(
            by=by,
            practice=practice,
            seats=seats,
            place_slug=one.place_slug,
            local_start=one.local_start,
            now=now,
        )
        coming = [Person(client_id) for client_id in clients]
        actions.book_group(by=by, group_id=kept.id, secret=kept.secret, people_coming=coming, now=now)
