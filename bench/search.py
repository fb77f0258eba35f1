"""The marketplace search over cards, against yardsticks of the same moment.

Every call of ours is followed by a call of each yardstick on the same connection: `SELECT 1`; the product's smallest
page through its whole WSGI handler; F48, the bare fetch of the 48 nearest cards; FALL, the bare fetch of every card in
the radius. Both fetches read the same columns under the same conditions and look at none. Ratios are of medians, or
medians of pairs where it says so. What is timed is `matching.queries.Shortlist`: from the question to the twenty best
cards with their first three starts. The diaries' last word is timed in rows of its own, in a world with every row.
"""

import gc
import random
import statistics
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from time import perf_counter
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import people, world
from unknot.availability.domain.opening import opening_windows
from unknot.availability.queries import free_gaps, instant_of_cell, starts
from unknot.booking import actions
from unknot.booking import queries as booking
from unknot.booking.queries.cards import card_key, position
from unknot.booking.queries.near import COLUMNS, chord_km
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.kernel.zones import local
from unknot.matching import queries
from unknot.matching.domain import CLINIC, HOME, MatchQuery, distance_km
from unknot.matching.queries.facts import way_key
from unknot.practice import queries as practices
from unknot.travel.queries import COARSE_SLACK_KM, Point, coarse

Row = dict[str, Any]
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
RADIUS = 15.0
WHERE = """FROM booking_card WHERE position <@ cube_enlarge(%(here)s::cube, %(chord)s, 3)
    AND keys @> ARRAY[%(key)s]::int[] AND place_id IS {not_null} NULL AND skills @> %(skills)s::varchar[]"""
F48 = f"SELECT {COLUMNS} {WHERE} ORDER BY position <-> %(here)s::cube LIMIT 48"
FALL = f"SELECT {COLUMNS} {WHERE}"


def rows(seed: int, *, n: int, sizes: list[int], say: Callable[[str], None]) -> list[Row]:
    """Rows W2-1 to W2-8 for these sizes (1000 first: growth is measured from it)."""
    found: list[Row] = []
    units: dict[int, tuple[float, float]] = {}
    for size in sizes:
        say(f"a world of {size} therapists")
        made = world.load(seed, size, NOW, rows=False)
        dice = random.Random(seed + size)
        timed = _measure(dice, made, n)
        units[size] = (statistics.median(timed["loose near"]), statistics.median(timed["select"]))
        found += _figures(size, timed)
        if size == 10_000:
            found.append(_same_lists(dice, made, min(n, 60)))
            found += _bytes(size)
        connection.close()
        world.clear()
    found += _growth(units)
    say("a world of 300 therapists with all their rows")
    found += _with_diaries(seed, 300, min(n, 40))
    return found


def question(dice: random.Random, made: list[people.Person], how: str) -> MatchQuery:
    """A point near a random therapist, one skill, 15 km; `loose` two weeks, `tight` one evening."""
    near = dice.choice(made)
    start = NOW
    hours: tuple[int, int] | None = dice.choice((None, None, (17 * 60, 21 * 60), (7 * 60, 12 * 60)))
    days = 14
    if how == "tight":
        start, days, hours = NOW + timedelta(days=dice.randrange(1, 10)), 1, (18 * 60, 20 * 60)
    return MatchQuery(
        lat=near.lat + dice.gauss(0, 0.02),
        lon=near.lon + dice.gauss(0, 0.03),
        radius_km=RADIUS,
        service="therapeutic",
        minutes=60,
        mode=CLINIC if dice.random() < 0.7 else HOME,
        starts_from=start,
        starts_before=start + timedelta(days=days),
        hours=hours,
        must_have=frozenset({dice.choice(people.SKILLS)}),
    )


def _fetch(sql: str, query: MatchQuery) -> list[Any]:
    given = {
        "here": position(query.lat, query.lon),
        "chord": chord_km(query.radius_km),
        "key": card_key("therapeutic", 60),
        "skills": sorted(query.must_have),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.format(not_null="" if query.mode == HOME else "NOT"), given)
        return list(cursor.fetchall())


def _select() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def _page() -> Callable[[], None]:
    """The smallest page through the WSGI handler, with one `SELECT 1`."""
    application = get_wsgi_application()

    def call() -> None:
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/healthz",
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "HTTP_HOST": "testserver",
        }
        _select()
        for _ in application(environ, lambda *_: None):
            pass

    return call


def _time(work: Callable[[], Any]) -> float:
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000


