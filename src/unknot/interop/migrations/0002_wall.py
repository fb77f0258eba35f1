"""Tenant wall of the room's table."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("interop", "0001_feeds")]

    operations = [wall("interop_feed")]
