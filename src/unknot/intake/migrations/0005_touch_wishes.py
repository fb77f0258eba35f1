import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

import unknot.db.sealed
import unknot.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0004_relaxation_scope"),
        ("people", "0004_dependants"),
        ("practice", "0010_holidays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TouchWishes",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=unknot.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("content", unknot.db.sealed.SealedField()),
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
                "indexes": [models.Index(fields=["practice", "client", "-at"], name="touch_by_client")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("across_practices", django.db.models.manager.Manager()),
            ],
        ),
    ]
