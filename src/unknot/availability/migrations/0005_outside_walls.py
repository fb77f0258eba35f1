"""Tenant walls of the tables of outside calendars."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("availability", "0004_outside_calendars")]

    operations = [
        wall("availability_outsidecalendar"),
        wall("availability_outsidebusy"),
        wall("availability_outsiderule"),
    ]
