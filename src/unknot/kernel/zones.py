"""Wall time and instants, by the zone data of the `tzdata` package alone.

The host's zone files are never read: laws change (several Canadian provinces stopped changing clocks in 2026) and
hosts lag. The rules, stated once:

* a wall time that the clock skips moves forward by the length of the gap (02:30 -> 03:30);
* a wall time that the clock shows twice means its first showing (`fold=0`);
* a day is [local midnight, next local midnight) in UTC: 23, 24 or 25 hours, never "+24 h";
* add minutes to wall time first and convert afterwards, never the other way round.

PostgreSQL's `AT TIME ZONE` takes the second showing of a repeated hour, so local times are converted here and nowhere
else.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib import import_module
from importlib.resources import files
from zoneinfo import ZoneInfo

from unknot.kernel.errors import InvalidError, UnavailableError

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_STEP_MINUTES = 720
OLDEST_DATA = "2026e"
"""The first release that knows that Alberta, British Columbia, Manitoba and the Northwest Territories keep one time."""


class UnknownZoneError(InvalidError):
    """This time zone is not known. Use a name such as America/Toronto; nothing was changed."""

    code = "unknown-zone"


class StaleZoneDataError(UnavailableError):
    """The zone data is too old to book by: update the package `tzdata` (see requirements.txt) and start again."""

    code = "stale-zone-data"


class PackagedZone(ZoneInfo):
    """A zone read from the `tzdata` package. Unlike other zones read from a file it can be copied and pickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return zone, (self.key,)


@cache
def zone_names() -> frozenset[str]:
    """Every zone name in the packaged data."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone called `name` (IANA). Raises `UnknownZoneError`."""
    if name not in zone_names():
        raise UnknownZoneError(extra={"zone": name[:64]})
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as source:
        return PackagedZone.from_file(source, key=name)


def zone_data_version() -> str:
    """The release of the zone data in use, such as "2026e"."""
    return str(import_module("tzdata").IANA_VERSION)


def require_fresh_data() -> None:
    """Refuses to work by zone data that would put visits an hour off. Raises StaleZoneDataError."""
    if zone_data_version() < OLDEST_DATA:
        said = f"The zone data (tzdata {zone_data_version()}) is older than {OLDEST_DATA}: visits would be an hour off."
        raise StaleZoneDataError(f"{said} Update the package tzdata and start again.")


def to_utc(wall: datetime, zone_name: str) -> datetime:
    """The instant (aware, UTC) of a naive wall time: skipped times move forward, repeated ones are the first showing.

    Raises `UnknownZoneError`; a `wall` that carries a zone is a programming error (`ValueError`).
    """
    if wall.tzinfo is not None:
        raise ValueError("a wall time has no zone of its own")
    return wall.replace(tzinfo=zone(zone_name), fold=0).astimezone(UTC)


