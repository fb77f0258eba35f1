"""What the therapist's screen wrote down, maybe without a line; taps that waited for one."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import unknot.db.sealed
import unknot.kernel.ids
from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0010_holidays"),
        ("treatment", "0004_check_in_therapist"),
    ]

    operations = [
        migrations.AddField(
            model_name="comfortevent",
            name="happened_at",
            field=models.DateTimeField(help_text="For a tap that waited for the line; null: as received", null=True),
        ),
        migrations.AddField(
            model_name="comfortevent",
            name="spoken",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Said aloud, written down by the therapist"
            ),
        ),
        migrations.CreateModel(
            name="SessionMark",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=unknot.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("mark_id", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("move", "move"),
                            ("acknowledge", "acknowledge"),
                            ("said", "said"),
                            ("note", "note"),
                            ("end", "end"),
                        ],
                        max_length=11,
                    ),
                ),
                ("content", unknot.db.sealed.SealedField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[("done", "done"), ("overtaken", "overtaken"), ("late", "late")], max_length=9
                    ),
                ),
                ("device_at", models.DateTimeField(help_text="The device's clock, which may be wrong", null=True)),
                ("happened_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treatment.session"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "across_practices",
                "constraints": [models.UniqueConstraint(fields=("session", "mark_id"), name="screen_mark_once")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("across_practices", django.db.models.manager.Manager()),
            ],
        ),
        wall("treatment_sessionmark"),
    ]
