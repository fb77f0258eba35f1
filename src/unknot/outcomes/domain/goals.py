"""A goal in the client's own words."""

import re
import unicodedata
from collections.abc import Mapping

from unknot.kernel.errors import InvalidError

GOAL_LIMIT = 300
LEVELS = (-2, -1, 0, 1, 2)


class BadGoalError(InvalidError):
    """Please say in a few words what you would like to be able to do again (at most 300 characters)."""

    code = "bad-goal"


class BadRegionError(InvalidError):
    """This is not a region of the body map. Choose one from the list, or leave it empty."""

    code = "bad-region"


def clean_words(raw: str) -> str:
    """The words in Unicode NFC with single spaces. Any script is welcome. Raises BadGoalError."""
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", raw)).strip()
    if not text or len(text) > GOAL_LIMIT or any(unicodedata.category(ch) == "Cc" for ch in text):
        raise BadGoalError(field="words")
    return text


def clean_region(raw: str) -> str:
    """A region slug such as `low_back`, or empty. Raises BadRegionError."""
    if raw and not re.fullmatch(r"[a-z][a-z_]{0,19}", raw):
        raise BadRegionError(field="region")
    return raw


def clean_steps(raw: Mapping[int, str]) -> dict[str, str]:
    """What each level would look like, as far as it was said: `{"-2": words, ...}`. Raises BadGoalError."""
    if not set(raw) <= set(LEVELS):
        raise BadGoalError(field="steps")
    return {str(level): clean_words(raw[level]) for level in LEVELS if raw.get(level, "").strip()}
