"""Registers the room with Django."""

from django.apps import AppConfig


class InteropConfig(AppConfig):
    name = "unknot.interop"
