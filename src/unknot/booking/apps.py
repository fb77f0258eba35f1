"""Registers the room with Django."""

from django.apps import AppConfig


class BookingConfig(AppConfig):
    name = "unknot.booking"