def _measure(dice: random.Random, made: list[people.Person], n: int) -> dict[str, list[float]]:
    """Times in ms by contestant; `pairs` are ratios inside one round."""
    times: dict[str, list[float]] = {}
    page = _page()
    gc.collect()
    gc.disable()
    with tenancy.scope():
        for number in range(n + 5):
            loose, tight = question(dice, made, "loose"), question(dice, made, "tight")
            now = {
                "select": _time(_select),
                "loose near": _time(lambda q=loose: queries.Shortlist(q, NOW, nearest=True).top(20)),
                "F48": _time(lambda q=loose: _fetch(F48, q)),
                "loose best": _time(lambda q=loose: queries.Shortlist(q, NOW).top(20)),
                "FALL": _time(lambda q=loose: _fetch(FALL, q)),
                "tight near": _time(lambda q=tight: queries.Shortlist(q, NOW, nearest=True).top(20)),
                "FALL tight": _time(lambda q=tight: _fetch(FALL, q)),
            }
            if number >= 5:  # the first ones warm caches and plans
                now["best/FALL"] = now["loose best"] / now["FALL"]
                now["tight/FALL"] = now["tight near"] / now["FALL tight"]
                for name, value in now.items():
                    times.setdefault(name, []).append(value)
    for number in range(n + 5):
        took = _time(page)
        query = question(dice, made, "loose")
        with tenancy.scope():
            ours = _time(lambda q=query: queries.Shortlist(q, NOW, nearest=True).top(20))
        if number >= 5:
            times.setdefault("page", []).append(took)
            times.setdefault("near beside page", []).append(ours)
    gc.enable()
    return times


