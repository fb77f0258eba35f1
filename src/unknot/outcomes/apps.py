"""Registers the room with Django and with the diary's news."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "unknot.outcomes"

    def ready(self) -> None:
        from unknot.booking import events
        from unknot.outcomes.handlers import on_visit

        events.subscribe(on_visit)
