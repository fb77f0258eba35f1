"""The diary as JSON."""

from unknot.booking.api import series  # noqa: F401 - its calls join the same router
from unknot.booking.api.calls import router

__all__ = ["router"]
