"""Addresses from titles."""

import hashlib
import re
import unicodedata

_SPELLED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "&": " and "}
)
_LONGEST = 80


def slug_of(title: str, *, fallback: str = "article") -> str:
    """A lower-case ASCII slug of at most 80 characters, cut between words.

    A title without Latin letters or digits gives `fallback` and eight hex digits of its hash, so that two such
    titles do not collide.
    """
    plain = unicodedata.normalize("NFKD", title.lower().translate(_SPELLED))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = re.sub("['’‘`´]", "", plain)
    slug = re.sub("[^a-z0-9]+", "-", plain).strip("-")
    if not slug:
        return f"{fallback}-{hashlib.sha256(title.encode('utf-8', 'replace')).hexdigest()[:8]}"
    if len(slug) <= _LONGEST:
        return slug
    cut = slug[: _LONGEST + 1].rsplit("-", 1)[0]
    return cut[:_LONGEST].strip("-")
