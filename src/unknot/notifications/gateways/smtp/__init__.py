"""Mail over SMTP."""

from unknot.notifications.gateways.smtp.client import Mail, NoAnswerError, RefusedError, UnsureError, post

__all__ = ["Mail", "NoAnswerError", "RefusedError", "UnsureError", "post"]
