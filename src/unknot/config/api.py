"""The JSON API, assembled from the rooms' routers."""

from importlib import import_module
from importlib.util import find_spec

from unknot import __version__
from unknot.web.api import make_api

ROOMS_WITH_CALLS = [
    "practice",
    "intake",
    "booking",
    "treatment",
    "outcomes",
    "payments",
    "reviews",
    "matching",
    "people",
]

api = make_api(__version__)
for room in ROOMS_WITH_CALLS:
    if find_spec(f"unknot.{room}.api"):
        api.add_router("", import_module(f"unknot.{room}.api").router)
