"""Addresses: every room brings its own."""

from importlib.util import find_spec

from django.urls import include, path

from unknot.config.api import api
from unknot.web.health import healthz

ROOMS_WITH_PAGES = [
    "notifications",
    "people",
    "practice",
    "availability",
    "intake",
    "booking",
    "treatment",
    "outcomes",
    "payments",
    "reviews",
    "matching",
    "interop",
    "website",
]

handler404 = "unknot.web.problems.not_found"
handler500 = "unknot.web.problems.server_error"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/v1/", api.urls),
    path("accounts/", include("allauth.urls")),
    *[path("", include(f"unknot.{room}.urls")) for room in ROOMS_WITH_PAGES if find_spec(f"unknot.{room}.urls")],
]
