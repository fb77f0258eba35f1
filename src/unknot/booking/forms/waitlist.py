"""What somebody waits for, as typed, as a clean value."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms

from unknot.booking.domain.waitlist import DAY, Wish
from unknot.booking.domain.wording import DAYS, PARTS
from unknot.booking.forms.wish import HOME

PART_CHOICES = [("", "Any time of day"), *((name, name.capitalize()) for name in PARTS)]


class WaitForm(forms.Form):
    """Days, time of day and with whom; what and where come from the way here."""

    first = forms.DateField(
        label="From",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "From which day on could you come?", "invalid": "Choose a day."},
    )
    last = forms.DateField(
        label="Until",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Until which day would you wait?", "invalid": "Choose a day."},
    )
    part = forms.ChoiceField(label="Time of day", choices=PART_CHOICES, required=False)
    weekdays = forms.MultipleChoiceField(
        label="Days of the week",
        help_text="None ticked means any.",
        choices=[(str(number), name) for number, name in enumerate(DAYS)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last and last < first:
            self.add_error("last", "The last day is before the first.")
        return found

    def wish(self, *, service: str, therapist: str, place: str) -> Wish:
        """The wish as a value. Raises WaitlistWishError."""
        asked = self.cleaned_data
        since, until = PARTS.get(asked["part"], (0, 24))
        return Wish(
            service=service,
            first=asked["first"],
            last=asked["last"],
            therapist=therapist or None,
            place=place or None,
            weekdays=tuple(sorted(int(one) for one in asked["weekdays"])),
            opens=since * 60,
            closes=min(until * 60, DAY),
        )


def start_of_wait(query: Mapping[str, str], today: date) -> dict[str, Any]:
    """What the form says at first: the week looked at, or the coming two weeks."""
    try:
        first = max(date.fromisoformat(query.get("from", "")[:10]), today)
    except ValueError:
        first = today
    part = query.get("part", "")
    return {"first": first, "last": first + timedelta(days=13), "part": part if part in PARTS else ""}


__all__ = ["HOME", "WaitForm", "start_of_wait"]
