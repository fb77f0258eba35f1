"""Handing one mail to the mail server, and saying exactly how that ended.

Three endings matter: taken; surely not taken (again later, or never); and nobody knows, because the line broke after
the server may have said yes. Only the caller may decide what to do about the last.
"""

import smtplib
from dataclasses import dataclass, field

from django.core.mail import EmailMultiAlternatives, get_connection

from unknot.kernel.errors import UnavailableError

PERMANENT = 500


class NoAnswerError(UnavailableError):
    """The mail server did not take the message for now. It stays in the outbox and is tried again."""

    code = "mail-later"


class RefusedError(UnavailableError):
    """The mail server will never take this message."""

    code = "mail-refused"


class UnsureError(UnavailableError):
    """The line to the mail server broke while it was answering. The message may have left; it is not sent twice."""

    code = "mail-unsure"


@dataclass(frozen=True)
class Mail:
    """One mail to one person. `calendar` is an optional (method, content) of a calendar file."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    headers: dict[str, str] = field(default_factory=dict)
    calendar: tuple[str, bytes] | None = None


def post(mail: Mail) -> None:
    """Sends by the configured server. Raises NoAnswerError, RefusedError or UnsureError."""
    message = EmailMultiAlternatives(
        mail.subject, mail.text, to=[mail.to], headers={"Message-ID": mail.message_id, **mail.headers}
    )
    message.attach_alternative(mail.html, "text/html")
    if mail.calendar is not None:
        method, content = mail.calendar
        message.attach("appointment.ics", content.decode(), f"text/calendar; method={method}")
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise NoAnswerError(extra={"reason": type(error).__name__}) from error
    message.connection = connection
    try:
        message.send()
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        raise _refusal(error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise UnsureError(extra={"reason": type(error).__name__}) from error
    finally:
        connection.close()


def _refusal(error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> UnavailableError:
    """A reply of 500 and above is for good, less for now. Only the number is kept: replies quote addresses."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max((reply[0] for reply in error.recipients.values()), default=PERMANENT)
    else:
        code = error.smtp_code
    kind = RefusedError if code >= PERMANENT else NoAnswerError
    return kind(extra={"reason": f"smtp-{code}"})
