"""What an import changed, and what it could not settle. Nothing is changed without one of these."""

from dataclasses import dataclass

FRONT_MATTER = "front matter"
BODY = "body"


@dataclass(frozen=True, slots=True)
class Repair:
    """One change made while importing: `line` and `column` count from 1 in the file as it was received."""

    kind: str
    where: str
    line: int
    column: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person has to look at. Nothing was guessed; `message` says what was found and what was kept."""

    kind: str
    where: str
    line: int
    column: int
    message: str
