"""The rig's judge: an honest little history passes, and every kind of lie planted into it is found."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rigs import verdict
from rigs.history import FAIL, INFO, OK, Deed, History
from rigs.house import Person, key_hash

START = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAST = START - HOUR * 24 * 20
"""When everything was written down: after the question, which was asked in 1970, and before the answer, just now."""


def visit(name: str, hours: int, **changes: Any) -> dict[str, Any]:
    starts_at = START + HOUR * hours
    row = {
        "id": name,
        "state": "confirmed",
        "starts_at": starts_at,
        "ends_at": starts_at + HOUR,
        "blocked": SimpleNamespace(lower=starts_at, upper=starts_at + HOUR * 1.25),
        "practitioner_id": "noor",
        "therapist_id": "noor",
        "service_id": "massage",
        "room_id": "aspen",
        "room_unit": 0,
        "place_id": "clinic",
        "client_id": f"client of {name}",
        "buffer_before": 10,
        "buffer_after": 15,
        "hold_expires_at": START,
        "created_at": PAST,
    }
    return row | changes


def entry(number: int, name: str, verb: str, **facts: Any) -> dict[str, Any]:
    return {
        "number": number,
        "subject_id": name,
        "verb": verb,
        "actor_id": f"account of {name}",
        "at": PAST,
        "facts": facts,
    }


def message(name: str, kind: str) -> dict[str, Any]:
    return {
        "id": f"{kind} {name}",
        "appointment_id": name,
        "kind": kind,
        "state": "waiting",
        "due_at": datetime.now(UTC),
    }


@pytest.fixture
def evidence(tmp_path: Path) -> verdict.Evidence:
    """Three visits: one booked, one booked and cancelled, one asked for, confirmed and moved."""
    history = History(tmp_path / "history.jsonl")
    people = [Person(n, f"account of {one}", f"client of {one}", "") for n, one in enumerate("abc")]
    told = {"sequence": 1, "local_start": "2026-12-01T14:00"}
    for deed in [
        Deed(0, "book", "k0", {}, 0, outcome=OK, visit="a"),
        Deed(1, "book", "k1", {}, 0, outcome=OK, visit="b"),
        Deed(1, "cancel", "k2", {}, 0, outcome=OK, visit="b"),
        Deed(2, "book", "k3", {}, 0, outcome=OK, visit="c"),
        Deed(9, "mark", "", {"event": "confirm"}, 0, outcome=OK, visit="c"),
        Deed(2, "move", "k4", {"was": 0}, 0, outcome=OK, visit="c", told=told),
        Deed(0, "book", "k5", {}, 0, outcome=FAIL),
    ]:
        history.add(deed)
    record = [
        entry(1, "a", "visit.booked"),
        entry(2, "b", "visit.booked"),
        entry(3, "c", "visit.requested"),
        entry(4, "b", "visit.cancelled"),
        entry(5, "c", "visit.confirm"),
        entry(6, "c", "visit.moved", starts_at="2026-12-01T20:00:00+00:00"),
    ]
    kinds = [("a", "booking_confirmed"), ("b", "booking_confirmed"), ("b", "booking_cancelled")]
    kinds += [("c", "booking_confirmed"), ("c", "booking_moved")]
    messages = [message(*one) for one in kinds]
    return verdict.Evidence(
        history=history,
        people=people,
        visits=[visit("a", 0), visit("b", 0, state="cancelled"), visit("c", 4)],
        record=record,
        messages=messages,
        jobs={one["id"] for one in messages},
        answers={key_hash(f"account of {one}", key): one for one, key in (("a", "k0"), ("b", "k1"), ("c", "k3"))},
        rooms={"aspen": "clinic"},
        offers={("noor", "massage")},
        buffer_rule="sum",
        broken_link=None,
        mails=Counter({"mail": 1}),
    )


def red(evidence: verdict.Evidence) -> set[str]:
    return {name.split()[0] for name, found in verdict.judge(evidence).items() if found}


def test_an_honest_history_passes(evidence: verdict.Evidence) -> None:
    assert red(evidence) == set()


def of(evidence: verdict.Evidence, name: str) -> dict[str, Any]:
    return next(one for one in evidence.visits if one["id"] == name)


def dates(count: int, *visits: str) -> list[dict[str, Any]]:
    return [{"series_id": "s", "count": count, "appointment_id": one} for one in visits]


def row_of_dates(name: str, *visits: str) -> Deed:
    told = {"visits": [{"id": one} for one in visits]}
    return Deed(0, "series", "k7", {"count": len(visits)}, 0, outcome=OK, visit=name, told=told)


def two(*states: str) -> list[dict[str, Any]]:
    return [{"group_id": "g", "state": one} for one in states]


def held(name: str, evidence: verdict.Evidence, created_at: datetime) -> Deed:
    evidence.visits.append(visit(name, 30, state="expired", created_at=created_at))
    return Deed(0, "hold", "k8", {}, 0, outcome=OK, visit=name, told={"hold": name})


LIES: dict[str, tuple[str, Callable[[verdict.Evidence], Any]]] = {
    "two in one room": ("I1", lambda e: e.visits.append(visit("d", 0, practitioner_id="dev", state="held"))),
    "one therapist twice": ("I1", lambda e: e.visits.append(visit("d", 1, room_id="birch", state="held"))),
    "inside a buffer": ("I1", lambda e: of(e, "c").update(starts_at=START + HOUR * 1.2)),
    "seen in the storm": ("I1", lambda e: e.overlaps_seen.append("a and b")),
    "long one before two": ("I1", lambda e: of(e, "a").update(ends_at=START + HOUR * 9)),
    "a booking lost": ("I2", lambda e: e.visits.remove(of(e, "a"))),
    "a refused one kept": ("I2", lambda e: e.record.append(entry(7, "x", "visit.booked"))),
    "somebody else's": ("I2", lambda e: of(e, "a").update(client_id="client of b")),
    "a cancelling lost": ("I2", lambda e: of(e, "b").update(state="confirmed")),
    "a move lost": ("I2", lambda e: e.record.pop()),
    "a move nobody was told of": ("I2", lambda e: e.history.deeds.pop(5)),
    "a mark lost": ("I2", lambda e: e.history.add(Deed(9, "mark", "", {"event": "arrive"}, 0, outcome=OK, visit="a"))),
    "two visits for a key": ("I3", lambda e: e.answers.update({key_hash("account of a", "k0"): "z"})),
    "no room": ("I5", lambda e: of(e, "a").update(room_id=None)),
    "somebody who can't": ("I5", lambda e: of(e, "a").update(therapist_id="dev")),
    "too short a block": ("I5", lambda e: of(e, "a").update(blocked=SimpleNamespace(lower=START, upper=START))),
    "a hold that was over": ("I6", lambda e: of(e, "a").update(hold_expires_at=PAST - HOUR)),
    "no such move": ("I7", lambda e: e.record.insert(4, entry(5, "b", "visit.arrive"))),
    "another state": ("I7", lambda e: of(e, "c").update(state="completed")),
    "a broken chain": ("I9", lambda e: setattr(e, "broken_link", 3)),
    "not in the record": ("I9", lambda e: e.visits.append(visit("d", 9))),
    "a confirmation missing": ("I10", lambda e: e.messages.pop(0)),
    "a confirmation twice": ("I10", lambda e: e.messages.append(message("a", "booking_confirmed"))),
    "no job": ("I10", lambda e: e.jobs.clear()),
    "late": ("I10", lambda e: e.messages[0].update(due_at=START - HOUR * 999)),
    "a date of a series missing": ("I5", lambda e: e.series.extend(dates(3, "a", "c"))),
    "a series nobody kept": ("I5", lambda e: e.history.add(row_of_dates("z", "a", "c"))),
    "one of two": ("I5", lambda e: e.groups.append({"group_id": "g", "state": "held"})),
    "one of two gone": ("I5", lambda e: e.groups.extend(two("held", "confirmed"))),
    "written down ahead of time": ("I13", lambda e: e.record[0].update(at=datetime.now(UTC) + HOUR)),
    "written down before it was asked": ("I13", lambda e: setattr(e.history.deeds[0], "called", PAST.timestamp() + 9)),
    "kept by a wrong clock": ("I13", lambda e: e.history.add(held("h", e, datetime.now(UTC) + HOUR))),
    "a mail twice": ("I10", lambda e: e.mails.update(["mail"])),
}


@pytest.mark.parametrize("lie", LIES)
def test_every_lie_is_found(evidence: verdict.Evidence, lie: str) -> None:
    name, plant = LIES[lie]
    plant(evidence)
    assert name in red(evidence)


def test_a_whole_series_and_times_for_two_are_no_lie(evidence: verdict.Evidence) -> None:
    """The visits of a series are owed to the deed that booked it; their messages are others than those of one visit."""
    evidence.history.deeds = [one for one in evidence.history.deeds if one.visit != "a"]
    evidence.history.add(row_of_dates("s", "a", "d"))
    evidence.visits.append(visit("d", 9, client_id="client of a"))
    of(evidence, "a")["client_id"] = "client of a"
    evidence.record.append(entry(7, "d", "visit.booked") | {"actor_id": "account of a"})
    evidence.series += dates(2, "a", "d")
    evidence.groups += two("held", "expired")
    evidence.answers[key_hash("account of a", "k7")] = "s"
    evidence.history.add(held("h", evidence, PAST))
    assert red(evidence) == set()


def test_what_nobody_could_know_is_no_lie(evidence: verdict.Evidence) -> None:
    evidence.history.add(Deed(0, "book", "k9", {}, 0, outcome=INFO))
    evidence.record.append(entry(7, "x", "visit.booked") | {"actor_id": "account of a"})
    assert verdict.judge(evidence)["I2 accepted is there, refused is not"] == []
