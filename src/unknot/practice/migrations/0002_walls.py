"""Tenant walls of the room's tables."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("practice", "0001_initial")]

    operations = [
        wall("practice_practice", key="id", public="true"),
        wall("practice_place", public="kind = 'clinic'"),
        wall("practice_room", public="active"),
        wall("practice_service", public="active"),
        wall("practice_therapist", public="active"),
        wall("practice_offer", public="true"),
        wall("practice_credential", public="verified_at IS NOT NULL"),
    ]
