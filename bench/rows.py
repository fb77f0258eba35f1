"""Every source row of a made-up marketplace: practices, menus, offers, hours, visits."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from bench.people import AFTER, AROUND_HOME, LENGTHS, Person, made_id
from unknot.availability.queries import Busy, instant_of_cell
from unknot.kernel.zones import local
from unknot.practice.queries import skill_label

Owner = psycopg.Connection[Any]


def write_practices(owner: Owner, made: list[Person]) -> None:
    """A practice for each, with one place."""
    houses = {one.practice_id: one for one in made}
    fill(
        owner,
        "practice_practice",
        [
            {
                "id": key,
                "slug": f"bench-{one.number}",
                "name": f"Bench {one.number}",
                "kind": "clinic",
                "timezone": one.zone,
                "jurisdiction": "DE-BE",
                "currency": "EUR",
                "notice_minutes": 0,
                "horizon_days": 60,
            }
            for key, one in houses.items()
        ],
    )
    fill(
        owner,
        "practice_place",
        [
            {
                "id": one.place_id,
                "practice_id": one.practice_id,
                "slug": f"place-{one.number}",
                "name": f"Place {one.number}",
                "kind": "clinic" if "clinic" in one.ways else "base",
                "lat": one.lat,
                "lon": one.lon,
            }
            for one in made
        ],
    )


def write_people(owner: Owner, made: list[Person], now: datetime) -> None:
    """Accounts and therapists."""
    known = {row[0] for row in owner.execute("SELECT id FROM people_account")}
    missing = [one for one in made if one.account_id not in known]
    names = [(one.account_id, f"bench-{one.number}@bench.example", f"Therapist {one.number}") for one in missing]
    if names:
        accounts = [{"id": key, "email": mail, "name": name, "created_at": now} for key, mail, name in names]
        fill(owner, "people_account", accounts)
    fill(
        owner,
        "practice_therapist",
        [
            {
                "id": one.id,
                "practice_id": one.practice_id,
                "account_id": one.account_id,
                "slug": f"therapist-{one.number}",
                "name": f"Therapist {one.number}",
                "skills": list(one.skills),
                "languages": ["de"],
                "max_level": 4,
                "home_visits": "home" in one.ways,
                "travel_km": one.travel_km,
                "base_id": one.place_id,
            }
            for one in made
        ],
    )


def write_rows(owner: Owner, made: list[Person], now: datetime) -> None:
    """Every source row of the world: menus, offers, hours, visits."""
    houses = sorted({one.practice_id for one in made})
    services = {}
    for index, house in enumerate(houses):
        for which, length in enumerate(LENGTHS):
            for home in (False, True):
                services[house, length, home] = made_id(7, index * 10 + which * 2 + home)
    fill(
        owner,
        "practice_service",
        [
            {
                "id": key,
                "practice_id": house,
                "slug": f"{'home' if home else 'clinic'}-{length}",
                "kind": "therapeutic",
                "name": f"Therapeutic {length}",
                "minutes": length,
                "price_minor": 9000,
                "buffer_before": AROUND_HOME if home else 0,
                "buffer_after": AROUND_HOME if home else AFTER,
                "at_clinic": not home,
                "at_home": home,
                "active": True,
            }
            for (house, length, home), key in services.items()
        ],
    )
    by_house: dict[UUID, list[UUID]] = {}
    for (house, _, _), key in services.items():
        by_house.setdefault(house, []).append(key)
    fill(
        owner,
        "practice_offer",
        [
            {"practice_id": one.practice_id, "therapist_id": one.id, "service_id": key}
            for one in made
            for key in by_house[one.practice_id]
        ],
    )
    _write_courses(owner, made, now)
    _write_hours(owner, made)
    _write_visits(owner, made, services, now)


def _write_courses(owner: Owner, made: list[Person], now: datetime) -> None:
    courses = [(one, skill) for one in made for skill in one.skills]
    fill(
        owner,
        "practice_credential",
        [
            {
                "id": made_id(9, number),
                "practice_id": one.practice_id,
                "therapist_id": one.id,
                "kind": "course",
                "title": skill_label(skill),
                "issuer": "Bench",
                "number": str(number),
                "verified_at": now,
            }
            for number, (one, skill) in enumerate(courses)
        ],
    )


def _write_hours(owner: Owner, made: list[Person]) -> None:
    ids = iter(range(1 << 40))
    mine = {"clinic": lambda one: one.place_id, "home": lambda _: None}
    fill(
        owner,
        "availability_openingrule",
        [
            {
                "id": made_id(8, next(ids)),
                "practice_id": one.practice_id,
                "therapist_id": one.id,
                "place_id": mine[one.ways[0]](one),
                "mode": one.ways[0],
                "weekday": rule.weekday,
                "opens": rule.opens_min,
                "closes": rule.closes_min,
            }
            for one in made
            for rule in one.rules
        ],
    )
    fill(
        owner,
        "availability_break",
        [
            {
                "id": made_id(8, next(ids)),
                "practice_id": one.practice_id,
                "therapist_id": one.id,
                "weekday": pause.weekday,
                "starts": pause.starts_min,
                "ends": pause.ends_min,
            }
            for one in made
            for pause in one.breaks
        ],
    )
    fill(
        owner,
        "availability_dayexception",
        [
            {
                "id": made_id(8, next(ids)),
                "practice_id": one.practice_id,
                "therapist_id": one.id,
                "place_id": mine[one.ways[0]](one) if special.kind != "closed" else None,
                "mode": one.ways[0],
                "date": special.day,
                "kind": special.kind,
                "opens": special.opens_min if special.kind != "closed" else None,
                "closes": special.closes_min if special.kind != "closed" else None,
            }
            for one in made
            for special in one.exceptions
        ],
    )


def _write_visits(owner: Owner, made: list[Person], services: Any, now: datetime) -> None:
    ids = iter(range(1 << 40))
    fill(
        owner,
        "booking_appointment",
        [_visit(one, busy, made_id(10, next(ids)), services, now) for one in made for busy in one.busy],
    )


def _visit(one: Person, busy: Busy, key: UUID, services: Any, now: datetime) -> dict[str, Any]:
    starts_at, ends_at = instant_of_cell(busy.start_cell), instant_of_cell(busy.end_cell)
    length, home = (busy.end_cell - busy.start_cell) * 5, one.ways[0] == "home"
    return {
        "id": key,
        "practice_id": one.practice_id,
        "state": "held",  # for ever, and for nobody: then nobody has two visits at once
        "hold_expires_at": datetime(2999, 1, 1, tzinfo=UTC),
        "therapist_id": one.id,
        "practitioner_id": one.account_id,
        "service_id": services[one.practice_id, length, home],
        "mode": "home" if home else "clinic",
        "place_id": None if home else one.place_id,
        "home_lat": one.lat if home else None,
        "home_lon": one.lon if home else None,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "blocked": f"[{starts_at.isoformat()},{instant_of_cell(busy.end_cell + busy.after).isoformat()})",
        "buffer_before": 0,
        "buffer_after": AFTER,
        "local_start": f"{local(starts_at, one.zone):%Y-%m-%dT%H:%M}",
        "timezone": one.zone,
        "zone_data": "bench",
        "price_minor": 9000,
        "currency": "EUR",
        "created_at": now,
    }


def fill(owner: Owner, table: str, rows: list[dict[str, Any]]) -> None:
    """Copies rows, with the models' own defaults for every column that is not named."""
    from django.apps import apps

    model = next(one for one in apps.get_models() if one._meta.db_table == table)
    fields = [one for one in model._meta.concrete_fields if not one.primary_key or one.column in rows[0]]
    blank = model()
    columns = ", ".join(f'"{one.column}"' for one in fields)

    def row(given: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(
            given[one.column] if one.column in given else one.get_db_prep_save(getattr(blank, one.attname), _django())
            for one in fields
        )

    copy(owner, table, columns, (row(one) for one in rows))


def _django() -> Any:
    from django.db import connection

    return connection


def copy(owner: Owner, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with owner.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
