"""Sign-in: a code by mail for everybody, and a second factor or passkey for staff. The rest is django-allauth's."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest
from django.urls import reverse

from unknot.people.actions import account_for

METHODS = "account_authentication_methods"


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's switches that are ours."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("practice:me")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # accounts are made by asking for a code

    def get_client_ip(self, request: HttpRequest) -> str:
        return str(request.META.get("REMOTE_ADDR", ""))


def send_code(request: HttpRequest, *, email: str, name: str = "") -> None:
    """Sends a sign-in code. Known and unknown addresses get the same page and the same kind of mail."""
    account = account_for(email=email, name=name)
    user = account if account.is_active else None
    if user is not None:  # the code proves this address; without the row a new person would be asked for a second code
        EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"primary": True})
    LoginCodeVerificationProcess.initiate(request=request, user=user, email=account.email)


def is_strong(request: HttpRequest) -> bool:
    """True if this session proved more than a mailbox: authenticator, passkey, recovery code; or a bearer token.

    The demo's one-click sign-in counts as strong and exists in demo mode only.
    """
    if getattr(request, "unknot_bearer", False):
        return True
    methods = request.session.get(METHODS, [])
    return any(one.get("method") in {"mfa", "demo"} for one in methods)


def has_second_factor(user: Any) -> bool:
    """True if the account has an authenticator or passkey."""
    return bool(is_mfa_enabled(user))


def own_path(target: str, *, fallback: str) -> str:
    """`target` if it is a path on this site, else `fallback`: nobody is sent elsewhere by a link."""
    parts = urlsplit(target)
    own = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return target if own else fallback
