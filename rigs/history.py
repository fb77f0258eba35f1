"""What the writers did and what they were told, one line each, in the order in which answers came."""

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

OK, FAIL, INFO = "ok", "fail", "info"
"""Accepted; refused, so that nothing may have happened; nobody knows (timeout, broken connection, 5xx)."""


@dataclass
class Deed:
    """One operation of one writer. Moments are seconds since the epoch.

    `visit` is the id that the answer named. `unknown`: how often the answer was lost before `outcome` was known.
    """

    writer: int
    op: str
    key: str
    asked: dict[str, Any]
    called: float
    returned: float = 0.0
    outcome: str = INFO
    status: int = 0
    code: str = ""
    visit: str = ""
    told: dict[str, Any] = field(default_factory=dict)
    unknown: int = 0
    last_try: float = 0.0


class History:
    """Every deed, kept in memory and written as JSON lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.deeds: list[Deed] = []
        self.acks: list[float] = []
        path.write_text("")

    def add(self, deed: Deed) -> Deed:
        """Keeps a deed that has its answer, or has given up on it."""
        deed.returned = time.time()
        self.deeds.append(deed)
        if deed.outcome == OK and deed.op != "search":
            self.acks.append(deed.returned)
        self._write(deed)
        return deed

    def settle(self, deed: Deed) -> None:
        """Writes down what became of a deed whose answer had been lost."""
        self._write(deed)

    def _write(self, deed: Deed) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(asdict(deed)) + "\n")

    def of(self, *ops: str, outcome: str = OK) -> list[Deed]:
        """The deeds of these kinds with that outcome."""
        return [one for one in self.deeds if one.op in ops and one.outcome == outcome]
