"""Lists show how long an article takes to read, without rendering it again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("website", "0002_walls")]

    operations = [
        migrations.AddField(
            model_name="article",
            name="minutes",
            field=models.SmallIntegerField(default=1, help_text="Reading time"),
        ),
    ]
