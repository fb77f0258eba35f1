"""Registers the room with Django."""

from typing import Any

from django.apps import AppConfig
from django.http import HttpRequest


class PeopleConfig(AppConfig):
    name = "unknot.people"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        authenticator_added.connect(_strong_from_now, dispatch_uid="unknot.people.strong")


def _strong_from_now(request: HttpRequest, user: Any, authenticator: Any, **_: Any) -> None:
    """Who has just proved possession of a new passkey or authenticator need not sign in again for staff pages."""
    from allauth.account.internal.flows.login import record_authentication

    record_authentication(request, user, method="mfa", type=authenticator.type)
