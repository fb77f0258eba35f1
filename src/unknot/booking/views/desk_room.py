"""Another room or table for a visit: every room of its place with what is in the way. No dragging needed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from unknot.booking import actions, queries
from unknot.booking.views.diary import back_to
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.people import queries as people
from unknot.web.access import PracticeRequest, page
from unknot.web.problems import status_of


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner")
def room(request: PracticeRequest, visit_id: UUID) -> HttpResponse:
    """The rooms, free or not and why; the chosen one (`to`: room, or room:table) is taken at once."""
    now, found = timezone.now(), queries.visit(visit_id, by=request.actor)
    error, status, typed = "", 200, request.POST.get("to", "")[:60]
    reason = request.POST.get("reason", "")[:200].strip()
    if request.method == "POST":
        room_id, unit = _wanted(typed)
        if room_id is None:
            error, status = "Choose a room. Nothing was changed.", 422
        else:
            try:
                then = actions.change_room(
                    by=request.actor,
                    appointment_id=visit_id,
                    room_id=room_id,
                    unit=unit,
                    override_reason=reason,
                    now=now,
                )
                messages.success(request, f"Now in {then.room_name}. The time stays, so nobody is written to.")
                return redirect(back_to(request, found))
            except (ConflictError, InvalidError) as refused:
                error, status = refused.message, status_of(refused)
            except NotFoundError:
                error, status = "That room is not at this place any more. Nothing was changed.", 404
    choices = queries.room_choices(found, by=request.actor, now=now) if found.place_id else []
    taken = [table.taken_by for one in choices for table in one.tables if table.taken_by]
    client_ids = [one.client_id for one in [found, *taken] if one.client_id]
    names = people.clients_named(client_ids)
    context = {
        "visit": found,
        "client": names.get(found.client_id) if found.client_id else None,
        "choices": [
            (one, [(table, _who(table.taken_by, names)) for table in one.tables], f"{one.room.id}") for one in choices
        ],
        "lacking": any(one.lacks for one in choices),
        "error": error,
        "typed": typed,
        "reason": reason,
        "back": back_to(request, found),
    }
    return render(request, "booking/desk_room.html", context, status=status)


def _wanted(typed: str) -> tuple[UUID | None, int | None]:
    """The room and perhaps the table in `room` or `room:table`; tables count from 0."""
    room_id, _, unit = typed.partition(":")
    try:
        return UUID(room_id), int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 3 else None
    except ValueError:
        return None, None


def _who(visit: queries.VisitFacts | None, names: dict[UUID, people.ClientFacts]) -> str:
    if visit is None:
        return ""
    client = names.get(visit.client_id) if visit.client_id else None
    return client.name if client else "a booking under way"
