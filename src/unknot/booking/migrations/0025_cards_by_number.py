"""Cards name treatments by number, which makes them smaller: every card is made anew, diaries are asked till then."""

import django.contrib.postgres.fields
from django.db import migrations, models

AGAIN = """
DELETE FROM booking_card;
INSERT INTO booking_cardmark (practice_id, therapist_id, since)
SELECT id, NULL, clock_timestamp() FROM practice_practice ON CONFLICT DO NOTHING;
"""


def numbers(kind: type[models.Field]) -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(base_field=kind(), default=list, size=None)


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0024_cards_follow_calendars"),
    ]

    operations = [
        migrations.RunSQL(AGAIN, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="card", name="leads"),
        migrations.RemoveField(model_name="card", name="tails"),
        migrations.RemoveField(model_name="card", name="keys"),
        migrations.AddField(model_name="card", name="keys", field=numbers(models.IntegerField)),
        migrations.AddField(model_name="card", name="around", field=numbers(models.SmallIntegerField)),
    ]
