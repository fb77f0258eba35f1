"""Hours belong to what a practice's edition stands for."""

from django.db import migrations

from unknot.db.triggers import after_each


class Migration(migrations.Migration):
    dependencies = [
        ("availability", "0006_breaks_hold_for_a_time"),
        ("practice", "0011_editions"),
    ]

    operations = [
        one
        for table in ("openingrule", "break", "dayexception")
        for one in after_each(
            f"availability_{table}", "practice_edition_changes('practice_id', 'therapist_id')", name="edition_on"
        )
    ]
