"""Tenant walls of the room's tables."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0002_initial")]

    operations = [
        wall("outcomes_goal"),
        wall("outcomes_measure"),
        wall("outcomes_proposal"),
    ]
