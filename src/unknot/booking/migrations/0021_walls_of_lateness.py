"""Tenant walls of delays and of what they mean for visits."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("booking", "0020_running_late")]

    operations = [
        wall("booking_delay"),
        wall("booking_latevisit"),
    ]
