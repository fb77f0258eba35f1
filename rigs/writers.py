"""People who all want the same times, over HTTP: they search, hold, book, move, cancel; the desk marks and blocks.

Each client's writer is the only one who books, moves and cancels that client's visits, so its own account of them has
to be the database's in the end.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from rigs.history import FAIL, INFO, OK, Deed, History
from rigs.house import House, Person

PRACTICE = "foothills"
SERVICES = ("therapeutic-60", "therapeutic-90", "relaxation-60")
HOT_SHARE, HOT_TRAFFIC = 0.05, 0.8
TRIES, PATIENCE = 3, 4.0
MOST_VISITS = 5
SIGNED_OUT = "signed-out"
MARKS = ("arrive", "start", "complete", "no_show", "reopen", "reinstate")


@dataclass
class Starts:
    """Every start that was free before the storm, and the few that everybody wants."""

    every: list[dict[str, Any]]
    hot: list[dict[str, Any]]

    def pick(self, dice: random.Random) -> dict[str, Any]:
        """A start to go for, whether it is still free or not."""
        return dice.choice(self.hot if dice.random() < HOT_TRAFFIC else self.every)


@dataclass
class Storm:
    """What all writers share."""

    house: House
    history: History
    starts: Starts
    base: str
    with_key: bool = True
    over: asyncio.Event = field(default_factory=asyncio.Event)
    known: dict[str, str] = field(default_factory=dict)
    """Visits that the desk has heard of, by id, and their state when last heard of."""
    lost: list[tuple[Deed, Callable[[], Any]]] = field(default_factory=list)

    async def do(self, deed: Deed, send: Callable[[str], Any]) -> Deed:
        """Sends until the answer is known, at most TRIES times: with the same key, as a careful client does. What
        stays unknown is asked again after the storm."""
        for turn in range(TRIES):
            deed.last_try = time.time()
            if await self._try(deed, send):
                break
            deed.unknown += 1
            if not self.with_key:
                deed.key = str(uuid4())  # the planted fault: a second try is a second request
            await asyncio.sleep(0.3 * (turn + 1))
        if deed.outcome == INFO:
            self.lost.append((deed, lambda: self._try(deed, send)))
        return self.history.add(deed)

    async def _try(self, deed: Deed, send: Callable[[str], Any]) -> bool:
        try:
            answer: httpx.Response = await send(deed.key)
        except httpx.HTTPError:
            return False
        deed.status = answer.status_code
        if answer.status_code >= 500:
            return False
        signed_out = answer.status_code == 302 and "/sign-in/" in answer.headers["Location"]
        deed.outcome = OK if answer.status_code < 400 and not signed_out else FAIL
        body = _json(answer)
        if deed.outcome == FAIL:
            deed.code = SIGNED_OUT if signed_out else str(body.get("type", f"page-{deed.status}")).rsplit("/", 1)[-1]
        found = body.get("visit", body)
        if deed.outcome == OK and deed.op != "mark":
            kept = ("state", "local_start", "sequence", "therapist")
            deed.told = {key: found[key] for key in kept if key in found} | {"hold": body.get("id")}
            deed.visit = str(found.get("id", deed.visit))
            deed.told["secret"] = body.get("secret", "")
            deed.told["visits"] = [one["visit"] for one in body.get("dates", ()) if one["visit"]]
            deed.told["waits"] = body.get("waits", [])
        return True

    async def resolve(self, seconds: float) -> int:
        """After the storm: asks for every lost answer by its key. Returns how many stay unknown."""
        deadline = time.time() + seconds
        while self.lost and time.time() < deadline:
            still = []
            for deed, again in self.lost:
                deed.last_try = time.time()
                if await again():
                    self.history.settle(deed)
                else:
                    still.append((deed, again))
            self.lost = still
            await asyncio.sleep(0.2 if still else 0)
        return len(self.lost)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


class Writer:
    """One client at a keyboard."""

    def __init__(self, storm: Storm, person: Person, seed: int) -> None:
        self.storm, self.person = storm, person
        self.dice = random.Random(f"{seed}-{person.number}")
        self.visits: dict[str, dict[str, Any]] = {}
        self.http = httpx.AsyncClient(
            base_url=f"{storm.base}/api/v1",
            headers={"Authorization": f"Bearer {person.token}"},
            timeout=PATIENCE,
        )

    async def run(self) -> None:
        """Acts until the storm is over."""
        while not self.storm.over.is_set():
            await self.act()
            await asyncio.sleep(self.dice.random() * 0.05)

    async def act(self) -> None:
        """One thing that a client does."""
        choices = self.choices(free=len(self.visits) < MOST_VISITS)
        [deed] = self.dice.choices(list(choices), weights=list(choices.values()))
        await deed()

    def choices(self, *, free: bool) -> dict[Callable[[], Any], int]:
        """What a client may do, and how often; `free`: without too many visits already."""
        choices: dict[Callable[[], Any], int] = {self.search: 2}
        if free:
            choices |= {self.book: 6, self.hold_and_book: 4}
        if self.visits:
            choices |= {self.move: 4, self.cancel: 3 if free else 8}
        return choices

    def deed(self, op: str, asked: dict[str, Any], visit: str = "") -> Deed:
        """A deed about to be done, with a key of its own."""
        key = str(UUID(int=self.dice.getrandbits(128), version=4))
        return Deed(self.person.number, op, key, asked, time.time(), visit=visit)

    def wish(self) -> dict[str, Any]:
        """A start; one in four takes whoever is free."""
        start = self.storm.starts.pick(self.dice)
        wish = {"practice": PRACTICE, "service": self.dice.choice(SERVICES), "place": "clinic"}
        wish["local_start"] = start["local_start"]
        return wish if self.dice.random() < 0.25 else wish | {"therapist": start["therapist"]}

    def post(self, path: str, body: dict[str, Any]) -> Callable[[str], Any]:
        """A call to be sent under a key."""
        return lambda key: self.http.post(path, json=body, headers={"Idempotency-Key": key})

    async def search(self) -> None:
        """Looks at what is free on some days."""
        asked = {"service": self.dice.choice(SERVICES), "from": self.storm.starts.pick(self.dice)["local_start"][:10]}
        asked["to"] = asked["from"]
        await self.storm.do(
            self.deed("search", asked),
            lambda _: self.http.get(f"/practices/{PRACTICE}/slots", params=asked | {"limit": 20}),
        )

    async def book(self) -> None:
        """Books directly."""
        wish = self.wish()
        self.keep(await self.storm.do(self.deed("book", wish), self.post("/appointments", wish)))

    async def hold_and_book(self) -> None:
        """Holds, thinks, and mostly books; else leaves the time to run out."""
        wish = self.wish()
        held = await self.storm.do(self.deed("hold", wish), self.post("/holds", wish))
        if held.outcome != OK or self.dice.random() < 0.2:
            return
        await asyncio.sleep(self.dice.random() * 0.3)
        body = {"practice": PRACTICE, "hold_id": held.told["hold"], "hold_secret": held.told["secret"]}
        self.keep(await self.storm.do(self.deed("book", body), self.post("/appointments", body)))

    def keep(self, deed: Deed) -> None:
        """Remembers a visit that was booked."""
        if deed.outcome == OK:
            self.visits[deed.visit] = deed.told
            self.storm.known[deed.visit] = str(deed.told.get("state"))

    async def move(self) -> None:
        """Moves a visit of one's own to another start, perhaps to another therapist."""
        visit = self.dice.choice(list(self.visits))
        start = self.storm.starts.pick(self.dice)
        asked = {"local_start": start["local_start"], "therapist": start["therapist"]}
        before = self.visits.pop(visit)
        deed = self.deed("move", asked | {"was": before["sequence"]}, visit)
        await self.storm.do(deed, self.post(f"/appointments/{visit}/reschedule", asked))
        if deed.outcome == OK:
            self.visits[visit] = deed.told
        elif deed.outcome == FAIL and deed.code != "visit-state":
            self.visits[visit] = before  # else the desk marked it meanwhile, or nobody knows

    async def cancel(self) -> None:
        """Cancels a visit of one's own."""
        visit = self.dice.choice(list(self.visits))
        self.visits.pop(visit)
        deed = self.deed("cancel", {}, visit)
        await self.storm.do(deed, self.post(f"/appointments/{visit}/cancel", {}))
        if deed.outcome == OK:
            self.storm.known.pop(visit, None)


