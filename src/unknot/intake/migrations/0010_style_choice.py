import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

import unknot.db.sealed
import unknot.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0009_who_consented"),
        ("people", "0004_dependants"),
        ("practice", "0011_editions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StyleChoice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=unknot.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("appointment_id", models.UUIDField()),
                ("lean", models.CharField(blank=True, max_length=14)),
                ("guide_version", models.CharField(blank=True, max_length=20)),
                (
                    "choice",
                    models.CharField(
                        choices=[
                            ("therapeutic", "therapeutic"),
                            ("deep", "deep"),
                            ("combine", "combine"),
                            ("lighter_only", "lighter_only"),
                            ("none", "none"),
                        ],
                        max_length=14,
                    ),
                ),
                ("reason", unknot.db.sealed.SealedField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.client"
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
                "indexes": [models.Index(fields=["practice", "appointment_id"], name="choice_by_visit")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("across_practices", django.db.models.manager.Manager()),
            ],
        ),
    ]
