from django.db import migrations, models


class Migration(migrations.Migration):
    """How far a relaxation goes, and visitors found by index."""

    dependencies = [("intake", "0003_walls")]

    operations = [
        migrations.AddField(
            model_name="relaxation",
            name="scope",
            field=models.CharField(choices=[("row", "row"), ("hold", "hold")], default="row", max_length=4),
        ),
        migrations.AddField(model_name="relaxation", name="cap", field=models.SmallIntegerField(blank=True, null=True)),
        migrations.AddIndex(
            model_name="intake",
            index=models.Index(
                condition=models.Q(("visitor_hash", ""), _negated=True),
                fields=["practice", "visitor_hash"],
                name="intake_by_visitor",
            ),
        ),
    ]
