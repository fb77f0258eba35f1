"""Registers the room with Django and with what clients take back."""

from django.apps import AppConfig


class TreatmentConfig(AppConfig):
    name = "unknot.treatment"

    def ready(self) -> None:
        from unknot.intake import events
        from unknot.treatment.handlers import taken_back

        events.subscribe(taken_back)
