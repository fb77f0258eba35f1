"""What a process keeps in memory of a practice is what the practice's rows say, whoever changes them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from unknot.availability import queries as availability
from unknot.availability.models import Break, DayException, OpeningRule
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.ids import new_id
from unknot.practice import queries
from unknot.practice.models import Credential, Edition, Kit, Offer, Place, Practice, Room, Service, Therapist

DAY = date(2026, 11, 18)


def edition(stage: Stage) -> Any:
    return queries.edition_of(stage.practice.id)


def reads(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        ask()
    return len(asked)


def test_it_is_read_once_and_then_only_its_edition(foothills: Stage) -> None:
    queries.forget()
    with tenancy.scope(practice_id=foothills.practice.id):
        found: list[Any] = []
        assert reads(lambda: found.append(queries.setup())) == 10
        assert reads(lambda: found.append(queries.setup())) == 1
        assert found[0] is found[1]
        ids = [one.id for one in found[0].team]
        assert reads(lambda: availability.opening(ids, first=DAY, last=DAY)) == 4
        assert reads(lambda: availability.opening(ids, first=DAY, last=DAY)) == 1
        assert reads(lambda: availability.opening(ids, first=DAY, last=DAY, setup=found[1])) == 0


def test_it_says_what_the_rows_say(foothills: Stage) -> None:
    with tenancy.scope(practice_id=foothills.practice.id):
        found = queries.setup()
        assert found.practice == queries.practice(foothills.practice.id)
        assert list(found.team) == queries.therapists()
        assert [one for one in found.services if not one.addon] == queries.services()
        assert [one for one in found.services if one.addon] == queries.addons()
        assert list(found.places) == queries.places()
        assert list(found.bases) == queries.places(kind="base")
        assert list(found.rooms) == queries.rooms()
        assert {one.kind for one in found.kit} == set(Kit.objects.values_list("kind", flat=True))


def _first(model: Any) -> Any:
    return model.objects.order_by("pk")


def _add_break(stage: Stage) -> None:
    Break.objects.create(
        practice=stage.practice, therapist=next(iter(stage.therapists.values())), weekday=1, starts=720, ends=780
    )


def _close(stage: Stage) -> None:
    DayException.objects.create(
        practice=stage.practice, therapist=next(iter(stage.therapists.values())), date=DAY, kind="closed"
    )


def _one(model: Any, **changes: Any) -> Callable[[Stage], None]:
    return lambda stage: _first(model).filter(pk=_first(model)[0].pk).update(**changes) and None


CHANGES: dict[str, Callable[[Stage], Any]] = {
    "practice": lambda stage: Practice.objects.filter(pk=stage.practice.id).update(notice_minutes=5),
    "place": _one(Place, name="Elsewhere"),
    "room": _one(Room, capacity=3),
    "kit": _one(Kit, active=False),
    "service": _one(Service, buffer_after=55),
    "therapist": _one(Therapist, most_visits=1),
    "offer": lambda _: _first(Offer)[0].delete(),
    "credential": _one(Credential, verified_at=None),
    "hours": _one(OpeningRule, closes=1400),
    "hours gone": lambda _: _first(OpeningRule)[0].delete(),
    "break": _add_break,
    "day": _close,
}


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_is_another_edition(foothills: Stage, what: str) -> None:
    with tenancy.scope(practice_id=foothills.practice.id):
        before, kept = edition(foothills), queries.setup()
        CHANGES[what](foothills)
        assert edition(foothills) != before
        again = queries.setup()
        assert again is not kept
        assert again.practice == queries.practice(foothills.practice.id)
        assert list(again.team) == queries.therapists()


def test_hours_changed_past_the_program_are_seen_at_once(foothills: Stage) -> None:
    with tenancy.scope(practice_id=foothills.practice.id):
        ids = [one.id for one in queries.setup().team]
        assert any(availability.opening(ids, first=DAY, last=DAY)[one].hours for one in ids)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM availability_openingrule WHERE practice_id = %s", [foothills.practice.id])
        assert not any(availability.opening(ids, first=DAY, last=DAY)[one].hours for one in ids)


def test_days_before_those_kept_are_read(foothills: Stage) -> None:
    """A day far in the past is looked at after one far ahead, which is all that memory has."""
    with tenancy.scope(practice_id=foothills.practice.id):
        therapist = next(iter(foothills.therapists.values()))
        DayException.objects.create(practice=foothills.practice, therapist=therapist, date=DAY, kind="closed")
        ahead = date(2028, 1, 10)
        availability.opening([therapist.pk], first=ahead, last=ahead)
        hours = availability.opening([therapist.pk], first=DAY, last=DAY)[therapist.pk].hours
        assert hours
        assert all(any(one.day == DAY for one in where.exceptions) for where in hours)


def test_what_was_taken_back_is_forgotten(foothills: Stage) -> None:
    """A change is seen inside its own transaction, and never after it was rolled back: not even by its edition."""
    with tenancy.scope(practice_id=foothills.practice.id):
        before = queries.setup()
        point = transaction.savepoint()
        Service.objects.all().update(buffer_after=95)
        changed = queries.setup()
        assert {one.buffer_after for one in changed.services} == {95}
        transaction.savepoint_rollback(point)
        assert queries.setup().services == before.services
        Service.objects.all().update(buffer_after=85)
        assert {one.buffer_after for one in queries.setup().services} == {85}


def test_practices_are_kept_apart(foothills: Stage, riverbend: Stage) -> None:
    for stage in (foothills, riverbend, foothills):
        with tenancy.scope(practice_id=stage.practice.id):
            assert queries.setup().practice.id == stage.practice.id
            assert {one.id for one in queries.setup().team} == {one.pk for one in stage.therapists.values()}


def test_the_longest_unused_goes_first(monkeypatch: pytest.MonkeyPatch, foothills: Stage) -> None:
    from unknot.practice.queries import editions as memory

    queries.forget()
    monkeypatch.setattr(memory, "MOST", 2)
    mark = edition(foothills)
    read: list[str] = []
    for name in ("a", "b", "a", "c", "a", "b"):
        queries.kept(name, mark, lambda name=name: read.append(name))  # type: ignore[misc]
    assert read == ["a", "b", "c", "b"]


def test_only_triggers_write_editions(foothills: Stage, riverbend: Stage) -> None:
    with tenancy.scope(practice_id=foothills.practice.id):
        before = edition(riverbend)
        assert Edition.across_practices.filter(practice_id=riverbend.practice.id).update(edition=new_id()) == 0
        assert edition(riverbend) == before
