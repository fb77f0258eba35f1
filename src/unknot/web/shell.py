"""What the page shell needs on every page: names, navigation, demo mode."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from unknot.kernel.actors import STAFF, Actor


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
        "nav": _nav(request.path, base, practice, actor),
        "cta": {"label": "Book a visit", "url": f"{base}book/"} if practice else None,
        "foot_links": _foot(base, practice),
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }


def _nav(path: str, base: str, practice: Any, actor: Actor) -> list[dict[str, Any]]:
    items = []
    if practice:
        items = [("Which massage?", f"{base}guide/"), ("Therapists", f"{base}therapists/"), ("Articles", f"{base}articles/")]
        if actor.has("client"):
            items.append(("My visits", f"{base}my/"))
        if actor.has(*STAFF):
            items.append(("Desk", f"{base}desk/"))
    else:
        items = [("Find a therapist", "/find/")]
    if actor.is_anonymous:
        items.append(("Sign in", f"{settings.LOGIN_URL}?next={path}" if path != settings.LOGIN_URL else settings.LOGIN_URL))
    elif not practice:
        items.append(("My places", "/me/"))
    return [{"label": label, "url": url, "current": url == path} for label, url in items]


def _foot(base: str, practice: Any) -> list[dict[str, str]]:
    links = [{"label": "Contact", "url": f"{base}#contact"}] if practice else []
    if settings.UNKNOT_DEMO:
        links.append({"label": "Demo: sign in as anyone", "url": "/demo/"})
    return links
