"""Files and formats for other programs, as plain values."""

from unknot.interop.domain.calendar_file import (
    CalendarFileError,
    appointment_summary,
    cancel_file,
    request_file,
)

__all__ = ["CalendarFileError", "appointment_summary", "cancel_file", "request_file"]
