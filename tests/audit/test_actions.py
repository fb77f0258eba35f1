"""The record of who did or saw what: numbered without gaps, chained, inside its practice."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from unknot.audit import actions, queries
from unknot.audit.models import Entry, link
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor, system
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import new_id

pytestmark = pytest.mark.django_db


def write(stage: Stage, now: datetime, count: int) -> None:
    with tenancy.scope(practice_id=stage.practice.id):
        for number in range(count):
            actions.record(
                by=system(stage.practice.id),
                verb="note.read",
                subject="note",
                subject_id=new_id(),
                client_id=stage.clients["maya@clients.example"].pk,
                now=now + timedelta(seconds=number),
                part=number,
            )


def as_owner(statement: str, values: list[object]) -> int:
    """What only the owner of the tables could do behind the program's back. Returns how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        try:
            cursor.execute(statement, values)
            return int(cursor.rowcount)
        finally:
            cursor.execute("SET ROLE unknot_app")


def first_broken(stage: Stage) -> int | None:
    with tenancy.scope(practice_id=stage.practice.id):
        return queries.first_broken_link(stage.practice.id)


def test_lines_are_numbered_without_gaps_and_chained(foothills: Stage, now: datetime) -> None:
    write(foothills, now, 4)
    with tenancy.scope(practice_id=foothills.practice.id):
        lines = list(Entry.objects.order_by("number"))
    assert [one.number for one in lines] == list(range(1, len(lines) + 1))
    assert first_broken(foothills) is None
    assert lines[-1].chain == link(lines[-2].chain, lines[-1])


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit_entry SET verb = 'note.signed' WHERE practice_id = %s AND number = 2", 2),
        ("UPDATE audit_entry SET facts = '{}' WHERE practice_id = %s AND number = 3", 3),
        ("UPDATE audit_entry SET at = at + interval '1 second' WHERE practice_id = %s AND number = 1", 1),
        ("DELETE FROM audit_entry WHERE practice_id = %s AND number = 2", 3),
    ],
)
def test_a_changed_or_removed_line_shows(foothills: Stage, now: datetime, statement: str, broken: int) -> None:
    write(foothills, now, 4)
    assert as_owner(statement, [foothills.practice.id]) == 1
    assert first_broken(foothills) == broken


def test_what_is_rolled_back_was_never_recorded(foothills: Stage, now: datetime) -> None:
    write(foothills, now, 1)
    with transaction.atomic():
        write(foothills, now, 2)
        transaction.set_rollback(True)
    write(foothills, now, 1)
    with tenancy.scope(practice_id=foothills.practice.id):
        assert list(Entry.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert first_broken(foothills) is None


def test_practices_have_chains_of_their_own_and_see_no_other(foothills: Stage, riverbend: Stage, now: datetime) -> None:
    write(foothills, now, 2)
    with tenancy.scope(practice_id=riverbend.practice.id):
        actions.record(by=system(riverbend.practice.id), verb="visit.booked", subject="appointment", now=now)
        assert list(Entry.objects.values_list("verb", "number")) == [("visit.booked", 1)]


def test_who_may_read_what_was_recorded_about_a_client(
    foothills: Stage, now: datetime, client_of: Callable[..., Actor], staff_of: Callable[..., Actor]
) -> None:
    write(foothills, now, 3)
    maya = foothills.clients["maya@clients.example"].pk
    with tenancy.scope(practice_id=foothills.practice.id):
        for reader in (client_of(foothills, "maya@clients.example"), staff_of(foothills, "owner")):
            assert [one.facts["part"] for one in queries.entries_about(maya, by=reader)] == [2, 1, 0]
        for stranger in (client_of(foothills, "anders@clients.example"), staff_of(foothills, "front_desk"), Actor()):
            with pytest.raises(NotFoundError):
                queries.entries_about(maya, by=stranger)
