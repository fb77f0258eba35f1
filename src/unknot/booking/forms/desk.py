"""What the desk types: a booking by telephone, a move, money received."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import QueryDict

from unknot.booking.domain.wording import clock, day_words
from unknot.booking.forms.wish import Wish, WishError, added_in, needs_in, slot_parts
from unknot.booking.queries import VisitFacts


class PayForm(forms.Form):
    """Money received by hand."""

    method = forms.CharField(max_length=20, error_messages={"required": "Choose how it was paid."})
    tip = forms.CharField(
        max_length=12,
        required=False,
        label="Tip in dollars",
        help_text="Apart from the visit: never taxed, never part of the receipt's total.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 8}),
    )

    def clean_tip(self) -> int:
        """The tip in cents."""
        typed = self.cleaned_data["tip"].strip().lstrip("$").replace(",", ".")
        try:
            cents = Decimal(typed or "0") * 100
            if cents != cents.to_integral_value() or not 0 <= cents <= 1_000_000:
                raise forms.ValidationError("Write the tip as dollars and cents, for example 15 or 12.50.")
        except InvalidOperation as error:
            raise forms.ValidationError("Write the tip as dollars and cents, for example 15 or 12.50.") from error
        return int(cents)


class ClientFields(forms.Form):
    """Somebody at the desk: found among those who are known, or new. With a prefix, one of several."""

    q = forms.CharField(
        max_length=80,
        required=False,
        label="Find a client",
        help_text="Part of the name, the e-mail address or the number.",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    name = forms.CharField(
        max_length=120, required=False, label="Name", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = forms.CharField(
        max_length=30,
        required=False,
        label="Phone",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        max_length=254, required=False, label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )

    def typed(self, name: str) -> str:
        """What was typed or chosen so far."""
        return str(self.data.get(self.add_prefix(name), ""))[:200].replace("\x00", "")

    @staticmethod
    def known_id(chosen: str) -> UUID | None:
        """The id in a choice of client, if it is one."""
        try:
            return UUID(chosen)
        except ValueError:
            return None

    def client_id(self) -> UUID | None:
        """The chosen client, or None for a new one. Raises WishError for something that is no client."""
        chosen = self.typed("client")
        if not self.is_valid():
            raise WishError("Some of what you typed needs another look.", field=self.add_prefix("name"))
        if chosen in ("", "new", "new-sure"):
            return None
        found = self.known_id(chosen)
        if found is None:
            raise WishError("Choose a client, or add a new one.", field=self.add_prefix("client"))
        return found


class DeskForm(ClientFields):
    """A booking by telephone: everything in one form, so that nothing typed is lost between searching and booking."""

    service = forms.CharField(max_length=80, required=False)
    therapist = forms.CharField(max_length=80, required=False)
    place = forms.CharField(max_length=80, required=False)
    date = forms.CharField(max_length=10, required=False)
    time = forms.CharField(max_length=5, required=False)
    street = forms.CharField(max_length=160, required=False, label="Street and number")
    postal_code = forms.CharField(max_length=12, required=False, label="Postal code")
    reason = forms.CharField(
        max_length=200,
        required=False,
        label="Set the rules aside, because",
        help_text="For a visit closer or further ahead than clients may book. Kept with the visit.",
    )

    def typed(self, name: str) -> str:
        """What was typed or chosen so far; a spot of the diary (`at`) fills in when and with whom."""
        value = super().typed(name)
        if value or "at" not in self.data:
            return value
        therapist, place, local_start = slot_parts(str(self.data["at"]).replace("\x00", ""))
        spot = {"therapist": therapist, "place": place, "date": local_start[:10], "time": local_start[11:16]}
        return {**spot, "slot": "exact" if local_start else ""}.get(name, "")

    def wish(self) -> Wish:
        """What is to be booked, from whatever was typed so far."""
        names = ("service", "therapist", "place", "street", "postal_code")
        typed: dict[str, Any] = {name: self.typed(name)[:160] for name in names}
        data = cast(QueryDict, self.data)
        return Wish(**typed, add=added_in(data), needs=needs_in(data))

    def slot(self) -> tuple[str, str, str]:
        """Therapist, place and local start of the chosen time. Raises WishError."""
        chosen = self.typed("slot")
        if chosen == "exact":
            return self.exact()
        parts = slot_parts(chosen)
        if not parts[2]:
            raise WishError("Choose a time. Everything you typed is still here.", field="slot")
        return parts

    def exact(self) -> tuple[str, str, str]:
        """Therapist, place and local start as typed by hand. Raises WishError."""
        day, time = self.typed("date"), self.typed("time")
        if not (day and time):
            raise WishError("Type the day and the time. Everything else is still here.", field="slot")
        return self.typed("therapist"), self.typed("place"), f"{day}T{time}"

    def exact_time(self) -> str:
        """`10:15`, as typed by hand."""
        return self.typed("time")

    def exact_words(self) -> str:
        """`Tuesday 24 November, 10:15 a.m.`, if a day and time were typed."""
        try:
            start = datetime.fromisoformat(self.exact()[2])
        except (WishError, ValueError):
            return ""
        return f"{day_words(start.date())}, {clock(start)}"


class MoveForm:
    """Where a visit shall go: by a free time (`to`), or by day, time and therapist; and how long it shall be."""

    def __init__(self, data: QueryDict, *, visit: VisitFacts) -> None:
        self._data, self._visit = data, visit

    def _typed(self, name: str, most: int = 200) -> str:
        return str(self._data.get(name, ""))[:most].replace("\x00", "").strip()

    def _to(self) -> tuple[str, str, str]:
        return slot_parts(self._typed("to"))

    def wanted(self) -> bool:
        """Whether a time is asked for at all."""
        return bool(self._to()[2] or (self._typed("time") and "look" not in self._data))

    def local_start(self) -> str:
        """`2026-11-24T10:00`, as asked for; not checked yet."""
        day = self._typed("date", 10) or self._visit.local_start[:10]
        return self._to()[2] or f"{day}T{self._typed('time', 5) or self._visit.local_start[11:16]}"

    def day(self) -> str:
        """The day to look at."""
        return self._to()[2][:10] or self._typed("date", 10)

    def time(self) -> str:
        """`10:15`, for the field."""
        return self.local_start()[11:16]

    def anyone(self) -> bool:
        """Whether any therapist will do."""
        return self._typed("therapist") == "anyone" and not self._to()[0]

    def therapist(self) -> str:
        """The wanted therapist's slug; empty for the one it is with."""
        named = self._to()[0] or self._typed("therapist", 80)
        return "" if named == "anyone" else named

    def shown_therapist(self) -> str:
        """The choice in the list."""
        return "anyone" if self.anyone() else self.therapist() or self._visit.therapist_slug

    def place(self) -> str:
        """The wanted place's slug; empty for where it is."""
        return self._to()[1]

    def minutes(self) -> int:
        """The wanted length in minutes, between 15 and 240; the visit's own if nothing sensible was typed."""
        typed = self._typed("minutes", 4)
        return int(typed) if typed.isascii() and typed.isdigit() and 15 <= int(typed) <= 240 else self._visit.minutes

    def reason(self) -> str:
        """Why a rule is set aside."""
        return self._typed("reason")

    def hidden(self) -> list[tuple[str, str]]:
        """What has to come back with the confirmation."""
        key = f"{self.therapist()}|{self.place()}|{self.local_start()}"
        return [("to", key), ("minutes", str(self.minutes())), ("reason", self.reason())]

    def query(self, *, to: str = "", minutes: int | None = None) -> str:
        """The same question with another time or length, for a link."""
        pairs = dict(self.hidden()) | {"back": self._typed("back", 2000), "reason": ""}  # words stay out of addresses
        pairs |= {"to": to} if to else {}
        pairs |= {"minutes": str(minutes)} if minutes else {}
        return urlencode({name: value for name, value in pairs.items() if value})
