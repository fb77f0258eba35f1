"""How much of a day's work hands can bear: limits per therapist and local day.

Hands-on minutes are those of the visits, without buffers; deep minutes those of massages with deep pressure. A day is
the local day on which a visit starts.
"""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Load:
    """Work of a day, or of one visit."""

    visits: int = 0
    minutes: int = 0
    deep_minutes: int = 0

    def __add__(self, other: "Load") -> "Load":
        return Load(self.visits + other.visits, self.minutes + other.minutes, self.deep_minutes + other.deep_minutes)

    @classmethod
    def of(cls, minutes: int, *, added: int, deep: bool) -> Self:
        """One visit of that length; what is `added` to the massage (minutes) is no deep work."""
        return cls(1, minutes, max(minutes - added, 0) if deep else 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a therapist takes on in a day at most; None: no limit."""

    visits: int | None = None
    minutes: int | None = None
    deep_minutes: int | None = None

    @property
    def any(self) -> bool:
        """Whether there is a limit at all."""
        return (self.visits, self.minutes, self.deep_minutes) != (None, None, None)

    def exceeded(self, load: Load, more: Load) -> str:
        """Which limit `more` would break on a day with `load`, as a sentence's end; empty if none."""
        after = load + more
        if self.visits is not None and after.visits > self.visits:
            return f"{load.visits} of {self.visits} visits"
        if self.minutes is not None and after.minutes > self.minutes:
            return f"{load.minutes} of {self.minutes} hands-on minutes, and this visit has {more.minutes}"
        if self.deep_minutes is not None and more.deep_minutes and after.deep_minutes > self.deep_minutes:
            return (
                f"{load.deep_minutes} of {self.deep_minutes} minutes of deep pressure, "
                f"and this visit has {more.deep_minutes}"
            )
        return ""

    def surpassed(self, load: Load) -> str:
        """Which limit a day with `load` is beyond, as a sentence's end; empty if none."""
        if self.visits is not None and load.visits > self.visits:
            return f"{load.visits} visits, the limit is {self.visits}"
        if self.minutes is not None and load.minutes > self.minutes:
            return f"{load.minutes} hands-on minutes, the limit is {self.minutes}"
        if self.deep_minutes is not None and load.deep_minutes > self.deep_minutes:
            return f"{load.deep_minutes} minutes of deep pressure, the limit is {self.deep_minutes}"
        return ""
