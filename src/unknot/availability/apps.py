"""Registers the room with Django."""

from django.apps import AppConfig


class AvailabilityConfig(AppConfig):
    name = "unknot.availability"
