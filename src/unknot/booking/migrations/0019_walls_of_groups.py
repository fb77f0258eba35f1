"""Tenant walls of the groups."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("booking", "0018_groups")]

    operations = [
        wall("booking_group", own="account_id"),
        wall("booking_groupvisit"),
    ]
