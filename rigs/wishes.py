"""What else people want while everything dies: a row of dates, times for two, a place in line for what is taken."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from rigs.history import OK
from rigs.writers import PRACTICE, SERVICES, Writer

DATES = 3


class Wisher(Writer):
    """A client who also books series, keeps times for two and lets them run out, and waits."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.waiting = False

    def choices(self, *, free: bool) -> dict[Callable[[], Any], int]:
        """As every client, and more."""
        choices = super().choices(free=free)
        if free:
            choices |= {self.series: 2, self.hold_for_two: 1}
        return choices | ({self.answer_offer: 3} if self.waiting else {self.wait: 2 if free else 0})

    async def series(self) -> None:
        """Two or three dates, by days or by weeks: all of them or none."""
        wish = {key: value for key, value in self.wish().items() if key != "practice"}
        wish |= {"every": 1, "unit": self.dice.choice(("days", "weeks")), "count": self.dice.randint(2, DATES)}
        deed = self.deed("series", wish)
        await self.storm.do(deed, self.post(f"/practices/{PRACTICE}/series", wish))
        if deed.outcome == OK:
            for one in deed.told["visits"]:
                self.visits[one["id"]] = one
                self.storm.known[one["id"]] = one["state"]

    async def hold_for_two(self) -> None:
        """Keeps two therapists and two tables at one time, and lets them run out."""
        start = self.storm.starts.pick(self.dice)
        people = [{"service": self.dice.choice(SERVICES)} for _ in range(2)]
        wish = {"practice": PRACTICE, "people": people, "place": "clinic", "local_start": start["local_start"]}
        await self.storm.do(self.deed("hold for two", wish), self.post("/groups/holds", wish))

    async def wait(self) -> None:
        """Gets in line for a start that everybody wants."""
        start = self.dice.choice(self.storm.starts.hot)
        day = date.fromisoformat(start["local_start"][:10])
        wish = {"service": self.dice.choice(SERVICES), "therapist": start["therapist"], "place": "clinic"}
        wish |= {"first": str(day), "last": str(day + timedelta(days=self.dice.randint(0, 1)))}
        deed = self.deed("wait", wish)
        await self.storm.do(deed, self.post(f"/practices/{PRACTICE}/waitlist", wish))
        self.waiting = self.waiting or deed.outcome == OK

    async def answer_offer(self) -> None:
        """Looks whether something is offered; mostly takes it, else passes it on or leaves the line."""
        looked = await self.storm.do(
            self.deed("search", {}), lambda _: self.http.get(f"/practices/{PRACTICE}/waitlist")
        )
        waits = [one for one in looked.told.get("waits", ()) if one["state"] == "waiting"]
        self.waiting = bool(waits) or looked.outcome != OK
        offers = [one["offer"] for one in waits if one["offer"] and one["offer"]["open"]]
        if offers and self.dice.random() < 0.8:
            asked = {"answer": "accept"}
            deed = self.deed("accept", asked)
            self.keep(await self.storm.do(deed, self.post(f"/offers/{offers[0]['id']}/answer", asked)))
        elif waits and self.dice.random() < 0.1:
            await self.storm.do(self.deed("leave", {}), self.post(f"/waitlist/{waits[0]['id']}/leave", {}))
