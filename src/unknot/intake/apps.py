"""Registers the room with Django."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "unknot.intake"
