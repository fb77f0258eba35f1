"""What several people want at once, and who they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django import forms

from unknot.booking.actions import GroupPeopleError, Person
from unknot.booking.domain.groups import FEWEST, MOST
from unknot.booking.forms.wish import HOME, Wish, WishError, service_for
from unknot.booking.queries import Seat
from unknot.kernel.actors import Actor
from unknot.kernel.errors import InvalidError
from unknot.practice.queries import ServiceFacts

ME, OTHER = "me", "other"


@dataclass(frozen=True)
class GroupWish:
    """What each of two to four people wants, and where. It travels in addresses: nobody is named in it."""

    people: int = FEWEST
    services: tuple[str, ...] = ("", "")
    therapists: tuple[str, ...] = ("", "")
    place: str = ""

    @classmethod
    def asked(cls, query: Mapping[str, str]) -> "GroupWish":
        """Out of a form or an address; anything odd becomes the usual."""
        typed = query.get("people", "")
        people = int(typed) if typed.isascii() and typed.isdigit() and FEWEST <= int(typed[:3]) <= MOST else FEWEST

        def named(letter: str) -> tuple[str, ...]:
            return tuple(query.get(f"{letter}{number}", "")[:80].replace("\x00", "") for number in range(1, people + 1))

        return cls(people, named("s"), named("t"), query.get("place", "")[:80].replace("\x00", ""))

    def fields(self) -> list[tuple[str, str]]:
        """Names and values for hidden fields and addresses."""
        found = [("people", str(self.people)), ("place", self.place)]
        found += [(f"s{number}", one) for number, one in enumerate(self.services, 1)]
        return found + [(f"t{number}", one) for number, one in enumerate(self.therapists, 1)]

    def query(self, **more: str) -> str:
        """For an address."""
        return urlencode([one for one in [*self.fields(), *more.items()] if one[1]])

    def seats(self, services: list[ServiceFacts]) -> list[Seat]:
        """A seat for each. Raises WishError for somebody without a massage of the menu, NoHomeVisitError."""
        known = {one.slug for one in services}
        for number, slug in enumerate(self.services, 1):
            if slug not in known:
                raise WishError("Choose a massage for each of you.", field=f"s{number}")
        there = [service_for(Wish(service=slug, place=self.place), services).slug for slug in self.services]
        return [Seat(*one) for one in zip(there, (one or None for one in self.therapists), strict=True)]

    @property
    def at_home(self) -> bool:
        return self.place == HOME


class HomeForm(forms.Form):
    """Where all of them are. Kept in the session, because an address has no place in a link."""

    street = forms.CharField(
        max_length=160,
        label="Street and number",
        help_text="With the unit or the buzzer code, as the therapists need it at your door.",
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        error_messages={"required": "Where shall the therapists come to?"},
    )
    postal_code = forms.CharField(
        max_length=12,
        label="Postal code",
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "autocapitalize": "characters", "size": 9}),
        error_messages={"required": "We need the postal code, to know the drive."},
    )

    def clean_postal_code(self) -> str:
        """Raises what `Wish.located` raises, beside the field."""
        typed = str(self.cleaned_data["postal_code"])
        try:
            Wish(postal_code=typed).located()
        except InvalidError as error:
            raise forms.ValidationError(error.message) from error
        return typed


class PersonForm(forms.Form):
    """Who takes one seat: the person themselves, somebody they look after, or somebody who answers for themselves."""

    who = forms.ChoiceField(label="Who?", error_messages={"required": "Say who comes."})
    called = forms.CharField(
        max_length=60,
        required=False,
        label="Their first name",
        help_text="Only if they answer for themselves. The others see it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        max_length=254,
        required=False,
        label="Their e-mail address",
        help_text="We send them a link, so that they answer for themselves.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "This is not an e-mail address yet. It needs an @ and a domain."},
    )

    def __init__(self, data: Mapping[str, str] | None, *, number: int, actor: Actor) -> None:
        usual = ME if number == 1 else OTHER
        super().__init__(data, prefix=f"p{number}", initial={"who": usual})
        self.number, self.actor = number, actor
        known = [(str(client_id), name) for client_id, name in actor.dependants.items()]
        self.fields["who"].choices = [(ME, "Me"), *known, (OTHER, "Somebody else, by e-mail")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        found = super().clean() or {}
        if found.get("who") == OTHER:
            for name, words in (("called", "What is their first name?"), ("email", "Where do we write to them?")):
                if not found.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return found

    def person(self) -> Person:
        """Who comes, once the form is valid. Raises GroupPeopleError."""
        who = self.cleaned_data["who"]
        if who == OTHER:
            return Person(called=self.cleaned_data["called"], email=self.cleaned_data["email"])
        if who == ME:
            if self.actor.client_id is None:
                raise GroupPeopleError(field="people")
            return Person(self.actor.client_id)
        return Person(UUID(who))
