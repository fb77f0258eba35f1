"""The waitlist's pages: join, see where one stands, take what is offered or pass it on, leave."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from unknot.booking import actions, queries
from unknot.booking.domain.waitlist import RULE
from unknot.booking.domain.wording import day_words, terms_words
from unknot.booking.forms import NameForm, Wish, service_for, therapists_for
from unknot.booking.forms.waitlist import WaitForm, start_of_wait
from unknot.booking.views.public import here, link_query, remember, url_of, wish_of
from unknot.db import tenancy
from unknot.intake import queries as intake
from unknot.kernel.actors import CLIENT, Actor
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.zones import local
from unknot.payments import queries as payments
from unknot.people import actions as people
from unknot.people import queries as persons
from unknot.practice import queries as practices
from unknot.practice.queries import ServiceFacts
from unknot.web.access import ANYONE, PracticeRequest, page
from unknot.web.problems import status_of


@require_http_methods(["GET", "HEAD", "POST"])
@page(ANYONE, writes=12)
def join(request: PracticeRequest) -> HttpResponse:
    """What somebody would wait for, and the rule by which they are asked."""
    wish = wish_of(request).asked(request.POST if request.method == "POST" else request.GET)
    try:
        service = service_for(wish, practices.services())
        if wish.at_home:
            wish.located()
    except InvalidError as error:
        messages.warning(request, error.message)
        return redirect(url_of(request, "choose"))
    remember(request, wish)
    today = local(timezone.now(), request.practice.timezone).date()
    form = WaitForm(request.POST if request.method == "POST" else None, initial=start_of_wait(request.GET, today))
    name = NameForm(request.POST if request.method == "POST" else None, initial={"name": request.actor.name})
    if request.method != "POST":
        return _join_page(request, wish, service, form, name)
    known = request.actor.client_id is not None or (not request.actor.is_anonymous and name.is_valid())
    if not form.is_valid() or not known:
        return _join_page(request, wish, service, form, name, status=422)
    try:
        _join(request, wish, service, form, name)
    except actions.TimesFreeError as error:
        return _join_page(request, wish, service, form, name, free=error.extra["alternatives"], status=409)
    except (ConflictError, InvalidError, NotFoundError) as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _join_page(request, wish, service, form, name, status=status_of(error))
    messages.success(request, "You are in line. We write to you when your turn comes.")
    return redirect(url_of(request, "waits"))


def _join(request: PracticeRequest, wish: Wish, service: ServiceFacts, form: WaitForm, name: NameForm) -> None:
    now, actor = timezone.now(), request.actor
    wanted = form.wish(service=service.slug, therapist=wish.therapist, place=wish.place)
    home = actions.Home(wish.located().point, wish.home_address) if wish.at_home else None
    with tenancy.scope(practice_id=actor.practice_id, account_id=actor.account_id):
        actor = _client(actor, name)
        actions.join_waitlist(by=actor, practice=here(request), wish=wanted, home=home, now=now)


def _client(actor: Actor, name: NameForm) -> Actor:
    if actor.client_id is not None:
        return actor
    typed = name.cleaned_data
    client_id = people.become_client(by=actor, name=typed["name"], phone=typed["phone"], now=timezone.now())
    return replace(actor, client_id=client_id, roles=actor.roles | {CLIENT})


def _join_page(
    request: PracticeRequest,
    wish: Wish,
    service: ServiceFacts,
    form: WaitForm,
    name: NameForm,
    *,
    free: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "name": name,
        "wish": wish,
        "service": service,
        "team": therapists_for([service], practices.therapists()),
        "places": practices.places(),
        "rule": RULE,
        "free": [{**one, "words": _words(one["local_start"])} for one in free or ()],
        "times": f"{url_of(request, 'times')}?{link_query(wish, service)}",
        "cta": None,
    }
    return render(request, "booking/waitlist_join.html", context, status=status)


def _words(local_start: str) -> str:
    return f"{day_words(date.fromisoformat(local_start[:10]))}, {local_start[11:]}"


@page("client")
def waits(request: PracticeRequest) -> HttpResponse:
    """What the client waits for, and what is kept for them."""
    found = queries.own_waits(by=request.actor, now=timezone.now())
    return render(request, "booking/waits.html", {"waits": found, "rule": RULE, "cta": None})


@require_POST
@page("client")
def leave(request: PracticeRequest, entry_id: UUID) -> HttpResponse:
    """Out of the line, in one tap."""
    actions.leave_waitlist(by=request.actor, entry_id=entry_id, now=timezone.now())
    messages.success(request, "You are out of the line. Nothing is kept for you any more.")
    return redirect(url_of(request, "waits"))


@require_http_methods(["GET", "HEAD", "POST"])
@page("client", writes=30)
def offer(request: PracticeRequest, offer_id: UUID) -> HttpResponse:
    """A time that is kept: take it, or pass it on."""
    now = timezone.now()
    found = queries.offer(offer_id, by=request.actor, now=now)
    if request.method != "POST":
        return _offer_page(request, found)
    if request.POST.get("answer") == "no":
        actions.decline_offer(by=request.actor, offer_id=offer_id, now=now)
        messages.success(request, "Passed on. You keep your place in line.")
        return redirect(url_of(request, "waits"))
    try:
        with tenancy.scope(practice_id=request.actor.practice_id, account_id=request.actor.account_id):
            visit = actions.accept_offer(by=request.actor, offer_id=offer_id, now=now)
    except (ConflictError, InvalidError) as error:
        return _offer_page(request, queries.offer(offer_id, by=request.actor, now=now), error=error.message, status=409)
    return redirect(f"{url_of(request, 'visit', visit_id=visit.id)}?new=1")


def _offer_page(
    request: PracticeRequest, found: queries.OfferFacts, *, error: str = "", status: int = 200
) -> HttpResponse:
    now, kept = timezone.now(), found.visit
    known = intake.current_intake(client_id=found.client_id)
    context = {
        "offer": found,
        "visit": kept,
        "gate": intake.gate(known.id if known else None, now=now, client_id=found.client_id),
        "price": payments.price_of(
            kept.price, practice_id=request.practice.id, service_on=date.fromisoformat(kept.local_start[:10])
        ),
        "terms": terms_words(kept.tiers, price=kept.price, starts_at=kept.starts_at, zone=kept.timezone, now=now),
        "error": error,
        "here": request.path,
        "cta": None,
    }
    return render(request, "booking/offer.html", context, status=status)


@page("therapist", "front_desk", "owner")
def line(request: PracticeRequest) -> HttpResponse:
    """Everybody who waits, in the order in which they are asked."""
    found = queries.waiting(by=request.actor, now=timezone.now())
    clients = persons.clients_named([one.client_id for one in found])
    entries = [(one, clients.get(one.client_id)) for one in found]
    return render(request, "booking/desk_waitlist.html", {"entries": entries, "rule": RULE})


@require_POST
@page("therapist", "front_desk", "owner")
def remove(request: PracticeRequest, entry_id: UUID) -> HttpResponse:
    """Takes somebody out of the line who said so."""
    actions.leave_waitlist(by=request.actor, entry_id=entry_id, now=timezone.now())
    messages.success(request, "They are out of the line.")
    return redirect(url_of(request, "waitlist"))
