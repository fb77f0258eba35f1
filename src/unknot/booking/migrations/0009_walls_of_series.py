"""Tenant walls of the series."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("booking", "0008_series")]

    operations = [
        wall("booking_series", own="account_id"),
        wall("booking_seriesvisit"),
    ]
