"""What Python, PostgreSQL and the host believe about clocks, and whether a promise to a client is at stake.

Wall times are converted by the `tzdata` package alone, so a stale host or database does no harm by itself: it is
worth a warning. A visit whose stored instant is not what today's data makes of its wall time is a failure:
somebody will stand before a closed door.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from unknot.booking.models import ACTIVE, Appointment
from unknot.config.findings import FAIL, OK, WARN, Finding
from unknot.db import tenancy
from unknot.kernel import zones as kernel_zones
from unknot.practice import queries as practice

HOST_ZONES = Path("/usr/share/zoneinfo")
MONTHS_AHEAD = 24


def zones(*, now: datetime | None = None) -> Iterator[Finding]:
    """Compares the three for every practice's zone: at month starts over two years and at each future visit."""
    moment = now or timezone.now()
    version = kernel_zones.zone_data_version()
    instants: dict[str, set[datetime]] = {}
    moved = 0
    for one in practice.practices():
        instants.setdefault(one.timezone, set()).update(_months(moment))
        with tenancy.scope(practice_id=one.id):
            visits = Appointment.objects.filter(starts_at__gt=moment, state__in=ACTIVE)
            for starts_at, local_start, zone in visits.values_list("starts_at", "local_start", "timezone"):
                instants.setdefault(zone, set()).add(starts_at)
                moved += kernel_zones.to_utc(datetime.fromisoformat(local_start), zone) != starts_at
    yield _versions(version)
    if moved:
        do = "Run `unknot rezone` to see them, `unknot rezone --apply` to keep the wall times that were promised."
        yield Finding("zones", FAIL, f"{moved} future visits stand at another instant than tzdata {version} says", do)
    else:
        yield Finding("zones", OK, f"every future visit stands where tzdata {version} puts it")
    for zone, sampled in sorted(instants.items()):
        yield from _compare(zone, sorted(sampled))


def _versions(ours: str) -> Finding:
    """Which release the program works by, and which the host says it has; PostgreSQL does not tell its own."""
    source = HOST_ZONES / "tzdata.zi"
    first = source.read_text(encoding="ascii", errors="replace").partition("\n")[0] if source.exists() else ""
    host = first.removeprefix("# version ") if first.startswith("# version ") else "not said"
    says = f"tzdata {ours} is in use (needed: {kernel_zones.OLDEST_DATA} or later); this host has: {host}"
    if ours < kernel_zones.OLDEST_DATA:
        return Finding(
            "zone data", FAIL, says, "Update the package tzdata and start again: visits would be an hour off."
        )
    return Finding("zone data", OK, says)


def _months(now: datetime) -> Iterator[datetime]:
    for ahead in range(MONTHS_AHEAD + 1):
        years, month = divmod(now.month - 1 + ahead, 12)
        yield datetime(now.year + years, month + 1, 1, 12, tzinfo=UTC)


def _compare(zone: str, instants: list[datetime]) -> Iterator[Finding]:
    ours = [kernel_zones.local(one, zone).replace(tzinfo=None) for one in instants]
    for name, theirs in (("PostgreSQL", _by_server(zone, instants)), ("this host", _by_host(zone, instants))):
        if theirs is None:
            yield Finding("zones", WARN, f"{name} does not know {zone}", "Update its zone data.")
            continue
        odd = [one for one, a, b in zip(instants, ours, theirs, strict=True) if a != b]
        if odd:
            says = f"{name} has other clocks for {zone}, first at {odd[0]:%Y-%m-%d}"
            do = "Bookings are right all the same: they use the tzdata package. Update its zone data when you can."
            yield Finding("zones", WARN, says, do)


def _by_server(zone: str, instants: list[datetime]) -> list[datetime] | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_timezone_names WHERE name = %s)", [zone])
        if not (cursor.fetchone() or [False])[0]:
            return None
        cursor.execute(
            "SELECT t AT TIME ZONE %s FROM unnest(%s::timestamptz[]) WITH ORDINALITY AS s (t, n) ORDER BY n",
            [zone, instants],
        )
        return [wall for (wall,) in cursor.fetchall()]


def _by_host(zone: str, instants: list[datetime]) -> list[datetime] | None:
    path = HOST_ZONES / zone
    if not HOST_ZONES.exists():
        return [kernel_zones.local(one, zone).replace(tzinfo=None) for one in instants]  # a host without zone data
    if not path.exists():
        return None
    with path.open("rb") as source:
        there = ZoneInfo.from_file(source, key=zone)
    return [one.astimezone(there).replace(tzinfo=None) for one in instants]
