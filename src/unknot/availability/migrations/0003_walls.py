"""Tenant walls of the room's tables."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("availability", "0002_initial")]

    operations = [
        wall("availability_openingrule"),
        wall("availability_break"),
        wall("availability_dayexception"),
    ]
