import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

import unknot.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0006_touch_wall"),
        ("practice", "0010_holidays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RulesVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=unknot.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.IntegerField()),
                ("base", models.CharField(max_length=12)),
                ("changes", models.JSONField()),
                ("rule", models.CharField(max_length=8)),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "across_practices",
                "constraints": [models.UniqueConstraint(fields=("practice", "number"), name="rules_version_once")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("across_practices", django.db.models.manager.Manager()),
            ],
        ),
    ]
