"""HTML input of the room as clean values."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.dateparse import parse_datetime

from unknot.treatment import domain

LONG = 8000
LINES = 30
SCALE = [("", "Not rated"), *((str(n), str(n)) for n in range(11))]
TENSION = [
    ("not_tested", "not tested"),
    ("soft", "soft"),
    ("slight", "slight"),
    ("moderate", "moderate"),
    ("marked", "marked"),
]
RANGE = [
    ("not_tested", "not tested"),
    ("full", "full"),
    ("limited", "limited"),
    ("painful", "painful"),
    ("limited_and_painful", "limited and painful"),
]
SIDE = [("left", "left"), ("right", "right"), ("bilateral", "both sides"), ("midline", "middle")]
REGION = [("", "Choose an area"), *((slug, region.name) for slug, region in domain.REGIONS.items())]
LEVEL = [("", "none"), *((str(one.level), f"{one.level}, {one.name}") for one in domain.WALTON)]
BRUISE = [("none", "No bruise"), ("small", "A small one"), ("larger_than_palm", "Larger than my palm")]
YES_NO = [("no", "No"), ("yes", "Yes"), ("not_sure", "Not sure")]
MORE_FINDINGS = 2
MOTIONS = 3
"""Rows of degrees for each area; a note never has more."""
MOVEMENT = [("", "Choose a movement"), *domain.MOVEMENTS.items()]
WAY = [("active", "active"), ("passive", "passive")]


def long_text(label: str, hint: str = "", rows: int = 4) -> forms.CharField:
    """An optional text of several lines."""
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=hint, required=False, max_length=LONG, widget=area)


def device_time(text: str) -> datetime | None:
    """A device's clock as it was sent, None if it can't be read: it is kept for the record and never trusted."""
    try:
        found = parse_datetime(text[:40])
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None


class StartForm(forms.Form):
    """Before the session: the client's rating now."""

    pain = forms.TypedChoiceField(choices=SCALE, coerce=int, empty_value=None, required=False, label="Pain now")


class EndForm(forms.Form):
    """The end of a session."""

    ended_by = forms.ChoiceField(
        choices=[("plan", "As planned"), ("client", "The client ended it"), ("therapist", "I ended it")],
        label="How did it end?",
    )
    pain = forms.TypedChoiceField(choices=SCALE, coerce=int, empty_value=None, required=False, label="Pain now")
    words = forms.CharField(required=False, max_length=1000, label="Why, in a few words")


class EndByClientForm(forms.Form):
    """The client ends the session from their phone; no reason is needed."""

    WHY = [
        ("", "I would rather not say"),
        ("It hurts", "It hurts"),
        ("I feel unwell", "I feel unwell"),
        ("It is enough for today", "It is enough for today"),
    ]
    why = forms.ChoiceField(choices=WHY, required=False)
    words = forms.CharField(required=False, max_length=500)

    def reason(self) -> str:
        """The valid reason in one line, or empty."""
        found = self.cleaned_data
        return ", ".join(text for text in (found["why"], " ".join(found["words"].split())) if text)


class AmendForm(forms.Form):
    """An addition to a signed note."""

    reason = forms.CharField(max_length=500, label="Why the note needs this")
    text = forms.CharField(
        max_length=LONG, label="What is added or corrected", widget=forms.Textarea(attrs={"rows": 5})
    )


