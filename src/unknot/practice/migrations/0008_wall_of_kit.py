"""Tenant wall of the kit."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("practice", "0007_kit_and_tables")]

    operations = [wall("practice_kit")]
