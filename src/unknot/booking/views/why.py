"""For staff: why a time is not offered, start by start."""

from dataclasses import replace
from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from unknot.booking import queries
from unknot.booking.domain.wording import clock, day_words
from unknot.booking.forms import Wish, extras_for, menu, service_for
from unknot.booking.views.diary import date_of
from unknot.booking.views.public import here
from unknot.kernel.errors import InvalidError
from unknot.kernel.zones import local
from unknot.practice import queries as practices
from unknot.web.access import PracticeRequest, page


@require_http_methods(["GET", "HEAD", "POST"])
@page("therapist", "front_desk", "owner")
def why(request: PracticeRequest) -> HttpResponse:
    """A day's starts for a massage, free or not and why, for one therapist or everybody who gives it. Sent as a form:
    the postal code of a home has no place in an address."""
    now, asked = timezone.now(), request.POST if request.method == "POST" else request.GET
    wish = replace(Wish().asked(asked), postal_code=request.POST.get("postal_code", "")[:12].replace("\x00", ""))
    services, addons = practices.services(), practices.addons()
    today = local(now, request.practice.timezone).date()
    day = date_of(asked.get("date", ""), today)
    days: list[queries.TherapistDay] = []
    what, error = "", ""
    if wish.service:
        try:
            service = service_for(wish, services)
            extras = extras_for(wish, addons)
            days = queries.day_reasons(
                practice=here(request),
                service=service,
                extras=extras,
                day=day,
                now=now,
                therapist_slug=wish.therapist,
                place_slug=wish.place,
                home=wish.located().point if wish.at_home else None,
            )
            what = f"{service.name} ({sum(one.minutes for one in (service, *extras))} min)"
        except InvalidError as refused:
            error = refused.message
    context = {
        "wish": wish,
        "kinds": menu(services),
        "at_home": any(one.at_home for one in services),
        "addons": addons,
        "team": practices.therapists(),
        "places": practices.places(),
        "day": day.isoformat(),
        "day_words": day_words(day),
        "holiday": practices.holidays(day, day).get(day, ""),
        "closed": here(request).holidays == "closed",
        "before": (day - timedelta(days=1)).isoformat(),
        "after": (day + timedelta(days=1)).isoformat(),
        "days": [(one, [(_span(stretch), stretch) for stretch in one.stretches]) for one in days],
        "what": what,
        "error": error,
    }
    status = 422 if error and request.method == "POST" else 200
    return render(request, "booking/why.html", context, status=status)


def _span(one: queries.Stretch) -> str:
    """`9:00 a.m. to 10:15 a.m.`, or one time."""
    return clock(one.first) if one.first == one.last else f"{clock(one.first)} to {clock(one.last)}"
