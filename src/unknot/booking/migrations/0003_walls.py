"""Tenant walls of the room's tables."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("booking", "0002_initial")]

    operations = [
        wall("booking_appointment", own="account_id"),
    ]
