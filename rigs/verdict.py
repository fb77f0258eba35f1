"""Judges a storm: what the writers were told against what the database holds. Pure comparisons of rows and lines.

The record (audit) of a practice is one chain, written under one lock at the end of every accepted write, so its
numbers are the order in which things happened.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from rigs.history import INFO, Deed, History
from rigs.house import House, Person, key_hash
from unknot.booking.domain.lifecycle import BLOCKING, MOVES, Event, State

Row = dict[str, Any]
MADE = {"visit.booked": State.CONFIRMED, "visit.requested": State.REQUESTED}
VERBS = {
    "visit.cancelled": Event.CANCEL,
    "visit.expired": Event.EXPIRE,
    "visit.confirm": Event.CONFIRM,
    "visit.decline": Event.DECLINE,
    "visit.arrive": Event.ARRIVE,
    "visit.start": Event.START,
    "visit.complete": Event.COMPLETE,
    "visit.no_show": Event.MISS,
    "visit.reopen": Event.REOPEN,
    "visit.reinstate": Event.REINSTATE,
}


PEOPLE = 2
CLOCKS, LAST_WORD = 3.0, 10.0
"""Seconds by which a clock may be wrong (and one to spare); and in which a request without an answer may still work."""


@dataclass
class Evidence:
    """Everything the judge looks at."""

    history: History
    people: list[Person]
    visits: list[Row]
    record: list[Row]
    messages: list[Row]
    jobs: set[str]
    answers: dict[str, str]
    rooms: dict[str, str]
    offers: set[tuple[str, str]]
    buffer_rule: str
    broken_link: int | None
    mails: Counter[str]
    overlaps_seen: list[str] = field(default_factory=list)
    series: list[Row] = field(default_factory=list)
    """Dates of series: `series_id`, `count` of the series, `appointment_id` (null: left out)."""
    groups: list[Row] = field(default_factory=list)
    """Parts of times kept for two: `group_id`, `state` of the visit."""


def gather(house: House, history: History) -> Evidence:
    """Reads the database, as the owner of its tables."""
    from django.db import connection

    from unknot.audit.queries import first_broken_link
    from unknot.db import tenancy

    connection.close()  # it may have died in the storm
    with tenancy.scope(practice_id=_uuid(house.practice_id)):
        broken = first_broken_link(_uuid(house.practice_id))
    with house.connect() as db:

        def rows(statement: str) -> list[Row]:
            return db.execute(statement).fetchall()

        return Evidence(
            history=history,
            people=house.people,
            visits=rows("SELECT * FROM booking_appointment ORDER BY id"),
            record=rows("SELECT * FROM audit_entry WHERE subject_kind = 'appointment' ORDER BY number"),
            messages=rows("SELECT * FROM notifications_message"),
            jobs={
                one["id"]
                for one in rows("SELECT args->>'message_id' AS id FROM procrastinate_jobs WHERE status <> 'failed'")
            },
            answers={
                one["key_hash"]: str((one["body"] or {}).get("id", ""))
                for one in rows("SELECT key_hash, body FROM web_idempotentanswer WHERE status = 201")
            },
            rooms={str(one["id"]): str(one["place_id"]) for one in rows("SELECT id, place_id FROM practice_room")},
            offers={(str(one["therapist_id"]), str(one["service_id"])) for one in rows("SELECT * FROM practice_offer")},
            buffer_rule=rows("SELECT buffer_rule FROM practice_practice")[0]["buffer_rule"],
            broken_link=broken,
            mails=house.mails.seen,
            series=rows(
                "SELECT v.series_id, s.count, v.appointment_id FROM booking_seriesvisit v "
                "JOIN booking_series s ON s.id = v.series_id"
            ),
            groups=rows(
                "SELECT g.group_id, a.state FROM booking_groupvisit g "
                "JOIN booking_appointment a ON a.id = g.appointment_id"
            ),
        )


def _uuid(text: str) -> Any:
    from uuid import UUID

    return UUID(text)


def judge(evidence: Evidence) -> dict[str, list[str]]:
    """Every violation found, by invariant; an invariant that holds has an empty list."""
    checks = {
        "I1 no overlap of therapist, room or client": overlaps,
        "I2 accepted is there, refused is not": told_the_truth,
        "I3 one row for each key": one_row_a_key,
        "I5 therapist, room and place together or not at all": whole,
        "I5 a series and times for two are kept whole or not at all": together,
        "I6 nothing was confirmed from a hold that had run out": holds_ran_out,
        "I7 states follow the rules": legal_paths,
        "I9 every accepted change is in the record, unbroken": recorded,
        "I10 the outbox holds what it should": outbox,
        "I13 what was accepted was done between question and answer, by the right clock": by_the_clock,
    }
    return {name: sorted(set(check(evidence))) for name, check in checks.items()}


def overlaps(evidence: Evidence) -> Iterator[str]:
    """I1, in the end and at every look during the storm."""
    yield from evidence.overlaps_seen
    active = [one for one in evidence.visits if one["state"] in BLOCKING]
    for kind in ("practitioner_id", "room_id", "client_id"):
        lanes: dict[Any, list[Row]] = defaultdict(list)
        for one in active:
            if one[kind] is not None:
                lanes[one[kind], one["room_unit"] if kind == "room_id" else 0].append(one)
        for lane in lanes.values():
            for first, second in _neighbours(lane):
                if first["ends_at"] + _gap(first, second, kind, evidence.buffer_rule) > second["starts_at"]:
                    yield f"{kind[:-3]}: {_name(first)} and {_name(second)}"


def _neighbours(lane: list[Row]) -> Iterator[tuple[Row, Row]]:
    """Pairs that could meet: each with those that start before the latest end so far."""
    lane.sort(key=lambda one: one["starts_at"])
    latest: Row | None = None
    for one in lane:
        if latest is not None:
            yield latest, one
        if latest is None or one["ends_at"] >= latest["ends_at"]:
            latest = one


def _gap(first: Row, second: Row, kind: str, rule: str) -> timedelta:
    """The buffers between two neighbours. A client needs none."""
    if kind == "client_id":
        return timedelta()
    after, before = first["buffer_after"], second["buffer_before"]
    return timedelta(minutes=after + before if rule == "sum" else max(after, before))


def _name(visit: Row) -> str:
    return f"{visit['id']} ({visit['state']}, {visit['starts_at']:%d %b %H:%M})"


def told_the_truth(evidence: Evidence) -> Iterator[str]:
    """I2: what was accepted is in the database; what is in the database was accepted."""
    yield from _bookings(evidence)
    rows = {str(one["id"]): one for one in evidence.visits}
    for deed in evidence.history.of("cancel"):
        if deed.visit not in rows or rows[deed.visit]["state"] != State.CANCELLED:
            yield f"lost: the cancelling of {deed.visit}"
    yield from _moves(evidence)
    marks = {(str(one["subject_id"]), one["verb"]) for one in evidence.record}
    for deed in evidence.history.of("mark"):
        if (deed.visit, f"visit.{deed.asked['event']}") not in marks and not _was_so(deed, marks):
            yield f"lost: {deed.asked['event']} of {deed.visit}"


def booked_by(history: History) -> dict[str, Deed]:
    """The accepted deed to which each visit is owed, by the visit's id."""
    booked = {one.visit: one for one in history.of("book", "accept")}
    return booked | {str(visit["id"]): one for one in history.of("series") for visit in one.told["visits"]}


