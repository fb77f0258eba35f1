# ruff: noqa: S608, ISC004 - statements put together from this file's own words
"""The doctor looks into the data: each thing that must never be is planted once and found, and nothing else is."""

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection

from unknot.booking import actions
from unknot.config import doctor_deep
from unknot.config.demo_data.build import Stage
from unknot.config.findings import FAIL, OK, WARN
from unknot.db import tenancy
from unknot.db.urls import connection_string
from unknot.kernel.actors import system
from unknot.practice import queries as practices

YEARS = "interval '9 years'"
"""The sweeps go by the database's clock, which no test can move: what the tests book is moved out of its past."""


@pytest.fixture(autouse=True)
def _clock(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=True):
        yield


def as_owner(statement: str) -> list[tuple[Any, ...]]:
    """Runs a statement as the tables' owner, in the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE; SET CONSTRAINTS ALL IMMEDIATE")
        try:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
        finally:
            cursor.execute("RESET row_security; SET ROLE unknot_app")


@pytest.fixture
def visits(foothills: Stage, now: datetime) -> Stage:
    """Three visits: two therapists at one hour, one of them again later; far in the future."""
    stage, by = foothills, system(foothills.practice.id)
    with tenancy.scope(practice_id=stage.practice.id):
        people = sorted(stage.clients.values(), key=lambda one: str(one.email))
        for who, at, client in (
            ("noor-haddad", "09:00", people[0]),
            ("sofia-marchetti", "09:00", people[1]),
            ("noor-haddad", "13:00", people[0]),
        ):
            actions.book_directly(
                by=by,
                practice=practices.practice(stage.practice.id),
                service_slug="therapeutic-60",
                therapist_slug=who,
                place_slug="clinic",
                local_start=f"2026-11-19T{at}",
                client_id=client.pk,
                intake_id=None,
                now=now,
            )
    as_owner(
        f"UPDATE booking_appointment SET starts_at = starts_at + {YEARS}, ends_at = ends_at + {YEARS}, "
        f"blocked = tstzrange(lower(blocked) + {YEARS}, upper(blocked) + {YEARS})"
    )
    as_owner(f"UPDATE notifications_message SET due_at = due_at + {YEARS}")
    return stage


def found(**more: bool) -> set[tuple[str, str]]:
    """What ails, as (check, status)."""
    return {
        (one.check, one.status) for one in doctor_deep.sweeps(as_owner, everything=True, **more) if one.status != OK
    }


def says(check: str) -> str:
    return " ".join(one.says for one in doctor_deep.sweeps(as_owner, everything=True) if one.check == check)


SECOND = "(SELECT id FROM booking_appointment WHERE local_start = '2026-11-19T13:00')"
_OF = "(SELECT therapist_id FROM booking_appointment WHERE local_start = '2026-11-19T13:00')"
_EARLY = "(SELECT id FROM booking_appointment WHERE local_start = '2026-11-19T09:00' AND therapist_id"
FIRST, OTHERS = f"{_EARLY} = {_OF})", f"{_EARLY} <> {_OF})"
LATER = "starts_at = x.starts_at, ends_at = x.ends_at, blocked = x.blocked FROM booking_appointment x WHERE x.id = "
MEET = f"UPDATE booking_appointment a SET {LATER}{FIRST} AND a.id = {SECOND}"


def drop(*names: str) -> str:
    return ";".join(f"ALTER TABLE booking_appointment DROP CONSTRAINT {name}" for name in names)


def test_nothing_ails(visits: Stage) -> None:
    assert found() == set()
    assert {one.status for one in doctor_deep.chains()} == {OK}
    assert {one.status for one in doctor_deep.cards()} == {OK}


@pytest.mark.parametrize("lane", ["therapist", "room", "client"])
def test_visits_that_meet(visits: Stage, lane: str) -> None:
    as_owner(drop("diary_therapist", "diary_room", "diary_client"))
    as_owner(MEET)  # the same therapist, client and room at one time, then all but one of them set apart
    if lane != "therapist":
        as_owner(f"UPDATE booking_appointment SET practitioner_id = gen_random_uuid() WHERE id = {SECOND}")
    if lane != "room":
        as_owner(f"UPDATE booking_appointment SET room_unit = 9 WHERE id = {SECOND}")
    if lane != "client":
        as_owner(
            f"UPDATE booking_appointment a SET client_id = c.id FROM people_client c WHERE a.id = {SECOND} "
            "AND c.id NOT IN (SELECT client_id FROM booking_appointment)"
        )
    bad = [one for one in doctor_deep.sweeps(as_owner) if one.check == "overlaps" and one.status == FAIL]
    assert [one.says[:40] for one in bad] == [f"1 visits meet an earlier one of the same {lane}"[:40]]
    assert ("catalogue", FAIL) in found()


def test_a_piece_of_kit_in_two_visits(visits: Stage) -> None:
    as_owner(drop("diary_kit"))
    as_owner("UPDATE booking_appointment SET kit_units = '{7}' WHERE local_start = '2026-11-19T09:00'")
    assert "1 visits meet an earlier one of the same kit" in says("overlaps")


def test_a_time_kept_for_a_change_may_meet_its_own_visit_only(visits: Stage, now: datetime) -> None:
    as_owner(drop("diary_therapist", "diary_room", "diary_client"))
    as_owner(MEET)
    as_owner(
        f"UPDATE booking_appointment SET state = 'held', hold_expires_at = now() + interval '1 day', "
        f"moves_id = {FIRST} WHERE id = {SECOND}"
    )
    assert "meet" not in says("overlaps")
    as_owner(f"UPDATE booking_appointment SET moves_id = {OTHERS} WHERE id = {SECOND}")
    assert "1 visits meet an earlier one of the same therapist" in says("overlaps")


@pytest.mark.parametrize(
    ("plant", "check", "status"),
    [
        ("ALTER TABLE booking_appointment NO FORCE ROW LEVEL SECURITY", "catalogue", FAIL),
        ("DROP POLICY practice_wall ON people_client", "catalogue", FAIL),
        ("ALTER TABLE notifications_message DROP CONSTRAINT message_once", "catalogue", FAIL),
        (
            f"UPDATE booking_appointment SET practitioner_id = gen_random_uuid() WHERE id = {SECOND}",
            "allocations",
            FAIL,
        ),
        (f"UPDATE booking_appointment SET blocked = 'empty' WHERE id = {SECOND}", "allocations", FAIL),
        (f"UPDATE booking_appointment SET room_id = NULL WHERE id = {SECOND}", "allocations", FAIL),
        (f"UPDATE booking_appointment SET state = 'dreamt' WHERE id = {SECOND}", "states", FAIL),
        (f"UPDATE booking_appointment SET moves_id = {FIRST} WHERE id = {SECOND}", "states", FAIL),
        (
            f"UPDATE booking_appointment SET state = 'held', hold_expires_at = now() + interval '1 hour', "
            f"moves_id = {FIRST} WHERE id = {SECOND}",
            "states",
            FAIL,
        ),
        (
            "UPDATE booking_appointment SET state = 'held', hold_expires_at = now() - interval '1 hour' "
            f"WHERE id = {SECOND}",
            "holds",
            WARN,
        ),
        (
            "UPDATE booking_appointment SET state = 'requested', answer_by = now() - interval '1 hour' "
            f"WHERE id = {SECOND}",
            "holds",
            WARN,
        ),
        ("DELETE FROM audit_entry WHERE number = 2", "record", FAIL),
        ("DELETE FROM procrastinate_jobs", "outbox", FAIL),
        ("UPDATE notifications_message SET due_at = now() - interval '1 day'", "outbox", WARN),
    ],
)
def test_every_planted_fault_is_found(visits: Stage, plant: str, check: str, status: str) -> None:
    assert found() == set()
    as_owner(plant)
    assert found() == {(check, status)}


def test_a_new_visit_that_is_not_in_the_record(visits: Stage) -> None:
    as_owner("UPDATE booking_appointment SET created_at = now()")
    as_owner(f"UPDATE audit_entry SET subject_id = NULL WHERE subject_id = {SECOND}")
    assert found() == {("record", WARN)}


@pytest.mark.parametrize("everything", [True, False])
def test_a_line_that_was_changed(visits: Stage, everything: bool) -> None:
    as_owner("UPDATE audit_entry SET verb = 'visit.dreamt' WHERE number = 2")
    assert [one.says for one in doctor_deep.chains(everything=everything)] == [
        f"1 chains are broken: number 2 of {visits.practice.id}"
    ]


def test_only_the_newest_lines_of_a_long_record(visits: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_deep, "ENTRIES", 1)
    assert [one.status for one in doctor_deep.chains()] == [OK]
    as_owner("UPDATE audit_entry SET verb = 'visit.dreamt' WHERE number = 1")
    assert [one.status for one in doctor_deep.chains()] == [OK], "an old line is for --all"
    assert [one.status for one in doctor_deep.chains(everything=True)] == [FAIL]
    as_owner("UPDATE audit_entry SET verb = 'visit.dreamt' WHERE number = 3")
    assert [one.status for one in doctor_deep.chains()] == [FAIL]


@pytest.mark.django_db
def test_a_login_that_sees_one_practice_only_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    url = connection_string(dict(connection.settings_dict) | {"OPTIONS": {"options": "-c role=unknot_app"}})
    monkeypatch.setitem(os.environ, "DATABASE_URL", url)
    monkeypatch.delenv("UNKNOT_OWNER_URL", raising=False)
    last = list(doctor_deep.deep())[-1]
    assert (last.check, last.status) == ("deep", FAIL)
    assert "one practice at a time" in last.says
