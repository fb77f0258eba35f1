"""The note for paper: a page to print, and a PDF."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from unknot.kernel.actors import THERAPIST
from unknot.kernel.errors import NotFoundError
from unknot.treatment import domain, queries
from unknot.treatment.gateways.typst import note_pdf
from unknot.treatment.views.therapist.note import facts_of
from unknot.web.access import PracticeRequest, page


@page(THERAPIST)
def note_print(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """The note for paper: a stored one only."""
    return render(request, "treatment/note_print.html", facts_of(_stored(request, visit_id)))


@page(THERAPIST)
def pdf(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """The note as PDF: a stored one only. The file's name says the day of the visit and nothing else."""
    draft = _stored(request, visit_id)
    facts = facts_of(draft)
    if draft.stored is None:
        raise NotFoundError
    at = draft.stored.record.signed_at or draft.stored.saved_at
    response = HttpResponse(
        note_pdf(printed(facts, practice=request.practice.name), at=at), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="note-{facts["starts"]:%Y-%m-%d}.pdf"'
    return response


def _stored(request: PracticeRequest, visit_id: UUID) -> queries.NoteDraft:
    draft = queries.note_draft(visit_id, by=request.actor, now=timezone.now())
    if draft.stored is None:
        raise NotFoundError("There is no note to print yet. Save it first.")
    return draft


def printed(facts: dict[str, Any], *, practice: str) -> dict[str, Any]:
    """The note's page as the plain texts of the PDF: what the page says, in the same order."""
    draft, visit, signed = facts["draft"], facts["visit"], facts["signed_at"]
    done = draft.note.objective.done
    rows = [
        [row["what"], str(row["planned"]), str(row["done"]), "; ".join(x for x in (row["how"], row["level"]) if x)]
        for row in facts["compared"]
    ] or [[row["phase"], "", str(row["minutes"]), row["what"]] for row in facts["done"]]
    planned = str(sum(row["planned"] for row in facts["compared"])) if facts["compared"] else ""
    limits = [{"title": "Limits on the day", "lines": list(draft.note.precautions)}] if draft.note.precautions else []
    return {
        "title": "Treatment note",
        "practice": practice,
        "client": facts["client"].name,
        "head": [
            ["Practice", practice],
            ["Client", facts["client"].name],
            ["Visit", f"{_moment(facts['starts'])}, {visit.minutes} minutes, {visit.what}"],
            ["Therapist", visit.therapist_name],
            ["Signed", _moment(signed) if signed else "Draft, not signed"],
        ],
        "draft": signed is None,
        "sections": _sections(draft.note, facts["findings"]),
        "table": "Planned and done, minutes" if facts["compared"] else "What was done, minutes",
        "columns": ["Part", "Planned", "Done", "How"],
        "rows": rows,
        "sum": ["Sum", planned, str(sum(part.minutes for part in done)), ""],
        "after": limits
        + [
            {"title": f"Amendment, {_moment(one['at'])}", "lines": [one["text"], f"Why: {one['reason']}"]}
            for one in facts["amendments"]
        ],
        "foot": " ".join(
            [*([f"Seal (SHA-256): {draft.stored.record.hash}."] if signed else []), domain.WALTON_ATTRIBUTION]
        ),
    }


def _sections(note: domain.SoapNote, findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    subjective, assessment, plan = note.subjective, note.assessment, note.plan
    pain = [f"Pain at the start: {subjective.pain} of 10."] if subjective.pain is not None else []
    parts = {
        "Subjective": [*(f"Goal: “{goal}”" for goal in subjective.goals), subjective.words, subjective.changes, *pain],
        "Objective": [*(_finding(one) for one in findings), note.objective.text],
        "Assessment": [
            assessment.text,
            f"Response: {assessment.response}" if assessment.response else "",
            assessment.comfort,
            *assessment.adverse_events,
        ],
        "Plan": [
            plan.text,
            *(f"Home care: {line}" for line in plan.home_care),
            f"Next visit: {plan.next_visit}" if plan.next_visit else "",
            *(f"Referral: {line}" for line in plan.referrals),
        ],
    }
    return [{"title": title, "lines": [line for line in lines if line] or ["–"]} for title, lines in parts.items()]


def _finding(one: dict[str, Any]) -> str:
    row = one["row"]
    said = [f"tension {one['tension']}" if one["tension"] else "tension not tested"]
    if row.tenderness is not None:
        after = f", {row.tenderness_after} after" if row.tenderness_after is not None else ""
        said.append(f"tender {row.tenderness} of 10{after}")
    if one["range"]:
        said.append(f"movement {one['range']}" + (f", {one['range_after']} after" if one["range_after"] else ""))
    title = one["title"][:1].upper() + one["title"][1:]
    return " ".join([f"{title}: {', '.join(said)}.", *(f"{line}." for line in one["motions"]), row.text]).strip()


def _moment(at: Any) -> str:
    return f"{at.day} {at:%B %Y, %H:%M}"
