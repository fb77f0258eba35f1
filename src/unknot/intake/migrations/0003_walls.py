"""Tenant walls of the room's tables."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_initial")]

    operations = [
        wall("intake_intake"),
        wall("intake_relaxation"),
        wall("intake_consent"),
    ]
