"""The diary as JSON."""

from unknot.booking.api import groups, lateness, series, series_changes, waitlist  # noqa: F401 - they join the same router
from unknot.booking.api.calls import router

__all__ = ["router"]
