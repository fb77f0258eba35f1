"""Log lines without secrets or stack-frame values."""

import logging

from unknot.web.middleware import redact


class RedactingFormatter(logging.Formatter):
    """Formats a line and takes out what looks like a secret."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
