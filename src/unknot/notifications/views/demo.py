"""The demo's mailbox in the browser."""

import email
import email.policy
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from unknot.kernel.errors import NotFoundError
from unknot.web.access import ANYONE, PracticeRequest, page

SHOWN = 50


@dataclass(frozen=True)
class Mail:
    """A message as the mailbox got it."""

    to: str
    subject: str
    text: str
    attachments: list[str]


@page(ANYONE, in_practice=False)
def mailbox(request: PracticeRequest) -> HttpResponse:
    """The newest messages, plain."""
    if not settings.UNKNOT_DEMO:
        raise NotFoundError
    files = sorted((Path(settings.UNKNOT_DATA) / "mail").glob("*.eml"), reverse=True)
    return render(request, "notifications/demo_mail.html", {"mails": [_read(path) for path in files[:SHOWN]]})


def _read(path: Path) -> Mail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    text = str(body.get_content()) if body is not None else ""
    names = [part.get_filename() or "" for part in message.iter_attachments()]
    return Mail(str(message["To"]), str(message["Subject"]), text, names)
