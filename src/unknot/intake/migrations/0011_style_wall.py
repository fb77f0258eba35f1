"""Wall of the styles given."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("intake", "0010_style_choice")]

    operations = [wall("intake_stylechoice")]
