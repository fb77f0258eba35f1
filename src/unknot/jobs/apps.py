"""Registers the ground with Django."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "unknot.jobs"
    label = "unknot_jobs"