def _bookings(evidence: Evidence) -> Iterator[str]:
    history, who = evidence.history, {one.number: one for one in evidence.people}
    rows = {str(one["id"]): one for one in evidence.visits}
    booked = booked_by(history)
    made = {str(one["subject_id"]): one for one in evidence.record if one["verb"] in MADE}
    for visit, deed in booked.items():
        row = rows.get(visit)
        if row is None or row["state"] == State.HELD or visit not in made:
            yield f"lost: writer {deed.writer} was told that {visit} is booked"
        elif str(row["client_id"]) != who[deed.writer].client_id:
            yield f"{visit} belongs to somebody else"
    unknown = {one.writer for one in history.of("book", "series", "accept", outcome=INFO)}
    writers = {one.account_id: one.number for one in evidence.people}
    for visit in made.keys() - booked.keys():
        writer = writers.get(str(made[visit]["actor_id"]), -1)
        if writer not in unknown:
            yield f"refused, yet there: {visit} of writer {writer}"


def _moves(evidence: Evidence) -> Iterator[str]:
    history = evidence.history
    unknown = {one.visit for one in history.of("move", outcome=INFO)}
    made = Counter(
        (str(one["subject_id"]), one["facts"]["starts_at"]) for one in evidence.record if one["verb"] == "visit.moved"
    )
    told = Counter((one.visit, _instant(one)) for one in history.of("move") if one.told["sequence"] > one.asked["was"])
    for visit, start in made - told:
        if visit not in unknown:
            yield f"refused, yet moved: {visit} to {start}"
    for visit, start in told - made:
        yield f"lost: the move of {visit} to {start}"


