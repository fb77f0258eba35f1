"""What, with whom, where: the first step. A plain form; nothing needs JavaScript."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from unknot.booking.domain.wording import NEEDS
from unknot.booking.forms import LEANS, SOMEONE_NEW, ChooseForm, Wish, extras_for, menu, service_for
from unknot.booking.views.public import kept_here, link_query, remember, steps, url_of, wish_of
from unknot.booking.views.whom import choices
from unknot.intake import queries as intake
from unknot.kernel.errors import InvalidError
from unknot.kernel.zones import local
from unknot.payments import queries as payments
from unknot.practice import queries as practices
from unknot.practice.queries import ServiceFacts
from unknot.web.access import ANYONE, PracticeRequest, page


@require_http_methods(["GET", "HEAD", "POST"])
@page(ANYONE)
def choose(request: PracticeRequest) -> HttpResponse:
    """What, with whom, where."""
    wish = wish_of(request).asked(request.GET)
    if request.method != "POST":
        return _choose_page(request, wish, ChooseForm(initial=wish.stored()))
    form = ChooseForm(request.POST)
    if not form.is_valid():
        return _choose_page(request, form.wish(), form, status=422)
    wish = form.wish()
    try:
        service = service_for(wish, practices.services())
        extras_for(wish, practices.addons())
    except InvalidError as error:
        form.add_error("service", error.message)
        return _choose_page(request, wish, form, status=422)
    remember(request, wish)
    return redirect(f"{url_of(request, 'times')}?{link_query(wish, service)}")


def _choose_page(request: PracticeRequest, wish: Wish, form: ChooseForm, *, status: int = 200) -> HttpResponse:
    services, team, places = practices.services(), practices.therapists(), practices.places()
    known = intake.current_intake(client_id=request.actor.client_id, visitor=request.session.get("visitor"))
    guide = known.guide if known else None
    chosen = next((one for one in services if one.slug == wish.service), None)
    context = {
        "steps": steps(request, 0),
        "form": form,
        "wish": wish,
        "kinds": menu(services),
        "addons": practices.addons(),
        "chosen_kind": (chosen.kind, chosen.minutes) if chosen else None,
        "team": team,
        "places": places,
        "home_visits": any(one.at_home for one in services),
        "clinic_visits": bool(places),
        "needs": NEEDS.items(),
        "whom_choices": choices(request.actor),
        "someone_new": SOMEONE_NEW,
        "kept": kept_here(request, timezone.now()),
        "cta": None,
        "lean": LEANS.get(guide["lean"], "") if guide else "",
        "tax": _tax_words(request, services),
    }
    return render(request, "booking/choose.html", context, status=status)


def _tax_words(request: PracticeRequest, services: list[ServiceFacts]) -> str:
    """`GST 5 %`, if the practice charges any."""
    if not services:
        return ""
    today = local(timezone.now(), request.practice.timezone).date()
    parts = payments.price_of(services[0].price, practice_id=request.practice.id, service_on=today).taxes
    return " and ".join(f"{one.name} {one.rate_ppm / 10_000:g} %" for one in parts)
