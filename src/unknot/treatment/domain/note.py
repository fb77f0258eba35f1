"""The treatment note: four parts (subjective, objective, assessment, plan), what was done, and how it is locked.

A draft may change; a signed note never does. What comes later is an amendment with author, time and reason, chained
to what was signed. Source: clinical reference 8.5 (chart content, corrections that keep the original).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from statistics import median
from typing import Any

from unknot.kernel.errors import ConflictError, InvalidError

from .allocation import REGIONS
from .comfort import ComfortState
from .motion import Motion
from .plan import Plan

NOTE_FORMAT = 2
"""Format 1 had no degrees of movement; a note signed in it is read, shown and sealed as it was."""
RANGES = ("not_tested", "full", "limited", "painful", "limited_and_painful")
TENSIONS = ("not_tested", "soft", "slight", "moderate", "marked")


class SignedNoteError(ConflictError):
    """This note is signed and stays as it is. Add an amendment instead; the note was not changed."""

    code = "note-signed"


class NoteIncompleteError(InvalidError):
    """The note is not complete yet. It was kept as a draft; fill in the marked part."""

    code = "note-incomplete"


@dataclass(frozen=True, slots=True)
class SegmentDone:
    """What was really done. Minutes are whole; `walton` is the highest level used, None where there was none."""

    key: str
    phase: str
    region: str | None
    laterality: str | None
    technique: str | None
    tool: str | None
    walton: int | None
    minutes: int
    position: str


@dataclass(frozen=True, slots=True)
class RegionFinding:
    """What was found in one region: tension in words, tenderness 0-10, range in words and, where it was measured, in
    degrees; before and after if compared."""

    region: str
    laterality: str
    tension: str = "not_tested"
    tenderness: int | None = None
    range: str = "not_tested"
    tenderness_after: int | None = None
    range_after: str = "not_tested"
    text: str = ""
    motions: tuple[Motion, ...] = ()

    def __post_init__(self) -> None:
        for value in (self.tenderness, self.tenderness_after):
            if value is not None and not 0 <= value <= 10:
                raise NoteIncompleteError("Tenderness runs from 0 to 10.", field="tenderness")
        if self.tension not in TENSIONS or not {self.range, self.range_after} <= set(RANGES):
            raise NoteIncompleteError("Choose tension and range from the lists.", field="findings")


@dataclass(frozen=True, slots=True)
class Subjective:
    """What the client says. Pain is 0-10 with its window (`now`, `average_24h`, `worst_7d`)."""

    goals: tuple[str, ...] = ()
    words: str = ""
    changes: str = ""
    pain: int | None = None
    pain_window: str = "now"


@dataclass(frozen=True, slots=True)
class Objective:
    """What the therapist finds and does."""

    findings: tuple[RegionFinding, ...] = ()
    text: str = ""
    done: tuple[SegmentDone, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the therapist makes of it: response, comfort during the session, anything that went wrong."""

    text: str = ""
    response: str = ""
    comfort: str = ""
    adverse_events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotePlan:
    """What comes next."""

    text: str = ""
    home_care: tuple[str, ...] = ()
    next_visit: str = ""
    referrals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SoapNote:
    """The whole note as a value. `precautions` are the lines that held on the day; `consents` the regions agreed to."""

    subjective: Subjective = Subjective()
    objective: Objective = Objective()
    assessment: Assessment = Assessment()
    plan: NotePlan = NotePlan()
    precautions: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    minutes_booked: int = 0
    rules_version: str = ""
    format: int = NOTE_FORMAT


@dataclass(frozen=True, slots=True)
class Amendment:
    """A later correction beside the original: who, when and why. `hash` chains to what it follows."""

    author: str
    at: datetime
    reason: str
    text: str
    hash: str


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """A note with its signature and amendments. `hash` is empty until signed."""

    note: SoapNote
    author: str
    signed_by: str = ""
    signed_at: datetime | None = None
    hash: str = ""
    amendments: tuple[Amendment, ...] = ()

    @property
    def is_signed(self) -> bool:
        """True once the note is locked."""
        return self.signed_at is not None


def planned_as_done(plan: Plan) -> tuple[SegmentDone, ...]:
    """The plan read as if it had been done in full: the starting point the therapist corrects."""
    return tuple(
        SegmentDone(s.key, s.phase, s.region, s.laterality, s.technique, s.tool, s.walton_max, s.minutes, s.position)
        for s in plan.segments
    )


