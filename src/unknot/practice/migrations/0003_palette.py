"""A practice may choose the leading colour of its pages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practice", "0002_walls")]

    operations = [
        migrations.AddField(
            model_name="practice",
            name="palette",
            field=models.CharField(
                blank=True,
                choices=[("", "spruce"), ("river", "river"), ("plum", "plum"), ("clay", "clay")],
                default="",
                help_text="Leading colour",
                max_length=12,
            ),
        ),
    ]
