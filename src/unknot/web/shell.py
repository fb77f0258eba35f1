"""What the page shell needs on every page: names, navigation, demo mode."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from unknot.kernel.actors import FRONT_DESK, OWNER, STAFF, THERAPIST, Actor

Items = list[tuple[str, str]]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context: practice and actor after the gate (None on platform pages), navigation, the operator's name."""
    practice = getattr(request, "practice", None)
    actor = getattr(request, "actor", None) or Actor()
    base = f"/p/{practice.slug}/" if practice else "/"
    return {
        "practice": practice,
        "actor": actor,
        "operator_name": settings.UNKNOT_OPERATOR_NAME,
        "demo": settings.UNKNOT_DEMO,
        "home_url": base,
        "nav": _marked(_site_items(request.path, base, practice, actor), request.path),
        "desk_nav": _marked(_desk_items(base, actor), request.path),
        "who": actor.name,
        "sign_out_url": "/sign-out/",
        "cta": {"label": "Book a visit", "url": f"{base}book/"} if practice else None,
        "foot_links": _foot(base, practice),
        "for_query": f"?for={actor.client_id}" if actor.acting else "",
        "for_more": f"&for={actor.client_id}" if actor.acting else "",
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }


ICONS = {
    "Day": "calendar",
    "Book": "plus",
    "Clients": "people",
    "Check-ins": "message",
    "Website": "home",
    "Practice": "shield",
}


def _site_items(path: str, base: str, practice: Any, actor: Actor) -> Items:
    items: Items = [("Find a therapist", "/find/")]
    if practice:
        items = [
            ("Which massage?", f"{base}guide/"),
            ("Therapists", f"{base}therapists/"),
            ("Articles", f"{base}articles/"),
        ]
        if actor.has("client"):
            items.append(("My visits", f"{base}my/"))
        if actor.has(*STAFF):
            items.append(("Desk", f"{base}desk/"))
    if actor.is_anonymous:
        own = settings.LOGIN_URL
        items.append(("Sign in", own if path == own else f"{own}?next={path}"))
    elif not practice:
        items.append(("My places", "/me/"))
    return items


def _desk_items(base: str, actor: Actor) -> Items:
    items: Items = []
    if actor.has(THERAPIST, FRONT_DESK, OWNER):
        items += [("Day", f"{base}desk/day/"), ("Book", f"{base}desk/book/"), ("Clients", f"{base}desk/clients/")]
    if actor.has(THERAPIST):
        items.append(("Check-ins", f"{base}desk/check-ins/"))
    if actor.has(OWNER):
        items.append(("Practice", f"{base}desk/practice/"))
    return [*items, ("Website", base)] if items else items


def _marked(items: Items, path: str) -> list[dict[str, Any]]:
    return [{"label": label, "url": url, "current": url == path, "icon": ICONS.get(label, "")} for label, url in items]


def _foot(base: str, practice: Any) -> list[dict[str, str]]:
    links = [{"label": "Contact", "url": f"{base}#contact"}] if practice else []
    if settings.UNKNOT_DEMO:
        links.append({"label": "Demo: sign in as anyone", "url": "/demo/"})
    return links
