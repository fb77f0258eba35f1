"""What the desk types for several people who come at once."""

from datetime import datetime
from typing import cast

from django import forms
from django.http import QueryDict

from unknot.booking.domain.groups import FEWEST, MOST
from unknot.booking.domain.wording import clock, day_words
from unknot.booking.forms.desk import ClientFields
from unknot.booking.forms.wish import HOME, Wish, WishError, needs_in, service_for
from unknot.booking.queries import Seat
from unknot.practice.queries import ServiceFacts


class PersonFields(ClientFields):
    """One of them: what they want, with whom, and who they are."""

    def __init__(self, data: QueryDict, *, number: int) -> None:
        super().__init__(data, prefix=f"p{number}")
        self.number = number
        self.service, self.therapist = self.typed("service"), self.typed("therapist")
        self.needs = needs_in(_under(self.prefix or "", data))


def _under(prefix: str, data: QueryDict) -> QueryDict:
    found = QueryDict(mutable=True)
    found.setlist("needs", data.getlist(f"{prefix}-needs"))
    return found


class DeskGroupForm(forms.Form):
    """A telephone booking for two to four people: one form, so that nothing typed is lost on the way."""

    street = forms.CharField(max_length=160, required=False, label="Street and number")
    postal_code = forms.CharField(max_length=12, required=False, label="Postal code")
    reason = forms.CharField(
        max_length=200,
        required=False,
        label="Set the rules aside, because",
        help_text="For a time closer or further ahead than clients may book. Kept with each visit.",
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        size = self.typed("people")
        wanted = int(size) if len(size) == 1 and size.isascii() and size.isdigit() else FEWEST
        self.size = min(max(wanted, FEWEST), MOST)
        self.people = [PersonFields(data, number=number) for number in range(1, self.size + 1)]

    def typed(self, name: str) -> str:
        """What was typed or chosen so far."""
        return str(self.data.get(name, ""))[:200].replace("\x00", "")

    def is_valid(self) -> bool:
        """Whether all of it can be used, everybody's part too."""
        return all([super().is_valid(), *[one.is_valid() for one in self.people]])

    def wish(self, service: str = "") -> Wish:
        """Where, as typed so far; with what one of them wants."""
        place, street, postal_code = (self.typed(name)[:160] for name in ("place", "street", "postal_code"))
        return Wish(service=service, place=place, street=street, postal_code=postal_code)

    def complete(self) -> bool:
        """Whether everybody's massage is chosen, so that times can be looked for."""
        return all(one.service for one in self.people)

    def seats(self, services: list[ServiceFacts]) -> tuple[Seat, ...]:
        """A seat for each. Raises WishError, NoHomeVisitError."""
        if not self.complete():
            raise WishError("Choose a massage for each of them. Everything you typed is still here.", field="people")
        return tuple(
            Seat(service_for(self.wish(one.service), services).slug, one.therapist or None, needs=one.needs)
            for one in self.people
        )

    def start(self) -> tuple[str, str]:
        """Place and local start of the chosen time. Raises WishError."""
        chosen = self.typed("slot")
        if chosen == "exact":
            return self.exact()
        place, _, local_start = chosen.partition("|")
        if not local_start:
            raise WishError("Choose a time. Everything you typed is still here.", field="slot")
        return place, local_start

    def exact(self) -> tuple[str, str]:
        """Place and local start as typed by hand. Raises WishError."""
        day, time = self.typed("date"), self.typed("time")
        if not (day and time):
            raise WishError("Type the day and the time. Everything else is still here.", field="slot")
        return self.typed("place"), f"{day}T{time}"

    def exact_start(self) -> datetime | None:
        """The wall time typed by hand, if it is one."""
        try:
            return datetime.strptime(self.exact()[1], "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - a wall time
        except (WishError, ValueError):
            return None

    def exact_words(self) -> str:
        """`Tuesday 24 November, 10:15 a.m.`, if a day and time were typed."""
        start = self.exact_start()
        return f"{day_words(start.date())}, {clock(start)}" if start else ""

    @property
    def at_home(self) -> bool:
        return self.typed("place") == HOME

    @property
    def query(self) -> QueryDict:
        """Everything typed, as it came."""
        return cast(QueryDict, self.data)
