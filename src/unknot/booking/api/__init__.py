"""The diary as JSON."""

from unknot.booking.api.calls import router

__all__ = ["router"]
