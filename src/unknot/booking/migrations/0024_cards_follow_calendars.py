"""What outside calendars keep busy is not offered, so their rows mark the search cards too."""

from django.db import migrations

ROWS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0023_visits_by_their_end"),
        ("availability", "0005_outside_walls"),
    ]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER cards_on_{event.lower()} AFTER {event} ON availability_outsidebusy REFERENCING {rows} "
            "FOR EACH STATEMENT EXECUTE FUNCTION booking_cards_mark('practice_id', 'therapist_id')",
            f"DROP TRIGGER IF EXISTS cards_on_{event.lower()} ON availability_outsidebusy",
        )
        for event, rows in ROWS.items()
    ]
