"""Registers the ground with Django."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class DbConfig(AppConfig):
    name = "unknot.db"
    label = "db"

    def ready(self) -> None:
        post_migrate.connect(_grant, sender=self)


def _grant(using: str, **_: Any) -> None:
    from unknot.db.roles import grant_app_role

    if not connections[using].settings_dict["OPTIONS"].get("options", "").count("role="):
        grant_app_role(connections[using])
