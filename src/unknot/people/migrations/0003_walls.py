"""Tenant walls of the room's tables."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("people", "0002_initial")]

    operations = [
        wall("people_membership", own="account_id"),
        wall("people_client", own="account_id"),
    ]
