"""What people type and choose on the way to a visit, as clean values."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from django import forms
from django.http import QueryDict

from unknot.booking.domain.parts import MOST_ADDED
from unknot.booking.domain.wording import NEEDS
from unknot.booking.queries import check_there
from unknot.kernel.errors import InvalidError
from unknot.practice.queries import PlaceFacts, ServiceFacts, TherapistFacts
from unknot.travel.queries import Located, locate

HOME = "home"
SOMEONE_NEW = "new"
"""For whom: somebody the person looks after, without a record here yet."""
LEANS = {
    "therapeutic": "therapeutic massage",
    "deep": "deep tissue massage",
    "combine": "a mix of both, which your therapist decides with you",
    "lighter_only": "lighter work",
    "undecided": "no style in particular",
}
"""What the guide's lean says here: a hint beside the menu, never a limit."""
KINDS = {
    "therapeutic": ("Therapeutic massage", "Aimed at what bothers you: lighter and firmer work in one visit."),
    "deep_tissue": ("Deep tissue massage", "Slow, firm work on long-held tightness. It need not hurt."),
    "relaxation": ("Relaxation massage", "Calm, flowing pressure from head to foot."),
    "pregnancy": ("Massage in pregnancy", "Side-lying and well supported."),
    "lymphatic": ("Lymphatic massage", "Very light and slow."),
    "sports": ("Sports massage", "Around training and competition."),
}


class WishError(InvalidError):
    """Please choose a massage from the list. Everything else you chose is still here."""

    code = "wish"


class NoHomeVisitError(InvalidError):
    """This massage is given at the clinic only. Choose another length or kind, or come to us."""

    code = "no-home-visit"


@dataclass(frozen=True)
class Wish:
    """What a person wants to book. Kept in the session, because an address has no place in a link."""

    service: str = ""
    therapist: str = ""
    place: str = ""
    street: str = ""
    postal_code: str = ""
    lat: str = ""
    lon: str = ""
    needs: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    whom: str = ""

    @property
    def at_home(self) -> bool:
        return self.place == HOME

    @property
    def home_address(self) -> str:
        """One line, as the therapist reads it."""
        return ", ".join(part for part in (self.street.strip(), self.postal_code.strip().upper()) if part)

    def located(self) -> Located:
        """Where the home is. Raises UnknownAreaError, PlaceError."""
        return locate(self.postal_code, lat=_degrees(self.lat), lon=_degrees(self.lon))

    def stored(self) -> dict[str, Any]:
        """For the session."""
        return {**asdict(self), "needs": list(self.needs), "add": list(self.add)}

    @classmethod
    def restored(cls, row: Mapping[str, Any] | None) -> "Wish":
        """Out of the session."""
        known = {key: value for key, value in (row or {}).items() if key in cls.__dataclass_fields__}
        return cls(**{**known, "needs": tuple(known.get("needs", ())), "add": tuple(known.get("add", ()))})

    def asked(self, query: QueryDict) -> "Wish":
        """The same with what a link names: service and what is added to it, therapist, place."""

        def named(key: str, before: str) -> str:
            return _clean(str(query[key])) if key in query else before

        return replace(
            self,
            service=named("service", self.service),
            therapist=named("therapist", self.therapist),
            place=named("place", self.place),
            add=added_in(query) if "service" in query else self.add,
        )


def added_in(data: QueryDict) -> tuple[str, ...]:
    """The additions that a form or a link names."""
    return tuple(dict.fromkeys(_clean(one) for one in data.getlist("add")[:MOST_ADDED] if one))


def needs_in(data: QueryDict) -> tuple[str, ...]:
    """What a form says that the client needs to get in and be at ease."""
    told = data.getlist("needs")
    return tuple(one for one in NEEDS if one in told)


def _clean(typed: str) -> str:
    return typed[:80].replace("\x00", "")


def _degrees(typed: str) -> float | None:
    try:
        return float(typed.replace(",", ".")) if typed.strip() else None
    except ValueError:
        return None


