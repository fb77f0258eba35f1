"""Sign-in and sign-out."""

from typing import cast
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from unknot.people import sign_in
from unknot.people.forms import SignInForm
from unknot.web import limits
from unknot.web.access import ANYONE, SIGNED_IN, PracticeRequest, page


@require_http_methods(["GET", "POST"])
@page(ANYONE, in_practice=False, writes=20)
def sign_in_page(request: PracticeRequest) -> HttpResponse:
    """Asks for an address and sends a code to it."""
    target = sign_in.own_path(request.POST.get("next") or request.GET.get("next", ""), fallback="")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        limits.count("sign-in-code", f"mail:{email.lower()}", limit=6, seconds=900)
        sign_in.send_code(request, email=email)
        confirm = reverse("account_confirm_login_code")
        return redirect(f"{confirm}?{urlencode({'next': target})}" if target else confirm)
    status = 422 if form.is_bound else 200
    return render(request, "people/sign_in.html", {"form": form, "next": target}, status=status)


@page(SIGNED_IN, in_practice=False)
def strengthen(request: PracticeRequest) -> HttpResponse:
    """Staff pages ask for a passkey or authenticator: this page says why and leads there."""
    target = sign_in.own_path(request.GET.get("next", ""), fallback="/")
    ready = sign_in.has_second_factor(request.user)
    return render(request, "people/strengthen.html", {"next": target, "has_factor": ready})


@require_POST
@page(ANYONE, in_practice=False)
def sign_out(request: PracticeRequest) -> HttpResponse:
    """Ends the session here."""
    logout(request)
    return cast(HttpResponse, redirect("/"))
