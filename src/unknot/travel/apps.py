"""Registers the room with Django."""

from django.apps import AppConfig


class TravelConfig(AppConfig):
    name = "unknot.travel"
