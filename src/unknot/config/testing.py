"""A pytest plugin (`-p unknot.config.testing`): the database of the tests.

A throw-away cluster of our own, or the server that TEST_DATABASE_URL names. It has to be there before Django's
settings are read, so it is a plugin and not a conftest.
"""

import os
import secrets
import shutil
import tempfile
from base64 import b64encode
from pathlib import Path

import pytest

from unknot.db.cluster import ensure
from unknot.db.server import Cluster

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unknot.config.settings")
os.environ.setdefault("UNKNOT_SECRET_KEY", secrets.token_urlsafe(40))
os.environ.setdefault("UNKNOT_MASTER_KEY", b64encode(b"only for the tests, 32 bytes key").decode())
os.environ.setdefault("UNKNOT_DEBUG", "1")
os.environ.setdefault("UNKNOT_URL", "http://testserver")
os.environ.setdefault("UNKNOT_HOSTS", "localhost,127.0.0.1")
os.environ.setdefault("UNKNOT_DATA", tempfile.gettempdir() + "/unknot-test-data")
os.environ.setdefault("UNKNOT_LIMIT_FACTOR", "1000")
os.environ.setdefault("UNKNOT_CLOCK_TOLERANCE", "0")  # tests travel in time, their database does not
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
(Path(os.environ["UNKNOT_DATA"]) / "static").mkdir(parents=True, exist_ok=True)  # whitenoise warns without it
os.environ["UNKNOT_APP_ROLE"] = "0"  # the test database is made by its owner; see django_db_setup

_cluster: tuple[Cluster, Path] | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """One cluster for the whole run, made by the first process and told to the others by the environment."""
    global _cluster  # noqa: PLW0603
    if "TEST_DATABASE_URL" not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="unknot-test-"))
        folder.chmod(0o755)
        _cluster = ensure(folder, durable=False), folder
        os.environ["TEST_DATABASE_URL"] = _cluster[0].url(database="postgres")
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """The cluster goes with the run."""
    if _cluster is not None:
        cluster, folder = _cluster
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
