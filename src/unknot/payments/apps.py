"""Registers the room with Django and with what happens to records."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "unknot.payments"

    def ready(self) -> None:
        from unknot.payments.handlers import record_changed_hands
        from unknot.people import events

        events.subscribe(record_changed_hands)
