"""Inserting one row by a statement that is put together once for each model.

`save(force_insert=True)` does the same and puts it together every time; booking does it too often for that.
"""

from functools import cache
from typing import Any

from django.db import connection, models


@cache
def _statement(model: type[models.Model]) -> str:
    fields = model._meta.concrete_fields
    marks = [one.get_placeholder(None, None, connection) if hasattr(one, "get_placeholder") else "%s" for one in fields]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(one.column)) for one in fields)
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({', '.join(marks)})"  # noqa: S608 - of ours


def insert(row: models.Model, *, once: tuple[str, ...] = ()) -> bool:
    """Inserts a row whose key the program gives; False if one with the same values in the columns `once` is there.

    Models with a key from the database, with signals or with expressions as values need `save`. Raises IntegrityError.
    """
    model = type(row)
    values: list[Any] = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in model._meta.concrete_fields
    ]
    asked = _statement(model)
    if once:
        asked += f" ON CONFLICT ({', '.join(once)}) DO NOTHING"
    with connection.cursor() as cursor:
        cursor.execute(asked, values)
        made = bool(cursor.rowcount == 1)
    row._state.adding, row._state.db = False, connection.alias
    return made
