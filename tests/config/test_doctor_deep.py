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
from unknot.config import doctor_deep, doctor_record
from unknot.config.demo_data.build import Stage
from unknot.config.findings import FAIL, OK, WARN
from unknot.db import tenancy
from unknot.db.urls import connection_string
from unknot.kernel.actors import system
from unknot.practice import queries as practices

AHEAD = "(date_trunc('day', now()) + interval '3 days' - timestamptz '2026-11-19 00:00Z')"
"""The sweeps go by the database's clock, which no test can move: what is booked here moved to three days from now."""


@pytest.fixture(autouse=True)
def _clock(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(doctor_record, "NEW", "9 years")  # the record cannot be moved: its chain holds its times
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
        f"UPDATE booking_appointment SET starts_at = starts_at + {AHEAD}, ends_at = ends_at + {AHEAD}, "
        f"blocked = tstzrange(lower(blocked) + {AHEAD}, upper(blocked) + {AHEAD})"
    )
    as_owner(f"UPDATE notifications_message SET due_at = due_at + {AHEAD}")
    return stage


def found() -> set[tuple[str, str]]:
    """What ails, as (check, status): the same whether everything is looked at or only what is new or near."""
    whole, quick = (
        {(one.check, one.status) for one in doctor_deep.sweeps(as_owner, everything=everything) if one.status != OK}
        for everything in (True, False)
    )
    assert quick == whole
    return whole


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
    assert {one.status for one in doctor_record.chains()} == {OK}
    assert {one.status for one in doctor_deep.cards()} == {OK}


def test_a_wrong_card(visits: Stage, now: datetime) -> None:
    """Free time that the diary does not have, on a card that does not say of itself that it is stale."""
    with tenancy.scope(practice_id=visits.practice.id):
        assert actions.renew_cards(by=system(visits.practice.id), now=now) > 1
    assert {one.status for one in doctor_deep.cards()} == {OK}
    as_owner("UPDATE booking_card SET gaps = '' WHERE id = (SELECT min(id::text)::uuid FROM booking_card)")
    [one] = doctor_deep.cards()
    assert (one.check, one.status) == ("cards", FAIL)
    assert one.says.startswith("1 cards of the search are wrong: free-time of therapist ")
    assert "unknot reindex" in one.do


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
        ("ALTER TABLE booking_appointment DISABLE TRIGGER USER", "catalogue", FAIL),
        ("GRANT UPDATE ON audit_entry TO unknot_app", "catalogue", FAIL),
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
    as_owner(f"UPDATE booking_appointment SET id = gen_random_uuid() WHERE id = {SECOND}")
    assert found() == {("record", WARN)}


def record_says(everything: bool) -> list[str]:
    """What is wrong with the lines of the record and their chain."""
    findings = [*doctor_deep.sweeps(as_owner, everything=everything), *(doctor_record.chains() if everything else ())]
    return [one.says for one in findings if (one.check, one.status) == ("record", FAIL)]


@pytest.mark.parametrize("everything", [True, False])
def test_a_line_that_was_changed(visits: Stage, everything: bool) -> None:
    as_owner("UPDATE audit_entry SET verb = 'visit.dreamt' WHERE number = 2")
    assert record_says(everything) == [f"1 chains are broken: number 2 of {visits.practice.id}"]


def test_an_old_line_is_for_a_look_at_everything(visits: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Day by day only new lines are computed anew, with the one before them that they hang on."""
    as_owner("UPDATE audit_entry SET at = now() WHERE number = 3")
    monkeypatch.setattr(doctor_record, "NEW", "1 hour")
    assert record_says(everything=False) == [f"1 chains are broken: number 3 of {visits.practice.id}"]
    as_owner("UPDATE audit_entry SET at = now() - interval '1 day' WHERE number = 3")
    as_owner("UPDATE audit_entry SET verb = 'visit.dreamt' WHERE number = 1")
    assert record_says(everything=False) == []
    assert record_says(everything=True) == [f"1 chains are broken: number 1 of {visits.practice.id}"]


def test_the_platforms_own_record(visits: Stage) -> None:
    as_owner("UPDATE audit_entry SET practice_id = NULL")
    assert record_says(everything=False) == ["1 chains are broken: number 1 of platform"]
    as_owner("DELETE FROM audit_entry WHERE number = 2")
    as_owner("UPDATE audit_entry SET number = number + 7")
    assert record_says(everything=False) == ["1 practices miss lines of their record: platform"]


def test_a_visit_far_ahead_is_compared_when_a_constraint_is_missing(visits: Stage) -> None:
    """Within two weeks always, further ahead by --all or when the database does not vouch for it."""
    as_owner(drop("diary_therapist", "diary_room", "diary_client"))
    as_owner(MEET)
    far = "interval '30 days'"
    as_owner(
        f"UPDATE booking_appointment SET starts_at = starts_at + {far}, ends_at = ends_at + {far}, "
        f"blocked = tstzrange(lower(blocked) + {far}, upper(blocked) + {far})"
    )
    assert ("overlaps", FAIL) in found()
    assert [one.status for one in doctor_deep.overlaps(as_owner, when=doctor_deep.NEAR)] == [OK] * 5


@pytest.mark.django_db
def test_a_login_that_sees_one_practice_only_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    url = connection_string(dict(connection.settings_dict) | {"OPTIONS": {"options": "-c role=unknot_app"}})
    monkeypatch.setitem(os.environ, "DATABASE_URL", url)
    monkeypatch.delenv("UNKNOT_OWNER_URL", raising=False)
    last = list(doctor_deep.deep())[-1]
    assert (last.check, last.status) == ("deep", FAIL)
    assert "one practice at a time" in last.says
