"""Registers the room with Django."""

from django.apps import AppConfig


class BookingConfig(AppConfig):
    name = "unknot.booking"

    def ready(self) -> None:
        from unknot.booking import handlers

        handlers.listen()
