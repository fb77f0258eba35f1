"""Tenant walls of the room's tables."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_initial")]

    operations = [
        wall("payments_payment"),
        wall("payments_receipt", own="account_id"),
    ]
