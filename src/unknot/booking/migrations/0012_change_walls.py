"""Tenant walls of late changes."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("booking", "0011_late_changes")]

    operations = [
        wall("booking_change"),
    ]