def _instant(deed: Deed) -> str:
    from unknot.kernel.zones import to_utc

    return to_utc(datetime.fromisoformat(deed.told["local_start"]), "America/Edmonton").isoformat()


def _was_so(deed: Deed, marks: set[tuple[str, str]]) -> bool:
    """Marking what is so already changes nothing and is recorded under the way it came to be so."""
    others = {
        "confirm": ("visit.booked", "visit.reinstate"),
        "start": ("visit.reopen",),
        "decline": ("visit.cancelled",),
    }
    return any((deed.visit, verb) in marks for verb in others.get(deed.asked["event"], ()))


def one_row_a_key(evidence: Evidence) -> Iterator[str]:
    """I3: a key that was accepted stands for one visit, and no visit came from two keys."""
    who = {one.number: one.account_id for one in evidence.people}
    keys: dict[str, set[str]] = defaultdict(set)
    for deed in evidence.history.of("book", "series"):
        keys[deed.visit].add(f"{deed.writer}|{deed.key}")
        stored = evidence.answers.get(key_hash(who[deed.writer], deed.key))
        if stored != deed.visit:
            yield f"the key of {deed.visit} stands for {stored or 'nothing'}"
    for visit, found in keys.items():
        if len(found) > 1:
            yield f"{visit} came from {len(found)} keys"


def whole(evidence: Evidence) -> Iterator[str]:
    """I5: whoever and whatever a visit needs is on it."""
    for one in evidence.visits:
        if one["state"] in BLOCKING:
            room = str(one["room_id"])
            if evidence.rooms.get(room) != str(one["place_id"]):
                yield f"{_name(one)} has a place and no room of it"
            if (str(one["therapist_id"]), str(one["service_id"])) not in evidence.offers:
                yield f"{_name(one)} is with somebody who does not give this"
            if one["blocked"].lower > one["starts_at"] or one["blocked"].upper < one["ends_at"]:
                yield f"{_name(one)} keeps less time than it takes"


def together(evidence: Evidence) -> Iterator[str]:
    """I5, of what is wanted together: each date of a series has its visit, and was told; both of two are kept."""
    dates: dict[Any, list[Row]] = defaultdict(list)
    for one in evidence.series:
        dates[one["series_id"]].append(one)
    for series, rows in dates.items():
        made = [one for one in rows if one["appointment_id"] is not None]
        if len(made) != rows[0]["count"]:
            yield f"series {series} has {len(made)} visits of {rows[0]['count']}"
    for deed in evidence.history.of("series"):
        if len(deed.told["visits"]) != deed.asked["count"] or not any(str(one) == deed.visit for one in dates):
            yield f"series {deed.visit} was said to be booked and is not whole"
    groups: dict[Any, list[str]] = defaultdict(list)
    for one in evidence.groups:
        groups[one["group_id"]].append(one["state"])
    for group, states in groups.items():
        if len(states) != PEOPLE or not {*states} <= {"held", "expired"}:
            yield f"times for two, {group}: {', '.join(states)}"


def by_the_clock(evidence: Evidence) -> Iterator[str]:
    """I13: the moment in the record lies between question and answer. The rig's own clock never jumps."""
    made = {str(one["subject_id"]): one["at"] for one in evidence.record if one["verb"] in MADE}
    kept = {str(one["id"]): one["created_at"] for one in evidence.visits}
    moments = [(deed, visit, made.get(visit)) for visit, deed in booked_by(evidence.history).items()]
    moments += [(deed, deed.visit, kept.get(str(deed.told["hold"]))) for deed in evidence.history.of("hold")]
    for deed, what, at in moments:
        last = max(deed.returned, deed.last_try + LAST_WORD)
        if at is not None and not deed.called - CLOCKS <= at.timestamp() <= last + CLOCKS:
            off = at.timestamp() - deed.returned
            yield f"{deed.op} of {what} is written down {off:+.0f} s from its answer"