class Desk:
    """The front desk: answers requests and marks visits, through the pages."""

    def __init__(self, storm: Storm, number: int, seed: int) -> None:
        self.storm, self.number = storm, number
        self.dice = random.Random(f"{seed}-desk-{number}")
        self.http = httpx.AsyncClient(base_url=storm.base, timeout=PATIENCE)

    async def sign_in(self) -> None:
        """By the demo's door."""
        page = await self.http.get("/demo/")
        page.raise_for_status()
        data = {"email": "sam@foothills.example", "practice": PRACTICE}
        done = await self.http.post("/demo/sign-in/", data=data, headers=self._token())
        done.raise_for_status() if done.status_code != 302 else None

    def _token(self) -> dict[str, str]:
        return {"X-CSRFToken": self.http.cookies.get("csrf", "")}

    async def run(self) -> None:
        """Acts until the storm is over."""
        while not self.storm.over.is_set():
            if self.storm.known:
                await self.mark()
            await asyncio.sleep(0.05 + self.dice.random() * 0.2)

    async def mark(self) -> None:
        """A request is mostly confirmed; of the others a few are marked, the same mark perhaps twice."""
        visit, state = self.dice.choice(list(self.storm.known.items()))
        event = self.dice.choice(MARKS)
        if state == "requested":
            event = "confirm" if self.dice.random() < 0.8 else "decline"
        elif self.dice.random() < 0.6:
            return
        deed = Deed(self.number, "mark", "", {"event": event}, time.time(), visit=visit)
        path = f"/p/{PRACTICE}/desk/visits/{visit}/mark/"
        await self.storm.do(deed, lambda _: self.http.post(path, data={"event": event}, headers=self._token()))
        if deed.code == SIGNED_OUT:  # a clock that jumps by a day ends every session
            with contextlib.suppress(httpx.HTTPError):
                await self.sign_in()
        if deed.outcome == OK:
            self.storm.known[visit] = event
        if deed.code or self.dice.random() < 0.1:
            self.storm.known.pop(visit, None)
