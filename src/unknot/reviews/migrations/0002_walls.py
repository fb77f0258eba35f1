"""Tenant walls of the room's tables."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]

    operations = [
        wall("reviews_review", public="hidden_reason = ''"),
    ]
