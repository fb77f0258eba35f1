"""Wall of the wishes about touch."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("intake", "0005_touch_wishes")]

    operations = [wall("intake_touchwishes")]
