"""Tenant walls of the waitlist."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("booking", "0016_waitlist")]

    operations = [
        wall("booking_waitlistentry"),
        wall("booking_waitlistoffer"),
        wall("booking_givenup"),
    ]
