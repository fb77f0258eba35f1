"""Registers the room with Django."""

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "unknot.practice"
