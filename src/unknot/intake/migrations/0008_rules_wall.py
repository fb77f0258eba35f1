"""Wall of a practice's own rules."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("intake", "0007_rules_version")]

    operations = [wall("intake_rulesversion")]
