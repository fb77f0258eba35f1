"""Whose check-in it is, so that the treating therapist hears of it first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treatment", "0003_signed")]

    operations = [
        migrations.AddField(
            model_name="checkin",
            name="therapist_id",
            field=models.UUIDField(help_text="Who treated, and hears of it first", null=True),
        ),
    ]