def comfort_line(state: ComfortState | None, ended: str = "") -> str:
    """What the signals of the session were, in facts: how many, where less was wanted, how soon it was adjusted, what
    was not answered; then `ended`, how it ended if not as planned. Empty if there is nothing to say."""
    if state is None or (state.wish is None and not state.too_much_count and not state.deeper_count):
        return ended
    stops = state.too_much_count - state.lighter_count
    lines = [f"Signals during the session: lighter {state.lighter_count}, deeper {state.deeper_count}, stop {stops}."]
    if state.lower_regions:
        lines.append(f"Less was wanted at: {', '.join(REGIONS[slug].name for slug in state.lower_regions)}.")
    if any(prompt.kind.startswith("lighter") for prompt in state.prompts):
        lines.append("It was too much repeatedly; a change of level, area or technique was prompted.")
    if state.adjust_seconds:
        waits = [max(1, round(seconds)) for _, seconds in state.adjust_seconds]
        middle = round(median(waits))
        lines.append(f"Time to adjust: {middle} s" + (f", {max(waits)} s at most." if len(waits) > 1 else "."))
    if state.unacknowledged:
        lines.append(f"Without an answer on the screen: {len(state.unacknowledged)}.")
    return " ".join([*lines, *([ended] if ended else [])])


def prefill(
    plan: Plan,
    segments_done: Iterable[SegmentDone],
    comfort: ComfortState | None = None,
    goals: Iterable[str] = (),
    precautions: Iterable[str] = (),
    written: Iterable[str] = (),
    ended: str = "",
) -> SoapNote:
    """A draft from facts only: goals, precautions, what was done, signals, how it `ended` if not as planned, and the
    lines the therapist wrote down meanwhile. Findings and judgement stay empty.

    `segments_done` with zero minutes are left out: they were not done.
    """
    done = tuple(segment for segment in segments_done if segment.minutes > 0)
    regions = dict.fromkeys((s.region, s.laterality or "midline") for s in done if s.region and s.phase == "focus")
    findings = tuple(RegionFinding(region, side) for region, side in regions if region)
    return SoapNote(
        subjective=Subjective(goals=tuple(goals)),
        objective=Objective(findings=findings, text="\n".join(written), done=done),
        assessment=Assessment(comfort=comfort_line(comfort, ended)),
        precautions=tuple(precautions),
        consents=tuple(sorted(plan.request.consented)),
        minutes_booked=plan.request.minutes,
        rules_version=plan.rules_version,
    )


def with_comfort(note: SoapNote, comfort: ComfortState, ended: str = "") -> SoapNote:
    """The draft with the signals as they are known by now: a tap that waited for a line comes after the end."""
    return replace(note, assessment=replace(note.assessment, comfort=comfort_line(comfort, ended)))


def with_pain(note: SoapNote, pain: int) -> SoapNote:
    """The note with the client's pain rating (0-10) at the start of the session."""
    return replace(note, subjective=replace(note.subjective, pain=pain, pain_window="now"))


def rewritten(
    note: SoapNote,
    *,
    subjective: Mapping[str, Any],
    objective_text: str,
    findings: tuple[RegionFinding, ...],
    done: Mapping[str, tuple[int, int | None]],
    assessment: Mapping[str, Any],
    plan: Mapping[str, Any],
) -> SoapNote:
    """The note with what the therapist wrote; goals, precautions, consents and the comfort line stay as recorded.

    `done` maps the key of a part to its corrected minutes and highest Walton level; zero minutes: it was not done.
    """
    parts = tuple(
        replace(part, minutes=done[part.key][0], walton=done[part.key][1]) if part.key in done else part
        for part in note.objective.done
    )
    return replace(
        note,
        format=NOTE_FORMAT,
        subjective=replace(note.subjective, **subjective),
        objective=Objective(findings, objective_text, parts),
        assessment=replace(note.assessment, **assessment),
        plan=replace(note.plan, **plan),
    )


def with_all_parts(note: SoapNote, plan: Plan) -> SoapNote:
    """The note with every part of the plan, those not done with zero minutes: a forgotten tap can be corrected."""
    done = {part.key: part for part in note.objective.done}
    parts = tuple(done.get(part.key, replace(part, minutes=0)) for part in planned_as_done(plan))
    return replace(note, objective=replace(note.objective, done=parts))


def settled(note: SoapNote) -> SoapNote:
    """The note as it is signed: parts with zero minutes were not done and fall away."""
    done = tuple(part for part in note.objective.done if part.minutes > 0)
    return replace(note, objective=replace(note.objective, done=done))


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode()


def _plain(note: SoapNote) -> dict[str, Any]:
    data = asdict(note)
    if note.format < 2:
        for finding in data["objective"]["findings"]:
            del finding["motions"]
    return data