def holds_ran_out(evidence: Evidence) -> Iterator[str]:
    """I6, for confirming. That a hold which ran out blocks nobody is tried after the storm, see `rigs.after`."""
    made = {str(one["subject_id"]): one["at"] for one in evidence.record if one["verb"] in MADE}
    for one in evidence.visits:
        at = made.get(str(one["id"]))
        if at is not None and one["hold_expires_at"] is not None and at > one["hold_expires_at"]:
            yield f"{_name(one)} was booked at {at} from a hold until {one['hold_expires_at']}"


def paths(record: Iterable[Row]) -> Iterator[tuple[str, list[tuple[Row, State | None]]]]:
    """Each visit's entries with the state after it; None where the rules know no such move."""
    found: dict[str, list[tuple[Row, State | None]]] = defaultdict(list)
    for entry in record:
        path = found[str(entry["subject_id"])]
        before = path[-1][1] if path else None
        verb = entry["verb"]
        if verb in MADE:
            path.append((entry, None if path else MADE[verb]))
        elif verb == "visit.moved":
            path.append((entry, before if before in (State.CONFIRMED, State.REQUESTED) else None))
        elif verb in VERBS and before is not None:
            event = VERBS[verb]
            if before == State.REQUESTED and event in (Event.ARRIVE, Event.START):
                before = State.CONFIRMED  # confirmed on the way
            path.append((entry, MOVES[before].get(event)))
    return iter(found.items())


def legal_paths(evidence: Evidence) -> Iterator[str]:
    """I7: from the record, step by step, to the state that is stored."""
    rows = {str(one["id"]): one for one in evidence.visits}
    for visit, path in paths(evidence.record):
        for entry, state in path:
            if state is None:
                yield f"{visit}: {entry['verb']} (number {entry['number']}) is no move the rules know"
                break
        else:
            if visit in rows and rows[visit]["state"] != path[-1][1]:
                yield f"{visit} is {rows[visit]['state']}, its record says {path[-1][1]}"


def recorded(evidence: Evidence) -> Iterator[str]:
    """I9: every visit has its beginning in the record, and the chain of the record holds."""
    if evidence.broken_link is not None:
        yield f"the chain breaks at number {evidence.broken_link}"
    made = {str(one["subject_id"]) for one in evidence.record if one["verb"] in MADE}
    for one in evidence.visits:
        if one["state"] not in ("held", "expired") and str(one["id"]) not in made:
            yield f"{_name(one)} is not in the record"


def outbox(evidence: Evidence) -> Iterator[str]:
    """I10: one confirmation a booking, one note a move or cancelling, each with its job, none delivered twice."""
    found = Counter((str(one["appointment_id"]), one["kind"]) for one in evidence.messages)
    of_series = {str(one["appointment_id"]) for one in evidence.series}  # these have messages of their own
    for visit, path in paths(evidence.record):
        if visit in of_series:
            continue
        expected = _expected(path)
        for kind in ("booking_confirmed", "booking_moved", "booking_cancelled"):
            if found[visit, kind] != expected[kind]:
                yield f"{visit}: {found[visit, kind]} of {kind} instead of {expected[kind]}"
    for one in evidence.messages:
        if one["state"] == "waiting" and str(one["id"]) not in evidence.jobs:
            yield f"message {one['id']} waits and no job will send it"
        if one["state"] == "waiting" and one["due_at"] < datetime.now(UTC) - timedelta(minutes=3):
            yield f"message {one['id']} is late"
    yield from (f"mail {mail} was delivered {times} times" for mail, times in evidence.mails.items() if times > 1)


def _expected(path: list[tuple[Row, State | None]]) -> Counter[str]:
    """The messages that a visit's way has to leave behind."""
    expected: Counter[str] = Counter()
    before: State | None = None
    for entry, after in path:
        if after == State.CONFIRMED and entry["verb"] in ("visit.booked", "visit.confirm"):
            expected["booking_confirmed"] += 1
        if entry["verb"] == "visit.moved" and before == State.CONFIRMED:
            expected["booking_moved"] += 1
        if after == State.CANCELLED:
            expected["booking_cancelled"] += 1
        before = after
    return expected
