"""What the doctor found."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

OK, NOTE, WARN, FAIL = "ok", "note", "warn", "fail"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `status` is ok, note, warn or fail; `do` says what to do about it."""

    check: str
    status: str
    says: str
    do: str = ""


SHOWN = 3


def named(check: str, what: str, rows: Iterable[Any], do: str, *, status: str = FAIL, fine: str) -> Finding:
    """One finding about all rows that are wrong, naming the first of them; `fine` if there are none."""
    found = [str(one[0]) for one in rows]
    if not found:
        return Finding(check, OK, fine)
    shown = ", ".join(found[:SHOWN]) + (" ..." if len(found) > SHOWN else "")
    return Finding(check, status, f"{len(found)} {what}: {shown}", do)
