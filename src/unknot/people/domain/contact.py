"""Names and phone numbers: accepted as people write them, stored in one form."""

import re
import unicodedata

import phonenumbers

from unknot.kernel.errors import InvalidError

NAME_LIMIT = 120
PREFERRED_LIMIT = 60


class BadNameError(InvalidError):
    """Please give a name: at least one letter, at most 120 characters, no line breaks."""

    code = "bad-name"


class BadPhoneError(InvalidError):
    """This does not look like a phone number. Write it with its area code, for example 780 555 0123."""

    code = "bad-phone"


def clean_name(raw: str) -> str:
    """The name in Unicode NFC with single spaces. Any script is welcome. Raises BadNameError."""
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", raw)).strip()
    if not text or len(text) > NAME_LIMIT or not any(ch.isalpha() for ch in text):
        raise BadNameError(field="name")
    if any(unicodedata.category(ch) == "Cc" for ch in text):
        raise BadNameError(field="name")
    return text


def clean_preferred(raw: str) -> str:
    """How somebody likes to be called, or empty. Raises BadNameError."""
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", raw)).strip()
    if len(text) > PREFERRED_LIMIT or any(unicodedata.category(ch) == "Cc" for ch in text):
        raise BadNameError("Please keep this to 60 characters, without line breaks.", field="preferred_name")
    return text


def clean_phone(raw: str, *, region: str = "CA") -> str:
    """The number in E.164. Numbers without a country code are read as `region`'s. Raises BadPhoneError.

    Only "possible" lengths are asked for, not assigned ranges: lists of ranges go stale and fictional numbers are
    welcome.
    """
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException as error:
        raise BadPhoneError(field="phone") from error
    if not phonenumbers.is_possible_number(number):
        raise BadPhoneError(field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
