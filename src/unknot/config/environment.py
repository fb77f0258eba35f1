"""What a process needs to know before Django's settings are read: data folder, secrets, database."""

import json
import os
import secrets
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from unknot.config import env
from unknot.db.cluster import ensure
from unknot.db.server import Cluster
from unknot.kernel.zones import require_fresh_data


def data_folder(name: str = "") -> Path:
    """Where everything lives that is not in PostgreSQL of your own: $UNKNOT_DATA, else the system's place for it."""
    if given := os.environ.get("UNKNOT_DATA"):
        return Path(given).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/unknot") / name
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "unknot" / name


def prepare(data: Path) -> None:
    """Makes the data folder and puts its secrets into the environment, unless the environment has its own.

    Raises StaleZoneDataError first of all: nothing may run by zone data that is too old.
    """
    require_fresh_data()
    data.mkdir(parents=True, exist_ok=True)
    os.environ["UNKNOT_DATA"] = str(data)
    path = data / "secrets.json"
    if not path.exists():
        half = path.with_suffix(f".{os.getpid()}")
        half.touch(mode=0o600)
        half.write_text(
            json.dumps(
                {
                    "UNKNOT_SECRET_KEY": secrets.token_urlsafe(48),
                    "UNKNOT_MASTER_KEY": b64encode(secrets.token_bytes(32)).decode(),
                }
            )
        )
        os.link(half, path) if not path.exists() else None
        half.unlink()
    for name, value in json.loads(path.read_text()).items():
        if f"{name}_FILE" not in os.environ:
            os.environ.setdefault(name, value)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unknot.config.settings")


def attach_database(data: Path, *, as_owner: bool, say: Callable[[str], None]) -> Cluster | None:
    """Puts DATABASE_URL into the environment: the given one, else the embedded cluster's (started if need be).

    `as_owner`: for migrations and backups, UNKNOT_OWNER_URL or the embedded owner. Returns the embedded cluster if
    there is one: the caller stops it.
    """
    if url := env.text("DATABASE_URL", ""):
        os.environ.pop("DATABASE_URL_FILE", None)  # read just now; it would hide the owner's address
        os.environ["DATABASE_URL"] = env.text("UNKNOT_OWNER_URL", url) if as_owner else url
        if as_owner:
            os.environ["UNKNOT_APP_ROLE"] = "0"
        return None
    cluster = ensure(data, say=say)
    os.environ["DATABASE_URL"] = cluster.url()
    if as_owner:
        os.environ["UNKNOT_APP_ROLE"] = "0"
    return cluster