def _finding(row: Mapping[str, Any]) -> RegionFinding:
    return RegionFinding(**{**row, "motions": tuple(Motion(**one) for one in row.get("motions", ()))})


def as_data(note: SoapNote) -> dict[str, Any]:
    """The note as plain JSON values, for storage and export; `from_data` reads it back."""
    data: dict[str, Any] = json.loads(_canonical(_plain(note)))
    return data


def from_data(data: Mapping[str, Any]) -> SoapNote:
    """The note that `as_data` wrote."""
    objective, subjective, plan = data["objective"], data["subjective"], data["plan"]
    return SoapNote(
        subjective=Subjective(**{**subjective, "goals": tuple(subjective["goals"])}),
        objective=Objective(
            findings=tuple(_finding(row) for row in objective["findings"]),
            text=objective["text"],
            done=tuple(SegmentDone(**row) for row in objective["done"]),
        ),
        assessment=Assessment(**{**data["assessment"], "adverse_events": tuple(data["assessment"]["adverse_events"])}),
        plan=NotePlan(**{**plan, "home_care": tuple(plan["home_care"]), "referrals": tuple(plan["referrals"])}),
        precautions=tuple(data["precautions"]),
        consents=tuple(data["consents"]),
        minutes_booked=data["minutes_booked"],
        rules_version=data["rules_version"],
        format=data["format"],
    )


def content_hash(note: SoapNote) -> str:
    """SHA-256 in hex over the canonical JSON (sorted keys, no spaces, UTF-8) of the note's content."""
    return hashlib.sha256(_canonical(_plain(note))).hexdigest()


def revise(record: NoteRecord, note: SoapNote) -> NoteRecord:
    """A draft with new content. Raises SignedNoteError once signed."""
    if record.is_signed:
        raise SignedNoteError
    return replace(record, note=note)


def sign(record: NoteRecord, *, by: str, at: datetime) -> NoteRecord:
    """Lock the note at `at` (UTC). Raises SignedNoteError if it is signed, NoteIncompleteError if it says nothing."""
    if record.is_signed:
        raise SignedNoteError
    if not record.note.objective.done:
        raise NoteIncompleteError("A note needs what was done. It was kept as a draft.", field="done")
    if not (record.note.assessment.text or record.note.assessment.response):
        raise NoteIncompleteError("A note needs an assessment. It was kept as a draft.", field="assessment")
    return replace(record, signed_by=by, signed_at=at, hash=content_hash(record.note))


def _amendment_hash(before: str, author: str, at: datetime, reason: str, text: str) -> str:
    return hashlib.sha256(_canonical([before, author, at.isoformat(), reason, text])).hexdigest()


def amend(record: NoteRecord, *, author: str, at: datetime, reason: str, text: str) -> NoteRecord:
    """Add a correction to a signed note; the original stays. Raises NoteIncompleteError without reason or text."""
    if not record.is_signed:
        raise NoteIncompleteError("This note is still a draft: change it directly. Nothing was added.")
    if not reason.strip() or not text.strip():
        raise NoteIncompleteError("An amendment says what is corrected and why. Nothing was added.", field="reason")
    before = record.amendments[-1].hash if record.amendments else record.hash
    added = Amendment(author, at, reason, text, _amendment_hash(before, author, at, reason, text))
    return replace(record, amendments=(*record.amendments, added))


def is_intact(record: NoteRecord) -> bool:
    """True if a signed note and all its amendments are still what they were when they were written."""
    if not record.is_signed or content_hash(record.note) != record.hash:
        return False
    before = record.hash
    for item in record.amendments:
        if item.hash != _amendment_hash(before, item.author, item.at, item.reason, item.text):
            return False
        before = item.hash
    return True


@dataclass(frozen=True, slots=True)
class ClientPart:
    """What the client reads on their page: what was done and what comes next, not the therapist's working notes."""

    goals: tuple[str, ...]
    done: tuple[SegmentDone, ...]
    response: str
    home_care: tuple[str, ...]
    next_visit: str
    referrals: tuple[str, ...]
    amendments: tuple[Amendment, ...]


def client_part(record: NoteRecord) -> ClientPart:
    """The client's part of a note. The full record stays available to the client on request, as the law asks."""
    note = record.note
    return ClientPart(
        goals=note.subjective.goals,
        done=tuple(s for s in note.objective.done if s.region),
        response=note.assessment.response,
        home_care=note.plan.home_care,
        next_visit=note.plan.next_visit,
        referrals=note.plan.referrals,
        amendments=record.amendments,
    )