class ChooseForm(forms.Form):
    """What, who, where."""

    service = forms.CharField(max_length=80, error_messages={"required": "Choose a massage and its length."})
    therapist = forms.CharField(max_length=80, required=False)
    place = forms.CharField(max_length=80, required=False)
    whom = forms.CharField(max_length=36, required=False)
    street = forms.CharField(
        max_length=160,
        required=False,
        label="Street and number",
        help_text="With the unit or the buzzer code, as the therapist needs it at your door.",
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postal_code = forms.CharField(
        max_length=12,
        required=False,
        label="Postal code",
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "autocapitalize": "characters", "size": 9}),
    )
    lat = forms.CharField(
        max_length=20,
        required=False,
        label="Latitude",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 12}),
    )
    lon = forms.CharField(
        max_length=20,
        required=False,
        label="Longitude",
        widget=forms.TextInput(attrs={"inputmode": "text", "size": 12}),
    )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("place") == HOME:
            if not found.get("street", "").strip():
                self.add_error("street", "Where shall the therapist come to?")
            try:
                self.wish().located()
            except InvalidError as error:
                self.add_error("postal_code", error.message)
        return found

    def wish(self) -> Wish:
        """The choice as a value."""
        data = cast(QueryDict, self.data)
        chosen = {key: self.cleaned_data.get(key, "") for key in Wish.__dataclass_fields__ if key in self.fields}
        return Wish(**chosen, needs=needs_in(data), add=added_in(data))


class NameForm(forms.Form):
    """Who is coming. The name goes on receipts."""

    name = forms.CharField(
        max_length=120,
        label="Your full name",
        help_text="As it should stand on receipts.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Tell us your name, as it should stand on receipts."},
    )
    phone = forms.CharField(
        max_length=30,
        label="Your phone number",
        help_text="For the day itself, if something comes up.",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"required": "A number where we reach you on the day."},
    )


@dataclass(frozen=True)
class Length:
    """One length of a kind of massage, with what it costs at the clinic and at home."""

    value: str
    minutes: int
    clinic: ServiceFacts | None
    home: ServiceFacts | None

    @property
    def asks_first(self) -> str:
        """Who may not simply book it, in words."""
        return next((one.asks_first for one in (self.clinic, self.home) if one and one.asks_first), "")


@dataclass(frozen=True)
class Kind:
    """A kind of massage and its lengths."""

    slug: str
    name: str
    text: str
    lengths: list[Length]


def slot_parts(typed: str) -> tuple[str, str, str]:
    """Therapist, place and local start of a slot's key ("therapist|place|2026-11-24T09:00"); empty where missing."""
    parts = [*typed[:200].split("|"), "", "", ""]
    return parts[0], parts[1], parts[2]


def menu(services: Iterable[ServiceFacts]) -> list[Kind]:
    """The practice's menu by kind and length; a length given at the clinic and at home is one choice."""
    kinds: dict[str, dict[int, list[ServiceFacts]]] = {}
    for one in services:
        kinds.setdefault(one.kind, {}).setdefault(one.minutes, []).append(one)
    found = []
    for slug, lengths in kinds.items():
        name, text = KINDS.get(slug, (slug.replace("_", " ").capitalize(), ""))
        found.append(Kind(slug, name, text, [_length(minutes, rows) for minutes, rows in sorted(lengths.items())]))
    return found


def _length(minutes: int, rows: list[ServiceFacts]) -> Length:
    clinic = next((one for one in rows if one.at_clinic), None)
    home = next((one for one in rows if one.at_home), None)
    return Length((clinic or home or rows[0]).slug, minutes, clinic, home)


def service_for(wish: Wish, services: Iterable[ServiceFacts]) -> ServiceFacts:
    """The service meant: the chosen kind and length at the chosen place. Raises WishError, NoHomeVisitError."""
    known = list(services)
    chosen = next((one for one in known if one.slug == wish.service), None)
    if chosen is None:
        raise WishError(field="service")
    same = [one for one in known if (one.kind, one.minutes) == (chosen.kind, chosen.minutes)]
    fits = [one for one in [chosen, *same] if (one.at_home if wish.at_home else one.at_clinic)]
    if not fits:
        if wish.at_home:
            raise NoHomeVisitError(field="service")
        raise WishError("This massage is given at your home only. Tell us your address.", field="service")
    return fits[0]


def extras_for(wish: Wish, addons: Iterable[ServiceFacts]) -> tuple[ServiceFacts, ...]:
    """What is added to the massage; what the practice does not offer is left out. Raises NotThereError."""
    extras = tuple(one for one in addons if one.slug in wish.add)
    check_there(extras, at_home=wish.at_home)
    return extras


def therapists_for(parts: Iterable[ServiceFacts], team: Iterable[TherapistFacts]) -> list[TherapistFacts]:
    """Those who give all parts of a visit."""
    wanted = list(parts)
    return [one for one in team if one.gives(*wanted)]


def places_for(wish: Wish, places: Iterable[PlaceFacts]) -> list[PlaceFacts]:
    """Clinic places that can be entered as this person needs."""
    return [one for one in places if "step_free" not in wish.needs or "step_free" in one.access]
