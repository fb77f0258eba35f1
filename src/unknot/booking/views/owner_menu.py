"""For the owner: the menu, with what can be added to a massage."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from unknot.booking import actions
from unknot.booking.forms.owner import ServiceForm
from unknot.booking.views.settling import accepted, form_page, seen, trying
from unknot.kernel.actors import OWNER
from unknot.kernel.errors import NotFoundError
from unknot.kernel.money import Money
from unknot.practice import queries as practices
from unknot.practice.actions import ServiceSetting
from unknot.web.access import PracticeRequest, page

GONE = {
    "deleted": "Nobody ever booked it, so it is gone for good.",
    "archived": "It is off the menu. What is booked stays booked, and you can bring it back.",
}
NEW = ServiceSetting(kind="therapeutic", name="", minutes=60, price_minor=0)


@require_safe
@page(OWNER)
def menu(request: PracticeRequest) -> HttpResponse:
    """Everything that can be booked, what can be added to it, and what is off the menu."""
    currency = practices.practice(request.practice.id).currency
    rows = [(one, Money(one.setting.price_minor, currency), _notes(one.setting)) for one in practices.service_rows()]
    context = {
        "massages": [row for row in rows if row[0].setting.active and not row[0].setting.addon],
        "additions": [row for row in rows if row[0].setting.active and row[0].setting.addon],
        "put_away": [row for row in rows if not row[0].setting.active],
    }
    return render(request, "booking/owner_menu.html", context)


def _notes(one: ServiceSetting) -> list[str]:
    """What else there is to know of a line at a glance."""
    where = {(True, False): "", (False, True): "home visits", (True, True): "clinic and home visits"}
    said = [where.get((one.at_clinic, one.at_home), "")]
    said.append("deep pressure" if one.kind == "deep_tissue" else "")
    said.append({"no": "not for new clients", "approval": "new clients ask first"}.get(one.new_clients, ""))
    said.append("we confirm each booking" if one.approval else "")
    said.append("needs kit" if one.kit else "")
    said.append("" if one.therapists else "nobody gives it")
    return [word for word in said if word]


@require_http_methods(["GET", "HEAD", "POST"])
@page(OWNER)
def service(request: PracticeRequest, service_id: UUID | None = None) -> HttpResponse:
    """One line of the menu, or a new one (`?addon=1`: something to add)."""
    rows = practices.service_rows()
    row = next((one for one in rows if one.id == service_id), None)
    if service_id and row is None:
        raise NotFoundError
    addon = row.setting.addon if row else bool(request.GET.get("addon"))
    stored = row.setting if row else None
    do = request.POST.get("do", "save") if request.method == "POST" else ""
    form = ServiceForm(
        request.POST if do == "save" else None,
        currency=practices.practice(request.practice.id).currency,
        addon=addon,
        menu=rows,
        team=practices.therapists(),
        kit=practices.kit_settings(),
        initial=ServiceForm.initial_of(stored or replace(NEW, position=len(rows))) | ({} if stored else {"price": ""}),
    )
    found: dict[str, Any] = {}
    if do == "retire" and row is not None:
        found = trying(form, _retire(request, row.id))
    elif form.is_bound and form.is_valid():
        kind = stored.kind if stored else "addition"
        wish = form.setting(kind=kind, active=stored.active if stored else True)
        found = trying(form, _save(request, service_id, wish))
    elif do == "restore" and row is not None:
        found = trying(form, _save(request, row.id, replace(row.setting, active=True)))
    if request.method == "POST" and not found and not form.errors:
        return redirect(reverse("booking:menu", kwargs={"practice": request.practice.slug}))
    new = "Something new to add" if addon else "A new massage"
    context = {
        "title": stored.name if stored else new,
        "lead": "" if stored is None or stored.active else "It is off the menu.",
        "stamp": practices.stamp(stored) if stored else "",
        "back": reverse("booking:menu", kwargs={"practice": request.practice.slug}),
        "back_label": "The menu",
        "retire": "Take it off the menu" if stored and stored.active else "",
        "restore": "Bring it back onto the menu" if stored and not stored.active else "",
        "do": do,
    }
    return form_page(request, form, context, found)


def _save(request: PracticeRequest, service_id: UUID | None, wish: ServiceSetting) -> Callable[[], None]:
    def save() -> None:
        actions.save_service(
            by=request.actor,
            service_id=service_id,
            wish=wish,
            seen=seen(request),
            accepted=accepted(request),
            now=timezone.now(),
        )
        messages.success(request, f"{wish.name} is saved. Visits that are booked already keep what was agreed.")

    return save


def _retire(request: PracticeRequest, service_id: UUID) -> Callable[[], None]:
    def retire() -> None:
        done = actions.retire_service(
            by=request.actor, service_id=service_id, seen=seen(request), accepted=accepted(request), now=timezone.now()
        )
        messages.success(request, GONE[done])

    return retire
