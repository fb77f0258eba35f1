"""A real mail server for tests that look at the mail which leaves."""

import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Postbox:
    """Keeps what it is sent; answers `reply` after the message, which may be a refusal or a broken line."""

    mails: list[EmailMessage] = field(default_factory=list)
    reply: str = "250 Message kept"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        if self.reply.startswith("250"):
            self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.reply


@contextmanager
def open_postbox(settings: Any) -> Iterator[Postbox]:
    """A mail server on the loopback, and the settings that lead there."""
    box = Postbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    settings.DEFAULT_FROM_EMAIL = "Unknot <care@unknot.example>"
    try:
        yield box
    finally:
        controller.stop()
