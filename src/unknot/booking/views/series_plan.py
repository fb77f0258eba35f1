"""Planning a series on pages, for clients and for the desk: the rule, every date, and booking them."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from unknot.booking import actions
from unknot.booking.domain.wording import NEEDS
from unknot.booking.forms import NameForm, Wish, added_in, extras_for, menu, needs_in, service_for
from unknot.booking.forms.series import LEAVE_OUT, SeriesForm, picks, with_kept
from unknot.booking.queries import Planned, SeriesFacts
from unknot.booking.views.public import here, remember, url_of, wish_of
from unknot.booking.views.series import DESK, OWN, STAFF, Side
from unknot.db import tenancy
from unknot.intake import queries as intake
from unknot.kernel.actors import CLIENT, Actor
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.money import Money
from unknot.people import actions as people_actions
from unknot.people import queries as people
from unknot.practice import queries as practices
from unknot.practice.queries import ServiceFacts
from unknot.web.access import ANYONE, PracticeRequest, page
from unknot.web.problems import status_of

KINDS = {"same-day": "That day", "other-therapist": "At that time with", "other-day": "Days around"}


@require_http_methods(["GET", "HEAD", "POST"])
@page(ANYONE, writes=12)
def plan(request: PracticeRequest) -> HttpResponse:
    """A client's series: the rule, every date, and booking them."""
    return _plan(request, replace(OWN, client_id=request.actor.client_id))


@require_http_methods(["GET", "HEAD", "POST"])
@page(*STAFF, writes=30)
def desk_plan(request: PracticeRequest, client_id: UUID) -> HttpResponse:
    """The same for a client at the desk."""
    client = people.client(client_id, by=request.actor)
    return _plan(request, replace(DESK, client_id=client.id, client_name=client.name))


def _plan(request: PracticeRequest, side: Side) -> HttpResponse:
    posted = request.method == "POST"
    sent = request.POST if posted else with_kept(request.GET, _kept(request, side))
    form = SeriesForm(sent if posted or "date" in sent else None, initial={"every": 1, "count": 6} | sent.dict())
    name = NameForm(request.POST if posted else None, initial={"name": request.actor.name})
    if not form.is_bound:
        return _plan_page(request, side, form, name, sent)
    status = 422 if posted else 200
    if not form.is_valid():
        return _plan_page(request, side, form, name, sent, status=status)
    if "show" in request.POST:  # by POST, so that address and needs stay out of addresses
        _keep(request, side, form.wish())
        for_whom = f"&for={request.actor.client_id}" if request.actor.acting else ""
        return redirect(f"{request.path}?{form.query()}{for_whom}#dates")
    now = timezone.now()
    try:
        wish = _wish(request, form)
        if "book" in request.POST and (side.client_id or name.is_valid()):
            found = _book(request, side, wish, name, now)
            return redirect(f"{url_of(request, side.prefix + 'series', series_id=found.id)}?new=1")
        dates = actions.preview_series(
            by=request.actor, wish=replace(wish, chosen={}), client_id=side.client_id, now=now
        )
        return _plan_page(request, side, form, name, sent, dates=dates, status=status)
    except actions.SeriesConflictError as error:
        return _plan_page(request, side, form, name, sent, dates=error.planned, error=error.message, status=409)
    except (ConflictError, InvalidError, NotFoundError) as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _plan_page(request, side, form, name, sent, status=status_of(error))


def _kept(request: PracticeRequest, side: Side) -> Wish:
    """What this browser knows that has no place in an address: the client's own wish, or the desk's for one client."""
    if not side.at_desk:
        return wish_of(request)
    return Wish.restored(request.session.get("desk_wish", {}).get(str(side.client_id)))


def _keep(request: PracticeRequest, side: Side, wish: Wish) -> None:
    if side.at_desk:
        request.session["desk_wish"] = {str(side.client_id): wish.stored()}
    else:
        remember(request, replace(wish, whom=wish_of(request).whom))