class TemplateForm(forms.Form):
    """A note template: a name, and a text for any of the note's fields."""

    version = forms.IntegerField(min_value=0, max_value=30_000, widget=forms.HiddenInput)
    name = forms.CharField(max_length=60, label="Name of the template")

    def __init__(self, *args: Any, words: domain.TemplateWords | None = None, version: int = 0, **kwargs: Any) -> None:
        start = domain.template_as_data(words) if words else {}
        kwargs["initial"] = start | {"version": version}
        super().__init__(*args, **kwargs)
        for name in domain.TEMPLATE_FIELDS:
            field = NoteForm.base_fields[name]
            self.fields[name] = forms.CharField(
                label=field.label,
                required=False,
                max_length=domain.MOST_TEXT,
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    def clean(self) -> dict[str, Any]:
        """A template without any text is a slip."""
        found = super().clean() or self.cleaned_data
        if not self.errors and not any(found.get(name) for name in domain.TEMPLATE_FIELDS):
            self.add_error("assessment", "Write a text into at least one field.")
        return found

    def template(self) -> domain.TemplateWords:
        """The template that was typed."""
        found = self.cleaned_data
        return domain.TemplateWords(**{name: found[name] for name in ("name", *domain.TEMPLATE_FIELDS)})


class CheckInForm(forms.Form):
    """A client's answers after a visit; weekly ones ask for pain only."""

    soreness = forms.TypedChoiceField(choices=SCALE, coerce=int, empty_value=None, required=False)
    pain = forms.TypedChoiceField(choices=SCALE, coerce=int, empty_value=None, required=False)
    bruise = forms.ChoiceField(choices=BRUISE, required=False)
    bruise_spreading = forms.BooleanField(required=False)
    function_loss = forms.BooleanField(required=False)
    new_symptoms = forms.MultipleChoiceField(choices=list(domain.SYMPTOMS.items()), required=False)
    words = forms.CharField(required=False, max_length=2000)

    def clean(self) -> dict[str, Any]:
        """At least one rating or symptom: an empty form is a slip."""
        found = super().clean() or self.cleaned_data
        rated = found.get("soreness") is not None or found.get("pain") is not None
        if not rated and not found.get("new_symptoms") and not self.errors:
            self.add_error("pain", "Please choose a number, 0 if there is none.")
        return found

    def answers(self) -> domain.CheckInAnswers:
        """The valid answers; the hours are set by the action."""
        found = self.cleaned_data
        return domain.CheckInAnswers(
            hours_after=0,
            soreness=found["soreness"],
            pain=found["pain"],
            bruise=found["bruise"] or "none",
            bruise_spreading=found["bruise_spreading"],
            function_loss=found["function_loss"],
            new_symptoms=frozenset(found["new_symptoms"]),
        )


class FlagForm(forms.Form):
    """The warning-sign questions, each to be answered."""

    def __init__(self, *args: Any, asked: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in asked:
            self.fields[name] = forms.ChoiceField(choices=YES_NO, label=domain.FLAG_QUESTIONS[name])

    def answers(self) -> domain.CheckInAnswers:
        """Only the warning signs; the action adds them to what was answered."""
        return domain.CheckInAnswers(hours_after=0, red_flags=dict(self.cleaned_data))


class NoteForm(forms.Form):
    """The note over the facts of `base`: its goals, precautions and parts stay, everything else may be changed."""

    version = forms.IntegerField(min_value=0, max_value=1_000_000, widget=forms.HiddenInput)
    editor = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    words = long_text("What the client says", "In their words: how they came in, what bothers them today.")
    changes = long_text("What changed since last time", rows=2)
    pain = forms.TypedChoiceField(
        choices=SCALE, coerce=int, empty_value=None, required=False, label="Pain at the start"
    )
    objective = long_text("What you found and did", "Posture, movement, what the tissue felt like.")
    assessment = long_text("Your assessment", "Needed to sign.")
    response = long_text("How the client responded", "The client can read this.", rows=2)
    adverse_events = long_text("Anything that went wrong", "One per line.", rows=2)
    plan = long_text("What comes next", "For you and your colleagues.", rows=3)
    home_care = long_text("Home care", "One per line. The client can read this.", rows=3)
    next_visit = long_text("Next visit", "The client can read this.", rows=2)
    referrals = long_text("Referrals", "One per line. The client can read this.", rows=2)

    def __init__(self, *args: Any, base: domain.SoapNote, version: int, **kwargs: Any) -> None:
        self.base = base
        kwargs.setdefault("initial", note_initial(base) | {"version": version, "editor": str(uuid4())})
        super().__init__(*args, **kwargs)
        for i in range(len(base.objective.findings) + MORE_FINDINGS):
            self._add_finding(f"f{i}")
        for part in base.objective.done:
            self.fields[f"d_{part.key}_minutes"] = forms.IntegerField(min_value=0, max_value=180, label="Minutes")
            self.fields[f"d_{part.key}_walton"] = choice(LEVEL, "Highest level", coerce=int)

    def _add_finding(self, name: str) -> None:
        self.fields[f"{name}_region"] = forms.ChoiceField(choices=REGION, required=False, label="Area")
        self.fields[f"{name}_laterality"] = forms.ChoiceField(choices=SIDE, required=False, label="Side")
        self.fields[f"{name}_tension"] = forms.ChoiceField(choices=TENSION, required=False, label="Tension")
        self.fields[f"{name}_tenderness"] = choice(SCALE, "Tender before", coerce=int)
        self.fields[f"{name}_tenderness_after"] = choice(SCALE, "Tender after", coerce=int)
        self.fields[f"{name}_range"] = forms.ChoiceField(choices=RANGE, required=False, label="Movement before")
        self.fields[f"{name}_range_after"] = forms.ChoiceField(choices=RANGE, required=False, label="Movement after")
        for j in range(MOTIONS):
            motion = f"{name}_m{j}"
            self.fields[f"{motion}_movement"] = forms.ChoiceField(choices=MOVEMENT, required=False, label="Movement")
            self.fields[f"{motion}_way"] = forms.ChoiceField(choices=WAY, required=False, label="Done by")
            self.fields[f"{motion}_before"] = degrees("Degrees before")
            self.fields[f"{motion}_after"] = degrees("Degrees after")
        self.fields[f"{name}_text"] = forms.CharField(required=False, max_length=500, label="In words")

    def as_planned(self, plan: domain.Plan) -> "NoteForm":
        """The same form with every part as long as the plan had it."""
        typed = self.data.copy()  # type: ignore[attr-defined]
        for part in plan.segments:
            typed.setlist(f"d_{part.key}_minutes", [str(part.minutes)])
        return NoteForm(typed, base=self.base, version=self.initial["version"])

    def with_template(self, template: domain.TemplateWords) -> "NoteForm":
        """The same form with the template's texts in the fields that are still empty."""
        typed = self.data.copy()  # type: ignore[attr-defined]
        for name, text in domain.filled_in(template, {name: typed.get(name, "") for name in typed}).items():
            typed[name] = text
        return NoteForm(typed, base=self.base, version=self.initial["version"])

    def finding_rows(self) -> list[dict[str, Any]]:
        """The fields of each finding, for the page: the known ones, then empty ones to fill."""
        known = len(self.base.objective.findings)
        names = ("region", "laterality", "tension", "tenderness", "tenderness_after", "range", "range_after", "text")
        rows = []
        for i in range(known + MORE_FINDINGS):
            title = domain.REGIONS[self.base.objective.findings[i].region].name if i < known else ""
            motions = [
                {name: self[f"f{i}_m{j}_{name}"] for name in ("movement", "way", "before", "after")}
                for j in range(MOTIONS)
            ]
            typed = ("movement", "before", "after")
            measured = any(motion[name].value() not in (None, "") for motion in motions for name in typed)
            row = {"title": title, "extra": i >= known, "motions": motions, "measured": measured}
            rows.append(row | {name: self[f"f{i}_{name}"] for name in names})
        return rows

    def done_rows(self) -> list[dict[str, Any]]:
        """The parts with their two fields, for the page."""
        return [
            {
                "part": part,
                "title": part_title(part),
                "minutes": self[f"d_{part.key}_minutes"],
                "walton": self[f"d_{part.key}_walton"],
            }
            for part in self.base.objective.done
        ]

    def note(self) -> domain.SoapNote:
        """The note that was typed."""
        found = self.cleaned_data
        return domain.rewritten(
            self.base,
            subjective={"words": found["words"], "changes": found["changes"], "pain": found["pain"]},
            objective_text=found["objective"],
            findings=self._findings(),
            done={
                part.key: (found[f"d_{part.key}_minutes"], found[f"d_{part.key}_walton"])
                for part in self.base.objective.done
            },
            assessment={
                "text": found["assessment"],
                "response": found["response"],
                "adverse_events": lines(found["adverse_events"]),
            },
            plan={
                "text": found["plan"],
                "home_care": lines(found["home_care"]),
                "next_visit": found["next_visit"],
                "referrals": lines(found["referrals"]),
            },
        )

    def _findings(self) -> tuple[domain.RegionFinding, ...]:
        found = self.cleaned_data
        rows = []
        for i in range(len(self.base.objective.findings) + MORE_FINDINGS):
            region = found[f"f{i}_region"]
            if not region:
                continue
            side = found[f"f{i}_laterality"] or "bilateral"
            rows.append(
                domain.RegionFinding(
                    region=region,
                    laterality=side if domain.REGIONS[region].sided else "midline",
                    tension=found[f"f{i}_tension"] or "not_tested",
                    tenderness=found[f"f{i}_tenderness"],
                    range=found[f"f{i}_range"] or "not_tested",
                    tenderness_after=found[f"f{i}_tenderness_after"],
                    range_after=found[f"f{i}_range_after"] or "not_tested",
                    text=found[f"f{i}_text"],
                    motions=self._motions(f"f{i}"),
                )
            )
        return tuple(rows)

    def _motions(self, name: str) -> tuple[domain.Motion, ...]:
        found = self.cleaned_data
        return tuple(
            domain.Motion(
                movement=found[f"{name}_m{j}_movement"],
                way=found[f"{name}_m{j}_way"] or "active",
                before=found[f"{name}_m{j}_before"],
                after=found[f"{name}_m{j}_after"],
            )
            for j in range(MOTIONS)
            if found[f"{name}_m{j}_movement"]
        )

    def clean(self) -> dict[str, Any]:
        """Degrees without their movement are a slip: said, and kept as typed."""
        found = super().clean() or self.cleaned_data
        for name in [name for name in self.fields if name.endswith("_movement")]:
            stem = name.removesuffix("movement")
            measured = found.get(f"{stem}before") is not None or found.get(f"{stem}after") is not None
            if measured and not found.get(name) and name not in self.errors:
                self.add_error(name, "Choose the movement that was measured.")
        return found


def part_title(part: domain.SegmentDone) -> str:
    """`Focus: low back`."""
    phase = domain.PHASES[part.phase].name
    return f"{phase}: {domain.REGIONS[part.region].name}" if part.region else phase


def degrees(label: str) -> forms.IntegerField:
    """An optional number of degrees."""
    return forms.IntegerField(min_value=0, max_value=domain.MOST_DEGREES, required=False, label=label)


def choice(choices: list[tuple[str, str]], label: str, *, coerce: Any) -> forms.TypedChoiceField:
    """An optional choice whose empty value is None."""
    return forms.TypedChoiceField(choices=choices, coerce=coerce, empty_value=None, required=False, label=label)


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text, without empty ones."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())[:LINES]


def note_initial(note: domain.SoapNote) -> dict[str, Any]:
    """The form's values for a note."""
    found: dict[str, Any] = {
        "words": note.subjective.words,
        "changes": note.subjective.changes,
        "pain": note.subjective.pain,
        "objective": note.objective.text,
        "assessment": note.assessment.text,
        "response": note.assessment.response,
        "adverse_events": "\n".join(note.assessment.adverse_events),
        "plan": note.plan.text,
        "home_care": "\n".join(note.plan.home_care),
        "next_visit": note.plan.next_visit,
        "referrals": "\n".join(note.plan.referrals),
    }
    for i, row in enumerate(note.objective.findings):
        for name in row.__dataclass_fields__:
            found[f"f{i}_{name}"] = getattr(row, name)
        for j, motion in enumerate(row.motions):
            for name in motion.__dataclass_fields__:
                found[f"f{i}_m{j}_{name}"] = getattr(motion, name)
    for part in note.objective.done:
        found[f"d_{part.key}_minutes"] = part.minutes
        found[f"d_{part.key}_walton"] = part.walton
    return found
