"""Connection strings: libpq's own parser, so that several hosts and socket folders work."""

from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

APP_ROLE = "unknot_app"


def database_settings(url: str, *, app_role: bool, conn_max_age: int | None = None) -> dict[str, Any]:
    """Django's DATABASES entry for a libpq URL or keyword string (several hosts allowed).

    With `app_role` every connection works as `unknot_app`, which owns nothing, whatever login the URL names.
    Raises psycopg.ProgrammingError for a string that libpq can't read.
    """
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    user = parts.pop("user", "")
    options: dict[str, Any] = {}
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "unknot"),
        "USER": user,
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": conn_max_age,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        "TEST": {"TEMPLATE": "template0"},
    }
    options.update(parts)
    if app_role and user != APP_ROLE:
        options["options"] = f"{options.get('options', '')} -c role={APP_ROLE}".strip()
    return settings


def connection_string(database: dict[str, Any]) -> str:
    """The libpq string of a DATABASES entry, for PostgreSQL's own programs (without what only Django knows)."""
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    parts = {key: str(database[name]) for key, name in named.items() if database.get(name)}
    return make_conninfo("", **parts, **database.get("OPTIONS", {}))