def _wish(request: PracticeRequest, form: SeriesForm) -> actions.SeriesWish:
    """The form's wish, with the service as it is given at that place. Raises WishError, NoHomeVisitError,
    NotThereError, PlaceError."""
    wish = form.wish()
    return actions.SeriesWish(
        practice=here(request),
        service_slug=service_for(wish, practices.services()).slug,
        rule=form.rule(),
        therapist_slug=wish.therapist or None,
        place_slug=wish.place or None,
        home=wish.located().point if wish.at_home else None,
        home_address=wish.home_address if wish.at_home else "",
        chosen=picks(request.POST),
        add=[one.slug for one in extras_for(wish, practices.addons())],
        needs=wish.needs,
    )


def _book(request: PracticeRequest, side: Side, wish: actions.SeriesWish, name: NameForm, now: datetime) -> SeriesFacts:
    """Client, if new, and series together; any refusal leaves neither."""
    actor: Actor = request.actor
    with tenancy.scope(practice_id=actor.practice_id, account_id=actor.account_id):
        actions.take_series(by=request.actor, wish=wish, client_id=side.client_id, now=now)
        client_id = side.client_id
        if client_id is None:
            typed = name.cleaned_data
            client_id = people_actions.become_client(by=actor, name=typed["name"], phone=typed["phone"], now=now)
            actor = replace(actor, client_id=client_id, roles=actor.roles | {CLIENT})
        known = intake.current_intake(client_id=client_id)
        return actions.book_series(
            by=actor, wish=wish, client_id=client_id, intake_id=known.id if known else None, now=now
        )


def _plan_page(
    request: PracticeRequest,
    side: Side,
    form: SeriesForm,
    name: NameForm,
    sent: QueryDict,
    *,
    dates: list[Planned] | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    services, addons = practices.services(), practices.addons()
    known = intake.current_intake(client_id=side.client_id) if side.client_id else None
    said = Wish().asked(sent)
    wish = replace(said, needs=needs_in(sent), add=added_in(sent))
    context = {
        "side": side,
        "base": side.base,
        "form": form,
        "name": name,
        "kinds": menu(services),
        "chosen": _chosen(wish, services),
        "wish": wish,
        "addons": addons,
        "needs": NEEDS.items(),
        "home_visits": any(one.at_home for one in services),
        "typed_home": any(form[one].value() for one in ("street", "postal_code")),
        "price": _price(wish, services, addons),
        "team": practices.therapists(),
        "places": practices.places(),
        "dates": _rows(dates or [], request.POST),
        "free": sum(1 for one in dates or [] if one.slot),
        "rule": form.made,
        "error": error,
        "gate": intake.gate(known.id if known else None, now=timezone.now(), client_id=side.client_id),
        "here": request.get_full_path(),
        "cta": None,
    }
    return render(request, "booking/series_plan.html", context, status=status)


def _chosen(wish: Wish, services: list[ServiceFacts]) -> tuple[str, int] | None:
    """Kind and length of the chosen massage, wherever it is given."""
    return next(((one.kind, one.minutes) for one in services if one.slug == wish.service), None)


def _price(wish: Wish, services: list[ServiceFacts], addons: list[ServiceFacts]) -> Money | None:
    """What each visit costs before tax; None as long as nothing sensible was chosen."""
    try:
        service = service_for(wish, services)
        extras = extras_for(wish, addons)
    except InvalidError:
        return None
    return Money(sum(one.price.minor for one in (service, *extras)), service.price.currency)


def _rows(dates: list[Planned], posted: Any) -> list[dict[str, Any]]:
    """Each date with its choices: what it gets, what is free near it, or to leave it out."""
    rows = []
    for one in dates:
        groups = [
            (label, [near.slot for near in one.alternatives if near.kind == kind]) for kind, label in KINDS.items()
        ]
        pick = posted.get(f"pick-{one.number}", "")
        rows.append({"date": one, "groups": [pair for pair in groups if pair[1]], "pick": pick, "skip": LEAVE_OUT})
    return rows
