"""Words for notes that a practice uses again."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

import unknot.kernel.ids
from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0010_holidays"),
        ("treatment", "0005_session_marks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NoteTemplate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=unknot.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("put_away_at", models.DateTimeField(blank=True, null=True)),
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
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("across_practices", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="NoteTemplateVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=unknot.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.SmallIntegerField()),
                ("content", models.JSONField()),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treatment.notetemplate"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "across_practices",
                "constraints": [models.UniqueConstraint(fields=("template", "version"), name="template_version_once")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("across_practices", django.db.models.manager.Manager()),
            ],
        ),
        wall("treatment_notetemplate"),
        wall("treatment_notetemplateversion"),
    ]
