"""What the doctor found."""

from dataclasses import dataclass

OK, NOTE, WARN, FAIL = "ok", "note", "warn", "fail"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `status` is ok, note, warn or fail; `do` says what to do about it."""

    check: str
    status: str
    says: str
    do: str = ""
