"""People who come at once, at the desk: all of them on one page, moved together, cancelled together."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from unknot.booking import actions, queries
from unknot.booking.domain.wording import clock, day_words, days_of
from unknot.booking.views.diary import date_of
from unknot.booking.views.entries import entries
from unknot.booking.views.public import here
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError, UnknotError
from unknot.kernel.money import Money
from unknot.kernel.zones import local
from unknot.people import queries as people
from unknot.web.access import PracticeRequest, page
from unknot.web.problems import status_of

OPEN = ("requested", "confirmed", "arrived")
MOVABLE = ("requested", "confirmed")
DAYS_SHOWN = 3


@require_GET
@page("therapist", "front_desk", "owner")
def group(request: PracticeRequest, group_id: UUID) -> HttpResponse:
    """Everybody of a group with what can be done for all of them."""
    found = queries.group(group_id, by=request.actor)
    shown, first = entries(found.visits, {}, by=request.actor), found.visits[0]
    mails = {one.id: people.recipient(client_id=one.client_id, account_id=one.account_id) for one in found.visits}
    day = f"{reverse('booking:day', kwargs={'practice': request.practice.slug})}?"
    context = {
        "found": found,
        "rows": [(shown[one.id], mail.email if (mail := mails[one.id]) else "") for one in found.visits],
        "words": first.words,
        "where": first.address if first.mode == "home" else first.place_name,
        "new": "new" in request.GET,
        "change": queries.change_of_group(group_id, by=request.actor),
        "can_change": any(one.state in OPEN and one.starts_at > timezone.now() for one in found.visits),
        "back": day + urlencode({"date": first.local_start[:10], "therapist": ""}) + f"#visit-{first.id}",
    }
    return render(request, "booking/desk_group.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner")
def cancel(request: PracticeRequest, group_id: UUID) -> HttpResponse:
    """What cancelling for all of them costs, and then doing it."""
    now, by, sheet = timezone.now(), request.actor, _sheet(request, group_id)
    if request.method == "POST":
        actions.cancel_group(by=by, group_id=group_id, now=now)
        messages.success(request, "Cancelled for all of them. Everybody is told by mail.")
        return redirect(sheet)
    asked = actions.cancel_group(by=by, group_id=group_id, preview=True, now=now)
    if not asked.parts:
        return redirect(sheet)
    called = {one.visit.id: one.called for one in asked.group.parts if one.visit is not None}
    context = {
        "found": asked.group,
        "rows": [(called.get(one.visit.id, ""), one) for one in asked.parts],
        "fee": Money(sum(one.fee.minor for one in asked.parts), asked.parts[0].fee.currency),
        "words": asked.group.visits[0].words,
    }
    return render(request, "booking/desk_group_cancel.html", context)


def _sheet(request: PracticeRequest, group_id: UUID) -> str:
    return reverse("booking:desk_group", kwargs={"practice": request.practice.slug, "group_id": group_id})


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner")
def move(request: PracticeRequest, group_id: UUID) -> HttpResponse:
    """Another start for all of them: a free one, or any that is typed; with a reason the rules are set aside."""
    found, now = queries.group(group_id, by=request.actor), timezone.now()
    if not [one for one in found.visits if one.state in MOVABLE]:
        return redirect(_sheet(request, group_id))
    wanted = _wanted(request)
    if request.method != "POST" or "look" in request.POST or not wanted:
        return _move_page(request, found, now, wanted=wanted)
    try:
        then = actions.move_group(
            by=request.actor,
            group_id=group_id,
            local_start=wanted,
            anybody=request.POST.get("with") == "anybody",
            preview="sure" not in request.POST,
            override_reason=_reason(request),
            now=now,
        )
    except (ConflictError, InvalidError, NotFoundError) as error:
        return _move_page(request, found, now, wanted=wanted, error=error)
    if "sure" in request.POST:
        messages.success(request, "Moved, all of them. Everybody is told by mail.")
        return redirect(_sheet(request, group_id))
    return _move_page(request, found, now, wanted=wanted, then=then)


def _reason(request: PracticeRequest) -> str:
    return request.POST.get("reason", "")[:200].replace("\x00", "")


def _wanted(request: PracticeRequest) -> str:
    """The wall time that was chosen or typed; not checked yet."""
    typed = {name: request.POST.get(name, "")[:40].replace("\x00", "") for name in ("slot", "date", "time")}
    day, time = typed["date"], typed["time"]
    return typed["slot"].partition("|")[2] or (f"{day}T{time}" if day and time else "")


def _move_page(
    request: PracticeRequest,
    found: queries.GroupFacts,
    now: datetime,
    *,
    wanted: str = "",
    then: actions.GroupMove | None = None,
    error: UnknotError | None = None,
) -> HttpResponse:
    standing = [one for one in found.visits if one.state in MOVABLE]
    anybody, today = request.POST.get("with") == "anybody", local(now, request.practice.timezone).date()
    first = max(date_of(wanted[:10] or request.POST.get("date", ""), date.fromisoformat(found.local_start[:10])), today)
    freely = bool(_reason(request).strip())
    asked = queries.question_to_move(standing, here(request), now=now, anybody=anybody, freely=freely)
    starts = queries.group_starts(asked, first=first, last=first + timedelta(days=DAYS_SHOWN - 1))
    near: Any = error.extra.get("alternatives", []) if error else []
    called = [one.called for one in found.parts if one.visit and one.visit.state in MOVABLE]
    moved = list(zip(called, then.then, strict=True)) if then else []
    context = {
        "found": found,
        "words": found.visits[0].words,
        "days": days_of([one for one in starts if one.local_start != found.local_start], name_therapist=False),
        "then": moved[0][1].words if moved else None,
        "moved": moved,
        "date": first.isoformat(),
        "time": wanted[11:16],
        "anybody": anybody,
        "reason": _reason(request),
        "error": error.message.partition("Nothing was ")[0] + "Nothing was moved." if error else "",
        "taken": [_moment(str(one["local_start"])) for one in near],
    }
    return render(request, "booking/desk_group_move.html", context, status=status_of(error) if error else 200)


def _moment(local_start: str) -> str:
    start = datetime.fromisoformat(local_start)
    return f"{day_words(start.date())}, {clock(start)}"