def local(instant: datetime, zone_name: str) -> datetime:
    """The same instant as the clock in the zone shows it (aware; `fold=1` in the second showing of a repeated hour)."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return instant.astimezone(zone(zone_name))


def local_day_bounds(day: date, zone_name: str) -> tuple[datetime, datetime]:
    """Start and end (UTC) of a local day. Where midnight is skipped the day starts at the first time that exists."""
    midnight = datetime.combine(day, time.min)
    return to_utc(midnight, zone_name), to_utc(midnight + timedelta(days=1), zone_name)


def exists(wall: datetime, zone_name: str) -> bool:
    """False if the clock in the zone skips this naive wall time."""
    return local(to_utc(wall, zone_name), zone_name).replace(tzinfo=None, fold=0) == wall.replace(fold=0)


def is_repeated(wall: datetime, zone_name: str) -> bool:
    """True if the clock in the zone shows this naive wall time twice."""
    aware = wall.replace(tzinfo=zone(zone_name))
    first, second = aware.replace(fold=0).utcoffset(), aware.replace(fold=1).utcoffset()
    return first is not None and second is not None and first > second


def minute_of(instant: datetime) -> int:
    """Whole UTC minutes from 1970 to `instant`, rounded down."""
    return int(instant.timestamp() // 60)


def instant_of(minute: int) -> datetime:
    """The instant (aware, UTC) of a count of UTC minutes since 1970."""
    return datetime.fromtimestamp(minute * 60, UTC)


@lru_cache(maxsize=65536)
def steady_offset(zone_name: str, ordinal: int) -> int | None:
    """Minutes east of UTC, if that holds from this local midnight (proleptic ordinal) for two days; None near a change.

    Most days are steady, and there wall minutes become UTC minutes by one subtraction:
    `(ordinal - 719163) * 1440 + wall_minute - steady_offset`.
    """
    midnight = datetime.fromordinal(ordinal).replace(tzinfo=zone(zone_name))
    offsets = {(midnight + timedelta(hours=hours)).utcoffset() for hours in (0, 12, 24, 36, 48)}
    offset = offsets.pop()
    if offsets or offset is None or offset.total_seconds() % 60:
        return None
    return int(offset.total_seconds()) // 60


@lru_cache(maxsize=4096)
def _changes(zone_name: str, year: int) -> tuple[tuple[int, int, int], ...]:
    """Clock changes in a UTC year: (UTC minute, offset before, offset after), offsets in minutes."""
    found = []
    end = minute_of(datetime(year + 1, 1, 1, tzinfo=UTC))
    at = minute_of(datetime(year, 1, 1, tzinfo=UTC)) - 1
    while at < end - 1:
        ahead = min(at + _STEP_MINUTES, end - 1)
        before, after = offset_at(at, zone_name), offset_at(ahead, zone_name)
        if before != after:
            low, high = at, ahead
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset_at(middle, zone_name) == before else (low, middle)
            found.append((high, before, after))
        at = ahead
    return tuple(found)


def offset_at(minute: int, zone_name: str) -> int:
    """Minutes east of UTC at a UTC minute (rounded down for old zones with seconds)."""
    offset = instant_of(minute).astimezone(zone(zone_name)).utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else 0


@lru_cache(maxsize=4096)
def _runs_of_years(zone_name: str, first_year: int, last_year: int) -> tuple[tuple[int, int, int], ...]:
    runs = []
    start = minute_of(datetime(first_year, 1, 1, tzinfo=UTC))
    offset = offset_at(start, zone_name)
    for year in range(first_year, last_year + 1):
        for at, before, after in _changes(zone_name, year):
            runs.append((start, at, before))
            start, offset = at + max(0, before - after), after
    runs.append((start, minute_of(datetime(last_year + 1, 1, 1, tzinfo=UTC)), offset))
    return tuple(runs)


def clock_runs(first: int, last: int, zone_name: str) -> tuple[tuple[int, int, int], ...]:
    """Stretches `(start, end, offset)` of UTC minutes in which the clock runs evenly, sorted, covering [first, last].

    The second showing of a repeated hour lies in no stretch, so that every wall time is met once at most.
    """
    return _runs_of_years(zone_name, instant_of(first).year, instant_of(last).year)


def wall_grid(first: int, last: int, *, grid: int, zone_name: str) -> Iterator[int]:
    """UTC minutes in [first, last] at which the local clock shows a multiple of `grid` minutes since its midnight.

    Skipped times do not occur and repeated ones occur once. `grid` divides 1440.
    """
    if last < first:
        return
    for start, end, offset in clock_runs(first, last, zone_name):
        low = max(first, start)
        yield from range(low + -(low + offset) % grid, min(last + 1, end), grid)


def local_minutes_to_utc(day: int, minute: int, zone_name: str) -> int:
    """UTC minutes of the wall time `minute` minutes after midnight of a local day (proleptic ordinal).

    `minute` counts on the clock and may pass 1440 into the next day; it is not a length of time.
    """
    offset = steady_offset(zone_name, day)
    if offset is not None and 0 <= minute <= 2880:
        return (day - _EPOCH_DAY) * 1440 + minute - offset
    return minute_of(to_utc(datetime.fromordinal(day) + timedelta(minutes=minute), zone_name))
