"""Tenant walls of the room's tables."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_initial")]

    operations = [
        wall("notifications_message"),
    ]
