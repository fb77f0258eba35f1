"""What an owner types about rooms, kit, the menu, limits and booking rules. Each form makes its setting."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django import forms

from unknot.booking.domain.wording import NEEDS, minutes_words
from unknot.booking.forms.wish import KINDS
from unknot.practice import queries as practices
from unknot.practice.actions import KitSetting, LimitsSetting, RoomSetting, RulesSetting, ServiceSetting

Group = tuple[str, str, list[str]]
"""Heading, a sentence below it, and names of fields that belong together."""
NEW_CLIENTS = [
    ("yes", "anybody, at once"),
    ("approval", "anybody; we look at a first visit and confirm it"),
    ("no", "only people we have treated before"),
]
NOTICES = (0, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 4320)


def whole(
    label: str, least: int, most: int, *, required: bool = True, hint: str = "", step: int = 1
) -> forms.IntegerField:
    """A field for a whole number between two others."""
    said = f"Type a whole number from {least} to {most}."
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        required=required,
        help_text=hint,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "step": step}),
        error_messages={"required": said, "invalid": said, "min_value": said, "max_value": said},
    )


def word(label: str, most: int, *, hint: str = "") -> forms.CharField:
    """A field for a name."""
    return forms.CharField(
        label=label,
        max_length=most,
        help_text=hint,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type a name.", "max_length": f"At most {most} letters."},
    )


def several(label: str, choices: Iterable[tuple[str, str]], *, hint: str = "") -> forms.MultipleChoiceField:
    """A field of which any number of choices can be taken."""
    return forms.MultipleChoiceField(
        label=label,
        choices=list(choices),
        required=False,
        help_text=hint,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from the list.", "invalid_list": "Choose from the list."},
    )


def one_of(
    label: str, choices: Iterable[tuple[str, str]], *, hint: str = "", radio: bool = False, required: bool = True
) -> forms.ChoiceField:
    """A field of which one choice is taken."""
    return forms.ChoiceField(
        label=label,
        choices=list(choices),
        required=required,
        help_text=hint,
        widget=forms.RadioSelect if radio else forms.Select,
        error_messages={"required": "Choose one.", "invalid_choice": "Choose from the list."},
    )


class OwnerForm(forms.Form):
    """A form in groups, that can say in words how its fields stand."""

    groups: Sequence[Group] = ()

    def parts(self) -> list[tuple[str, str, str, list[forms.BoundField]]]:
        """The groups for the page: heading, text, how they are laid out (beside or below one another), fields."""
        found = []
        for heading, text, names in self.groups:
            fields = [self[name] for name in names if name in self.fields]
            wide = any(field.use_fieldset for field in fields)
            found.append((heading, text, "stack" if wide else "fields-row level", fields))
        return found

    def stands(self) -> list[tuple[str, str]]:
        """Fields in which what was typed differs from what is stored: label, and the stored value in words."""
        return [(str(self[name].label), self._said(name)) for name in self.changed_data]

    def _said(self, name: str) -> str:
        field, value = self.fields[name], self.initial.get(name)
        if isinstance(field, forms.BooleanField):
            return "yes" if value else "no"
        labels = {str(key): str(label) for key, label in getattr(field, "choices", [])}
        values = value if isinstance(value, (list, tuple)) else [value]
        return ", ".join(labels.get(str(one), str(one)) for one in values if one not in (None, "")) or "nothing"


class RoomForm(OwnerForm):
    """A room. Its place can be chosen once."""

    name = word("Name", 60)
    capacity = whole("Tables", 1, 20, hint="So many visits at a time.")
    attributes = several("What it has", [(slug, NEEDS[slug]) for slug in practices.ATTRIBUTES])
    groups = [("", "", ["place", "name", "capacity", "attributes"])]

    def __init__(self, *args: Any, places: Sequence[practices.PlaceFacts], new: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if new:
            self.fields["place"] = one_of("Where", [(str(one.id), one.name) for one in places])
            self.initial.setdefault("place", str(places[0].id) if places else "")

    @staticmethod
    def initial_of(one: RoomSetting) -> dict[str, Any]:
        """How the fields stand for a room."""
        return {"name": one.name, "capacity": one.capacity, "attributes": list(one.attributes)}

    def setting(self, place_id: UUID | None, *, active: bool) -> RoomSetting:
        """What was typed, after `is_valid`."""
        typed = self.cleaned_data
        return RoomSetting(
            place_id or UUID(typed["place"]),
            typed["name"],
            typed["capacity"],
            tuple(sorted(typed["attributes"])),
            active,
        )


class KitForm(OwnerForm):
    """Kit of one kind: a number for each place, and what needs it."""

    name = word("Name", 60, hint="As in a sentence: set of hot stones.")
    carried = whole("Carried along", 0, 20, required=False, hint="Goes wherever the visit is, also to people's homes.")

    def __init__(
        self,
        *args: Any,
        places: Sequence[practices.PlaceFacts],
        menu: Sequence[practices.ServiceRow],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self._places = {f"at_{one.id}": one.id for one in places}
        for one in places:
            self.fields[f"at_{one.id}"] = whole(f"At {one.name}", 0, 20, required=False)
        self.fields["services"] = several("What needs it", [(str(one.id), one.setting.name) for one in menu])
        self.groups = [
            ("", "", ["name"]),
            ("How many there are", "", [*self._places, "carried"]),
            ("", "", ["services"]),
        ]

    @staticmethod
    def initial_of(one: KitSetting) -> dict[str, Any]:
        """How the fields stand for a kind."""
        counts = {"carried" if place is None else f"at_{place}": count for place, count in one.pieces}
        return {"name": one.name, "services": [str(service) for service in one.services], **counts}

    def setting(self) -> KitSetting:
        """What was typed, after `is_valid`."""
        typed = self.cleaned_data
        pieces: list[tuple[UUID | None, int]] = [(place, typed[name] or 0) for name, place in self._places.items()]
        pieces.append((None, typed["carried"] or 0))
        return KitSetting(
            typed["name"],
            tuple(sorted(((place, count) for place, count in pieces if count), key=str)),
            tuple(sorted(UUID(one) for one in typed["services"])),
        )


class ServiceForm(OwnerForm):
    """A line of the menu."""

    name = word("Name", 80, hint="With its length: Therapeutic massage, 60 minutes.")
    description = forms.CharField(
        label="What it is like",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "At most 1000 letters."},
    )
    minutes = whole("Minutes", 5, 240, step=5)
    price = forms.CharField(
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"required": "Type the price, for example 110 or 112.50."},
    )
    buffer_before = whole("Kept free before, minutes", 0, 120, step=5)
    buffer_after = whole("Kept free after, minutes", 0, 120, step=5)
    at_clinic = forms.BooleanField(label="At the clinic", required=False)
    at_home = forms.BooleanField(label="At people's homes", required=False)
    new_clients = one_of("Who may book it online", NEW_CLIENTS, radio=True)
    approval = forms.BooleanField(label="We look at each booking of it and confirm it", required=False)
    position = whole("Place on the menu", 0, 999, hint="Small numbers stand first.")

    def __init__(
        self,
        *args: Any,
        currency: str,
        addon: bool,
        menu: Sequence[practices.ServiceRow],
        team: Sequence[practices.TherapistFacts],
        kit: Mapping[str, KitSetting],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self._addon = addon
        self.fields["price"].label = f"Price in {currency}, before tax"
        self.fields["kind"] = one_of("Kind", _kinds(menu, addon=addon))
        skills = sorted({skill for one in team for skill in one.skills} | {one.setting.skill for one in menu} - {""})
        labels = [("", "none in particular"), *((one, practices.skill_label(one)) for one in skills if one)]
        hint = "Checked: only those with a checked course give it."
        self.fields["skill"] = one_of("Skill it asks for", labels, hint=hint, required=False)
        self.fields["kit"] = several("Kit it needs, one piece of each", [(kind, one.name) for kind, one in kit.items()])
        self.fields["therapists"] = several("Who gives it", [(str(one.id), one.name) for one in team])
        if addon:
            del self.fields["kind"]
        self.groups = [
            ("", "", ["name", "kind", "description"]),
            (
                "Time and price",
                "Visits that are booked keep what was agreed.",
                ["minutes", "price", "buffer_before", "buffer_after"],
            ),
            ("Where", "", ["at_clinic", "at_home"]),
            ("Who", "", ["therapists", "skill", "new_clients", "approval"]),
            ("Also", "", ["kit", "position"] if kit else ["position"]),
        ]

    @staticmethod
    def initial_of(one: ServiceSetting) -> dict[str, Any]:
        """How the fields stand for a line."""
        price = Decimal(one.price_minor) / 100
        plain = ("name", "kind", "description", "minutes", "buffer_before", "buffer_after", "at_clinic", "at_home")
        more = ("new_clients", "approval", "skill", "position")
        return {name: getattr(one, name) for name in (*plain, *more)} | {
            "price": f"{price:.2f}",
            "kit": list(one.kit),
            "therapists": [str(therapist) for therapist in one.therapists],
        }

    def clean_price(self) -> int:
        """The price in cents."""
        said = "Write the price as dollars and cents, for example 110 or 112.50."
        try:
            cents = Decimal(self.cleaned_data["price"].strip().lstrip("$").replace(",", ".")) * 100
            if not cents.is_finite() or cents != cents.to_integral_value() or not 0 <= cents <= 10_000_000:
                raise forms.ValidationError(said)
        except InvalidOperation as error:
            raise forms.ValidationError(said) from error
        return int(cents)

    def setting(self, *, kind: str, active: bool) -> ServiceSetting:
        """What was typed, after `is_valid`; an addition keeps its `kind`."""
        typed = self.cleaned_data
        return ServiceSetting(
            kind=kind if self._addon else typed["kind"],
            name=typed["name"],
            minutes=typed["minutes"],
            price_minor=typed["price"],
            description=typed["description"],
            buffer_before=typed["buffer_before"],
            buffer_after=typed["buffer_after"],
            at_clinic=typed["at_clinic"],
            at_home=typed["at_home"],
            addon=self._addon,
            kit=tuple(sorted(typed["kit"])),
            new_clients=typed["new_clients"],
            approval=typed["approval"],
            skill=typed["skill"],
            position=typed["position"],
            therapists=tuple(sorted(UUID(one) for one in typed["therapists"])),
            active=active,
        )


def _kinds(menu: Sequence[practices.ServiceRow], *, addon: bool) -> list[tuple[str, str]]:
    """Kinds of massage by name; what counts as deep pressure says so."""
    known = {slug: name for slug, (name, _) in KINDS.items()}
    for one in menu:
        if not one.setting.addon or addon:
            known.setdefault(one.setting.kind, one.setting.kind.replace("_", " ").capitalize())
    deep = "deep_tissue"
    return [(slug, f"{name} (counts as deep pressure)" if slug == deep else name) for slug, name in known.items()]


class RulesForm(OwnerForm):
    """When visits may start, and how early they have to be booked."""

    grid_minutes = one_of(
        "Visits start every",
        [(str(one), f"{one} minutes") for one in practices.GRIDS],
        hint="By the clock, whatever their length.",
    )
    horizon_days = whole("Days ahead that can be booked", 1, 366)
    hold_minutes = whole("Minutes a time is kept while somebody books", 2, 60)
    groups = [("", "", ["grid_minutes", "notice_minutes", "horizon_days", "hold_minutes"])]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        own = int(self.initial.get("notice_minutes") or 0)
        choices = [(str(one), _notice(one)) for one in sorted({*NOTICES, own})]
        self.fields["notice_minutes"] = one_of(
            "Clients book at least", choices, hint="The desk may book later, with a reason."
        )

    @staticmethod
    def initial_of(one: RulesSetting) -> dict[str, Any]:
        """How the fields stand."""
        return dict(one.__dict__)

    def setting(self) -> RulesSetting:
        """What was typed, after `is_valid`."""
        return RulesSetting(**{name: int(value) for name, value in self.cleaned_data.items()})


def _notice(minutes: int) -> str:
    return f"{minutes_words(minutes)} before" if minutes else "up to the start"


class LimitsForm(OwnerForm):
    """What each therapist takes on in a day at most."""

    FIELDS = (
        ("visits", "Visits", 30),
        ("minutes", "Hands-on minutes", 1440),
        ("deep_minutes", "Minutes of deep pressure", 1440),
    )

    def __init__(self, *args: Any, team: Mapping[UUID, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self._team = list(team)
        for key in team:
            for name, label, most in self.FIELDS:
                self.fields[f"{name}_{key}"] = whole(label, 0, most, required=False)
        self.groups = [(called, "", [f"{name}_{key}" for name, _, _ in self.FIELDS]) for key, called in team.items()]

    @staticmethod
    def initial_of(stored: Mapping[UUID, LimitsSetting]) -> dict[str, Any]:
        """How the fields stand."""
        return {f"{name}_{key}": value for key, one in stored.items() for name, value in one.__dict__.items()}

    def setting(self) -> dict[UUID, LimitsSetting]:
        """What was typed, after `is_valid`."""
        typed = self.cleaned_data
        return {key: LimitsSetting(*(typed[f"{name}_{key}"] for name, _, _ in self.FIELDS)) for key in self._team}
