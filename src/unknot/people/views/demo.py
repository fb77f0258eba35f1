"""The demo's door: sign in as anyone of the cast with one click. Not even an address outside demo mode."""

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from unknot.kernel.errors import NotFoundError
from unknot.people.queries import account_by_email
from unknot.people.sign_in import METHODS
from unknot.web.access import ANYONE, PracticeRequest, page


@page(ANYONE, in_practice=False)
def people(request: PracticeRequest) -> HttpResponse:
    """Everybody in the demo, by practice."""
    return render(request, "people/demo.html", {"practices": _cast()})


@require_POST
@page(ANYONE, in_practice=False)
def sign_in_as(request: PracticeRequest) -> HttpResponse:
    """Signs in as one of the cast. Only people listed in demo.json, only in demo mode."""
    email, practice = request.POST.get("email", ""), request.POST.get("practice", "")
    known = {one["email"]: one for rows in _cast().values() for one in rows}
    found = account_by_email(email) if settings.UNKNOT_DEMO and email in known else None
    if found is None:
        raise NotFoundError
    login(request, found, backend="allauth.account.auth_backends.AuthenticationBackend")
    request.session[METHODS] = [{"method": "demo", "at": time.time()}]
    role = known[email]["role"]
    if practice and role == "client":
        return redirect(f"/p/{practice}/my/")
    return redirect(f"/p/{practice}/desk/" if practice else "/me/")


def _cast() -> dict[str, list[dict[str, Any]]]:
    path = Path(settings.UNKNOT_DATA) / "demo.json"
    if not settings.UNKNOT_DEMO or not path.exists():
        raise NotFoundError
    rows: dict[str, list[dict[str, Any]]] = {}
    for one in json.loads(path.read_text())["people"]:
        rows.setdefault(one["practice"] or "platform", []).append(one)
    return rows
