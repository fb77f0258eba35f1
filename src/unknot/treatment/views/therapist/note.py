"""The note: draft, signature, amendments."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from unknot.kernel.actors import THERAPIST
from unknot.kernel.errors import NotFoundError
from unknot.kernel.zones import local
from unknot.treatment import actions, domain, queries
from unknot.treatment.forms import AmendForm, NoteForm
from unknot.treatment.views import words
from unknot.web.access import PracticeRequest, page


@require_http_methods(["GET", "POST"])
@page(THERAPIST, writes=240)
def note(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """The note of a visit: a form while it is a draft of one's own, else to read."""
    draft = queries.note_draft(visit_id, by=request.actor, now=timezone.now())
    if draft.is_signed or not draft.mine:
        if request.method == "POST":
            raise domain.SignedNoteError if draft.mine else NotFoundError
        return _read(request, draft)
    form = NoteForm(request.POST or None, base=draft.note, version=draft.version)
    if request.method == "GET":
        return _form(request, draft, form)
    if request.POST.get("do") == "as_planned" and draft.session is not None:
        return _form(request, draft, form.as_planned(draft.session.plan))
    if request.POST.get("do") == "template":
        return _form(request, draft, _from_template(request, form))
    if not form.is_valid():
        return _form(request, draft, form, status=422)
    return _save(request, draft, form)


def _from_template(request: PracticeRequest, form: NoteForm) -> NoteForm:
    """Nothing is saved by choosing a template: its words stand in the form, to be changed and saved."""
    chosen = request.POST.get("template", "")
    found = next((one for one in queries.templates(by=request.actor) if str(one.id) == chosen), None)
    if found is None:
        messages.warning(request, "Choose a template first. Nothing was changed.")
        return form
    return form.with_template(found.now.words)


@require_POST
@page(THERAPIST)
def amend(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """Adds to a signed note."""
    form = AmendForm(request.POST)
    if not form.is_valid():
        draft = queries.note_draft(visit_id, by=request.actor, now=timezone.now())
        return _read(request, draft, form=form, status=422)
    found = form.cleaned_data
    actions.amend_note(
        by=request.actor, appointment_id=visit_id, reason=found["reason"], text=found["text"], now=timezone.now()
    )
    messages.success(request, "The amendment stands beside the note.")
    return redirect("treatment:note", practice=request.practice.slug, visit_id=visit_id)


def _save(request: PracticeRequest, draft: queries.NoteDraft, form: NoteForm) -> HttpResponse:
    do, now = request.POST.get("do"), timezone.now()
    typed = form.cleaned_data
    about: dict[str, Any] = {"by": request.actor, "appointment_id": draft.visit.id, "version": typed["version"]}
    about |= {"note": form.note(), "editor": typed["editor"], "now": now}
    made = draft.version
    try:
        if do == "sign":
            actions.sign_note(**about)
        else:
            made = actions.save_note(**about, overtakes=do != "autosave")
    except domain.NoteIncompleteError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _form(request, draft, form, status=422)
    except actions.NoteMovedOnError as error:
        return _moved_on(request, draft, form, error)
    if do == "autosave":
        response = render(request, "treatment/parts/note_saved.html", {"version": made, "saved_at": _now(draft)})
        response["X-Saved-Version"] = str(made)
        return response
    messages.success(request, "The note is signed and locked." if do == "sign" else "The draft is saved.")
    return redirect("treatment:note", practice=request.practice.slug, visit_id=draft.visit.id)


def _moved_on(
    request: PracticeRequest, draft: queries.NoteDraft, form: NoteForm, error: actions.NoteMovedOnError
) -> HttpResponse:
    """What was typed stays in the form, now upon the newer version, with that version beside it."""
    typed = request.POST.copy()
    typed["version"] = str(draft.version)
    again = NoteForm(typed, base=draft.note, version=draft.version)
    return _form(request, draft, again, status=409, conflict=error.message)


def _form(
    request: PracticeRequest, draft: queries.NoteDraft, form: NoteForm, *, status: int = 200, conflict: str = ""
) -> HttpResponse:
    templates = [one for one in queries.templates(by=request.actor) if not one.put_away]
    context = facts_of(draft) | {"form": form, "conflict": conflict, "templates": templates}
    return render(request, "treatment/note.html", context, status=status)


def _read(
    request: PracticeRequest, draft: queries.NoteDraft, *, form: AmendForm | None = None, status: int = 200
) -> HttpResponse:
    return render(request, "treatment/note_read.html", facts_of(draft) | {"form": form or AmendForm()}, status=status)


def _now(draft: queries.NoteDraft) -> Any:
    return local(timezone.now(), draft.visit.timezone)


def facts_of(draft: queries.NoteDraft) -> dict[str, Any]:
    """What every page of a note shows, in words and by the clock of the place."""
    stored, zone = draft.stored, draft.visit.timezone
    record = stored.record if stored else None
    return {
        "draft": draft,
        "note": draft.note,
        "visit": draft.visit,
        "client": draft.client,
        "starts": local(draft.visit.starts_at, zone),
        "done": words.done_rows(draft.note.objective.done),
        "findings": [
            {
                "title": words.where(row.region, row.laterality),
                "row": row,
                "tension": words.PLAIN.get(row.tension, row.tension),
                "range": words.PLAIN.get(row.range, row.range),
                "range_after": words.PLAIN.get(row.range_after, row.range_after),
                "motions": [words.motion_words(one) for one in row.motions],
            }
            for row in draft.note.objective.findings
        ],
        "saved_at": local(stored.saved_at, zone) if stored else None,
        "signed_at": local(record.signed_at, zone) if record and record.signed_at else None,
        "amendments": [
            {"at": local(one.at, zone), "reason": one.reason, "text": one.text}
            for one in (record.amendments if record else ())
        ],
        "compared": words.compared_rows(draft.session.agreed, draft.note.objective.done) if draft.session else [],
        "taps": words.tap_rows(draft.session, zone) if draft.session else [],
        "late_lines": [
            {"at": local(one.at, zone), "words": one.words}
            for one in (queries.written_down(draft.session) if draft.session else ())
            if one.late
        ],
        "attribution": domain.WALTON_ATTRIBUTION,
    }
