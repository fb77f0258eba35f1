"""Tenant wall of the new table."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_stop_and_reason")]

    operations = [
        wall("notifications_stop"),
    ]
