"""Registers the room with Django."""

from django.apps import AppConfig


class WebsiteConfig(AppConfig):
    name = "unknot.website"
