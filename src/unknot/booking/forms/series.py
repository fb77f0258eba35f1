"""A series as typed: the rule, what and where, and what was chosen for single dates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from unknot.booking.domain.series import SeriesRule
from unknot.booking.forms.wish import HOME, ChooseForm, Wish, slot_parts
from unknot.booking.queries import Chosen
from unknot.kernel.errors import InvalidError

LEAVE_OUT = "skip"
UNITS = [("weeks", "weeks"), ("days", "days")]


class SeriesForm(ChooseForm):
    """What, with whom, where, from when, how often, how long."""

    date = forms.DateField(
        label="First day",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "On which day shall it begin?", "invalid": "Choose a day."},
    )
    time = forms.TimeField(
        label="At",
        widget=forms.TimeInput(attrs={"type": "time", "step": "300"}, format="%H:%M"),
        error_messages={"required": "At what time?", "invalid": "Write the time as 14:30."},
    )
    every = forms.IntegerField(
        label="Every",
        widget=forms.NumberInput(attrs={"min": "1", "max": "371", "inputmode": "numeric"}),
        error_messages={"required": "Every how many days or weeks?", "invalid": "A whole number."},
    )
    unit = forms.ChoiceField(label="Days or weeks", choices=UNITS)
    count = forms.IntegerField(
        label="How many visits",
        required=False,
        widget=forms.NumberInput(attrs={"min": "1", "max": "52", "inputmode": "numeric"}),
        error_messages={"invalid": "A whole number."},
    )
    until = forms.DateField(
        label="Or until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Choose a day."},
    )
    made: SeriesRule | None = None

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if self.errors:
            return found
        count, until = found.get("count"), found.get("until")
        if count is None and until is None:
            self.add_error("count", "Say how many visits, or until when.")
            return found
        try:
            first = datetime.combine(found["date"], found["time"].replace(second=0, microsecond=0))
            self.made = SeriesRule(first, found["every"], found["unit"], None if until else count, until)
        except InvalidError as error:
            self.add_error(error.field if error.field in self.fields else None, error.message)
        return found

    def rule(self) -> SeriesRule:
        """The rule of a valid form."""
        assert self.made is not None  # noqa: S101 - `clean` made it
        return self.made

    def query(self) -> str:
        """A valid form as a link's query, without what has no place in one: the address and the needs."""
        wish, rule = self.wish(), self.rule()
        named = {
            "service": wish.service,
            "add": wish.add,
            "therapist": wish.therapist,
            "place": wish.place,
            "date": f"{rule.first:%Y-%m-%d}",
            "time": f"{rule.first:%H:%M}",
            "every": rule.every,
            "unit": rule.unit,
            "count": rule.count or "",
            "until": rule.until or "",
        }
        return urlencode({key: value for key, value in named.items() if value}, doseq=True)


def with_kept(query: QueryDict, wish: Wish) -> QueryDict:
    """A link's query and, from what this browser keeps, what has no place in a link."""
    made = query.copy()
    made.setlist("needs", list(wish.needs))
    if made.get("place") == HOME:
        for name in ("street", "postal_code", "lat", "lon"):
            made[name] = getattr(wish, name)
    return made


def picks(posted: Mapping[str, str]) -> dict[int, Chosen | None]:
    """What was chosen for single dates: fields `pick-3` with a slot's key, or LEAVE_OUT."""
    found: dict[int, Chosen | None] = {}
    for name, value in posted.items():
        number = name.removeprefix("pick-")
        if name == number or not number.isdecimal() or len(number) > 3 or not value:
            continue
        therapist, place, local_start = slot_parts(value)
        found[int(number)] = None if value == LEAVE_OUT else Chosen(local_start, therapist or None, place or None)
    return found
