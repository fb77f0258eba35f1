"""Tenant wall of the questions."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("interop", "0003_questions")]

    operations = [wall("interop_calendarquestion")]