def _p99(values: list[float]) -> float:
    return sorted(values)[max(0, len(values) - 1 - len(values) // 100)]


def _figures(size: int, timed: dict[str, list[float]]) -> list[Row]:
    middle = {name: statistics.median(values) for name, values in timed.items()}
    n, at = len(timed["select"]), f"{size // 1000}k"
    suffix = "" if size == 10_000 else f"-{at}"

    def against(name: str, ours: str, peer: str, pairs: str = "") -> Row:
        ratio = middle[pairs] if pairs else middle[ours] / middle[peer]
        return _row(name, "ms", middle[ours], middle[peer], ratio, n)

    late = _p99(timed["loose near"])
    return [
        against(f"W2-1{suffix}", "loose near", "F48"),
        _row(f"W2-2{suffix}", "ms", late, middle["F48"], late / middle["F48"], n),
        against(f"W2-3{suffix}", "near beside page", "page"),
        against(f"W2-4{suffix}", "tight near", "FALL tight", "tight/FALL"),
        against(f"W2-5{suffix}", "loose best", "FALL", "best/FALL"),
        against(f"near vs SELECT 1, {at}", "loose near", "select"),
    ]


def _growth(units: dict[int, tuple[float, float]]) -> list[Row]:
    first, last = min(units), max(units)
    if first == last:
        return []
    small, large = units[first], units[last]
    in_units = (large[0] / large[1]) / (small[0] / small[1])
    name = "W2-6" if last == 100_000 else f"growth to {last // 1000}k"
    return [
        _row(name, "x SELECT 1", large[0] / large[1], small[0] / small[1], in_units, 2),
        _row(f"{name}-raw", "ms", large[0], small[0], large[0] / small[0], 2),
    ]


def _bytes(size: int) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('booking_card'), (SELECT count(*) FROM booking_card)")
        total, cards = cursor.fetchone() or (0, 0)
    return [
        _row("W2-8", "bytes a card", total / cards, None, None, cards),
        _row("cards of one therapist", "bytes", total / size, None, None, size),
    ]


def _same_lists(dice: random.Random, made: list[people.Person], n: int) -> Row:
    """The nearest twenty and their first starts, against every therapist's own rows in memory."""
    different = 0
    for number in range(n):
        query = question(dice, made, ("loose", "tight")[number % 2])
        with tenancy.scope():
            hits = queries.Shortlist(query, NOW, nearest=True).top(20)
        ours = [(hit.key, [instant_of_cell(one) for one in hit.starts or []]) for hit in hits]
        different += ours != _by_rows(query, made)
    return _row("W2-7-lists", "unlike reference", different, None, None, n)


def _by_rows(query: MatchQuery, made: list[people.Person]) -> list[Any]:
    home = query.mode == HOME
    found = []
    for one in made:
        if query.mode not in one.ways or not query.must_have <= set(one.skills):
            continue
        away = distance_km(query.lat, query.lon, *(coarse(one.lat, one.lon) if home else (one.lat, one.lon)))
        if away > query.radius_km or (home and away > one.travel_km + COARSE_SLACK_KM):
            continue
        free = [at for at in _free(query, one) if _in_hours(at, one.zone, query.hours)][:3]
        if free:
            found.append((away, way_key(one.id, None if home else one.place_id), free))
    return [(key, free) for _, key, free in sorted(found)[:20]]


def _free(query: MatchQuery, one: people.Person) -> list[datetime]:
    home = query.mode == HOME
    first = local(NOW, one.zone).date()
    windows = opening_windows(one.rules, one.breaks, one.exceptions, one.zone, first, first + timedelta(days=40))
    found = starts(
        free_gaps(windows, one.busy),
        minutes=query.minutes,
        before=people.AROUND_HOME if home else 0,
        after=people.AROUND_HOME if home else people.AFTER,
        grid_min=people.GRID,
        zone=one.zone,
    )
    return [at for at in map(instant_of_cell, found) if query.starts_from <= at < query.starts_before]


def _in_hours(at: datetime, zone: str, hours: tuple[int, int] | None) -> bool:
    clock = local(at, zone)
    return hours is None or hours[0] <= clock.hour * 60 + clock.minute < hours[1]


def _with_diaries(seed: int, size: int, n: int) -> list[Row]:
    """The whole search, diaries and all, in a world where every row is there; its answers are asked of the booking."""
    made = world.load(seed, size, NOW, rows=True)
    began = perf_counter()
    cards = 0
    for practice in practices.practices():
        with tenancy.scope(practice_id=practice.id):
            cards += actions.renew_cards(by=system(practice.id), now=NOW)
    making = (perf_counter() - began) * 1000 / cards
    dice = random.Random(seed)
    ours, peer, statements, refused, shown = [], [], [], 0, 0
    for number in range(n):
        query = question(dice, made, ("loose", "tight")[number % 2])
        found: list[Any] = []
        with CaptureQueriesContext(connection) as asked, tenancy.scope():
            ours.append(_time(lambda q=query, into=found: into.extend(queries.search(query=q, now=NOW))))
        statements.append(len(asked))
        peer.append(_time(_select))
        for one in found:
            shown += len(one.slots)
            refused += sum(_refused(query, one, slot) for slot in one.slots)
    mine, theirs = statistics.median(ours), statistics.median(peer)
    alone = _one_therapist(made[: min(n, 30)])
    world.clear()
    return [
        *alone,
        _row("W2-7", "starts refused", refused, shown, None, n),
        _row("search with diaries, 300", "ms", mine, theirs, mine / theirs, n),
        _row(
            "search with diaries, 300: statements", "p50, most", statistics.median(statements), max(statements), None, n
        ),
        _row("making a card anew", "ms", making, None, None, cards),
    ]


def _one_therapist(made: list[people.Person]) -> list[Row]:
    """Sixty days of one therapist from rows to starts, against `SELECT 1` and against the same asked day by day."""
    times: dict[str, list[float]] = {"whole": [], "days": [], "select": []}
    counts = set()
    for one in made:
        first = local(NOW, one.zone).date()
        with tenancy.scope(practice_id=one.practice_id):
            wanted: dict[str, Any] = {
                "practice": practices.practice(one.practice_id),
                "service": next(each for each in practices.services() if each.at_clinic == (one.ways[0] == "clinic")),
                "now": NOW,
                "home": None if one.ways[0] == "clinic" else Point(one.lat, one.lon),
            }

            def ask(days: int, first: date = first, wanted: dict[str, Any] = wanted) -> int:
                return len(booking.open_slots(first=first, last=first + timedelta(days=days - 1), **wanted))

            for days in (1, 7, 60):
                with CaptureQueriesContext(connection) as asked:
                    ask(days)
                counts.add(len(asked))
            times["whole"].append(_time(lambda ask=ask: ask(60)))
            times["select"].append(_time(_select))
            times["days"].append(_time(lambda ask=ask: [ask(1) for _ in range(60)]))
    whole, days, select = (statistics.median(times[name]) for name in ("whole", "days", "select"))
    return [
        _row("W1-3", "ms", whole, select, whole / select, len(made)),
        _row("W1-3-statements", "most, least", max(counts), min(counts), None, len(made)),
        _row("one therapist, day by day", "ms", whole, days, days / whole, len(made)),
    ]


def _refused(query: MatchQuery, one: Any, slot: Any) -> bool:
    with tenancy.scope(practice_id=one.practice.id):
        why = booking.why_not(
            practice=one.practice,
            service=one.service,
            wall=datetime.fromisoformat(slot.local_start),
            now=NOW,
            therapist_slug=one.therapist.slug,
            place_slug=slot.place_slug,
            home=None if one.place else Point(query.lat, query.lon),
        )
    return why is not None


def _row(name: str, unit: str, ours: float, peer: float | None, ratio: float | None, n: int) -> Row:
    return {"name": name, "unit": unit, "ours": ours, "peer": peer, "ratio": ratio, "n": n}
