"""For the owner: rooms with their tables, and kit."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from unknot.booking import actions, queries
from unknot.booking.domain.wording import NEEDS
from unknot.booking.forms.owner import KitForm, RoomForm
from unknot.booking.views.settling import accepted, form_page, seen, trying
from unknot.kernel.actors import OWNER
from unknot.kernel.errors import NotFoundError
from unknot.practice import queries as practices
from unknot.practice.actions import KitSetting, RoomSetting
from unknot.web.access import PracticeRequest, page

GONE = {
    "deleted": "No visit ever had it, so it is gone for good.",
    "archived": "It is out of use. Visits that had it still say so, and you can bring it back.",
}


@require_safe
@page(OWNER)
def rooms(request: PracticeRequest) -> HttpResponse:
    """All rooms, those out of use last, with how many visits are to come in each."""
    counts = queries.coming_by_room(now=timezone.now())
    rows = [
        (one, [NEEDS[slug] for slug in one.setting.attributes if slug in NEEDS], counts.get(one.id, 0))
        for one in practices.room_rows()
    ]
    context = {
        "used": [row for row in rows if row[0].setting.active],
        "put_away": [row for row in rows if not row[0].setting.active],
        "several": len({row[0].place_name for row in rows}) > 1,
    }
    return render(request, "booking/owner_rooms.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(OWNER)
def room(request: PracticeRequest, room_id: UUID | None = None) -> HttpResponse:
    """One room, or a new one."""
    row = next((one for one in practices.room_rows() if one.id == room_id), None)
    if room_id and row is None:
        raise NotFoundError
    stored = row.setting if row else None
    do = request.POST.get("do", "save") if request.method == "POST" else ""
    form = RoomForm(
        request.POST if do == "save" else None,
        places=practices.places(),
        new=stored is None,
        initial=RoomForm.initial_of(stored) if stored else {"capacity": 1},
    )
    found: dict[str, Any] = {}
    if do == "retire" and row is not None:
        found = trying(form, _retire_room(request, row.id))
    elif form.is_bound and form.is_valid():
        active = stored.active if stored else True
        wish = form.setting(stored.place_id if stored else None, active=active)
        found = trying(form, _save_room(request, room_id, wish))
    elif do == "restore" and row is not None:
        wish = RoomSetting(**{**row.setting.__dict__, "active": True})
        found = trying(form, _save_room(request, row.id, wish))
    if request.method == "POST" and not found and not form.errors:
        return redirect(reverse("booking:rooms", kwargs={"practice": request.practice.slug}))
    context = {
        "title": stored.name if stored else "A new room",
        "lead": row.place_name if row else "",
        "stamp": practices.stamp(stored) if stored else "",
        "back": reverse("booking:rooms", kwargs={"practice": request.practice.slug}),
        "back_label": "All rooms",
        "retire": "Take it out of use" if stored and stored.active else "",
        "restore": "Bring it back into use" if stored and not stored.active else "",
        "do": do,
    }
    return form_page(request, form, context, found)


def _save_room(request: PracticeRequest, room_id: UUID | None, wish: RoomSetting) -> Callable[[], None]:
    def save() -> None:
        actions.save_room(
            by=request.actor,
            room_id=room_id,
            wish=wish,
            seen=seen(request),
            accepted=accepted(request),
            now=timezone.now(),
        )
        messages.success(request, f"{wish.name} is saved. Visits that are booked already stay where they are.")

    return save


def _retire_room(request: PracticeRequest, room_id: UUID) -> Callable[[], None]:
    def retire() -> None:
        done = actions.retire_room(
            by=request.actor, room_id=room_id, seen=seen(request), accepted=accepted(request), now=timezone.now()
        )
        messages.success(request, GONE[done])

    return retire


@require_safe
@page(OWNER)
def kit(request: PracticeRequest) -> HttpResponse:
    """All kit by kind: how many pieces where, and what needs it."""
    places = {one.id: one.name for one in practices.places()}
    menu = {one.id: one.setting.name for one in practices.service_rows()}
    rows = [
        (
            kind,
            one,
            [f"{count} {_where(place, places)}" for place, count in one.pieces],
            [menu[service] for service in one.services if service in menu],
        )
        for kind, one in practices.kit_settings().items()
    ]
    return render(request, "booking/owner_kit.html", {"rows": rows})


def _where(place: UUID | None, places: dict[UUID, str]) -> str:
    return "carried along" if place is None else f"at {places.get(place, 'another place')}"


@require_http_methods(["GET", "HEAD", "POST"])
@page(OWNER)
def kit_kind(request: PracticeRequest, kind: str = "") -> HttpResponse:
    """Kit of one kind, or a new kind."""
    stored = practices.kit_settings().get(kind)
    if kind and stored is None:
        raise NotFoundError
    form = KitForm(
        request.POST if request.method == "POST" else None,
        places=practices.places(),
        menu=practices.service_rows(),
        initial=KitForm.initial_of(stored) if stored else {},
    )
    found: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        wish = form.setting()
        found = trying(form, lambda: _save_kit(request, kind, wish))
        if not found:
            return redirect(reverse("booking:kit", kwargs={"practice": request.practice.slug}))
    context = {
        "title": stored.name[:1].upper() + stored.name[1:] if stored else "New kit",
        "lead": "A visit that needs it has one piece from its set-up to the end of its clean-up.",
        "stamp": practices.stamp(stored) if stored else "",
        "back": reverse("booking:kit", kwargs={"practice": request.practice.slug}),
        "back_label": "All kit",
    }
    return form_page(request, form, context, found)


def _save_kit(request: PracticeRequest, kind: str, wish: KitSetting) -> None:
    actions.save_kit(
        by=request.actor,
        kind=kind,
        wish=wish,
        seen=seen(request),
        accepted=accepted(request),
        now=timezone.now(),
    )
    messages.success(request, "Saved. Visits that are booked already stay as they are.")
