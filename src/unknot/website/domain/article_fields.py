"""Front matter fields: loosely typed values in, typed values out, everything doubtful reported."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from unknot.website.domain.findings import FRONT_MATTER, Problem, Repair

_ISO_DATE = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
_WORD_DATE = re.compile(
    r"^(?:(\d{1,2})(?:st|nd|rd|th)?[ ]+([A-Za-z]{3,9})|([A-Za-z]{3,9})[ ]+(\d{1,2})(?:st|nd|rd|th)?),?[ ]+(\d{4})$"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YES, _NO = frozenset({"true", "yes", "on", "1", "y"}), frozenset({"false", "no", "off", "0", "n", ""})


@dataclass(slots=True)
class Report:
    """Collects findings while one file is read."""

    repairs: list[Repair] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def repaired(self, kind: str, where: str, line: int, before: str, after: str, *, column: int = 1) -> None:
        """Note a change that was made."""
        self.repairs.append(Repair(kind, where, line, column, before, after))

    def asks(self, kind: str, where: str, line: int, message: str, *, column: int = 1) -> None:
        """Note something that a person has to look at."""
        self.problems.append(Problem(kind, where, line, column, message))


def unquote(value: str) -> str:
    """`value` without one pair of quotes around it."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


@dataclass(frozen=True, slots=True)
class Fields:
    """Typed reading of loosely typed front matter."""

    values: Mapping[str, object]
    places: Mapping[str, int]
    report: Report

    def text(self, key: str) -> str:
        """One line of text, empty if missing or not a text."""
        value = self.values.get(key)
        if value is None or isinstance(value, dict | list):
            if isinstance(value, dict | list):
                self._bad(key, "is a list where one text is expected")
            return ""
        return " ".join(str(value).split())

    def _bad(self, key: str, what: str) -> None:
        line = self.places.get(key, 1)
        self.report.asks("bad-field", FRONT_MATTER, line, f"“{key}” {what}; it was left empty.")

    def author(self) -> str:
        """The author's name, also out of a list or a mapping with a name."""
        value = self.values.get("author")
        if isinstance(value, dict):
            value = value.get("name", "")
        if isinstance(value, list):
            value = ", ".join(str(item) for item in value)
        return " ".join(str(value or "").split())

    def image(self) -> tuple[str, str]:
        """Address and alternative text of the hero picture."""
        value, alt = self.values.get("image"), self.text("alt")
        if isinstance(value, dict):
            source = str(value.get("src") or value.get("url") or value.get("path") or "")
            alt = alt or str(value.get("alt") or "")
        else:
            source = self.text("image")
        if source and not alt:
            line = self.places.get("image", 1)
            message = f"The picture {source} has no description for people who can't see it (alt)."
            self.report.asks("no-alt", FRONT_MATTER, line, message)
        return source, alt

    def tags(self) -> tuple[str, ...]:
        """Lower-case tags without repeats, from a list or a text with commas."""
        value = self.values.get("tags")
        items = value if isinstance(value, list) else re.split(r"[,;]", str(value or "").strip("[]"))
        cleaned = (
            " ".join(unquote(str(item).strip()).lstrip("#").lower().split()) for item in items if item is not None
        )
        return tuple(dict.fromkeys(tag for tag in cleaned if tag))

    def flag(self, key: str) -> bool:
        """A yes or no, however it was spelled."""
        value = str(self.values.get(key, False) or "").strip().lower()
        if value not in _YES | _NO:
            self._bad(key, "is neither yes nor no")
        return value in _YES

    def date(self) -> date | None:
        """The day of publication, or None if there is none or it reads two ways."""
        value = self.values.get("date")
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if value is None or value == "":
            return None
        found = _read_date(str(value).strip())
        if found is None:
            self._bad("date", f"reads “{value}”, which is no date that can be read one way only (write 2026-11-20)")
        return found


def _read_date(value: str) -> date | None:
    try:
        if match := _ISO_DATE.match(value):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _WORD_DATE.match(value):
            month = _MONTHS.index((match[2] or match[3])[:3].lower()) + 1
            return date(int(match[5]), month, int(match[1] or match[4]))
    except ValueError:
        return None
    return None
