"""Tenant walls of the room's tables."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("treatment", "0001_initial")]

    operations = [
        wall("treatment_plan"),
        wall("treatment_session"),
        wall("treatment_segmentdone"),
        wall("treatment_comfortevent"),
        wall("treatment_note"),
        wall("treatment_amendment"),
        wall("treatment_aftercare"),
        wall("treatment_checkin", own="account_id"),
    ]
