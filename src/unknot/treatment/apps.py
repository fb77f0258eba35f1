"""Registers the room with Django and with what clients take back."""

from django.apps import AppConfig


class TreatmentConfig(AppConfig):
    name = "unknot.treatment"

    def ready(self) -> None:
        from unknot.intake import events
        from unknot.people import events as records
        from unknot.treatment.handlers import record_changed_hands, taken_back

        events.subscribe(taken_back)
        records.subscribe(record_changed_hands)
