"""Statement triggers as migration operations."""

from collections.abc import Iterable

from django.db.migrations.operations import RunSQL

ROWS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}
"""What a function sees as `new_rows` and `old_rows`, by event."""


def after_each(table: str, call: str, *, name: str, events: Iterable[str] = tuple(ROWS)) -> list[RunSQL]:
    """Calls the trigger function once after every statement on `table` with its rows; one operation for each event,
    triggers named `name` and the event."""
    return [
        RunSQL(
            f"CREATE TRIGGER {name}_{event.lower()} AFTER {event} ON {table} REFERENCING {ROWS[event]} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {call}",
            f"DROP TRIGGER IF EXISTS {name}_{event.lower()} ON {table}",
        )
        for event in events
    ]
