"""A row inserted the short way is the row that `save` writes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from unknot.booking.models import Appointment
from unknot.booking.queries import VisitFacts
from unknot.config.demo_data.build import Stage
from unknot.db.inserting import insert
from unknot.kernel.ids import new_id
from unknot.notifications.models import Message


def _columns(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_every_column_is_what_save_writes(river: Stage, book: Callable[..., VisitFacts]) -> None:
    saved = Appointment.objects.get(pk=book().id)
    saved.access_needs, saved.override_reason, saved.kit_units = ["quiet"], "in pain", [1, 2]
    saved.save()
    columns = _columns(Appointment.objects.get(pk=saved.pk))
    again = Appointment(**columns | {"id": new_id(), "state": "cancelled"})
    assert insert(again)
    assert not again._state.adding
    written = _columns(Appointment.objects.get(pk=again.pk))
    assert written | {"id": saved.pk, "state": saved.state} == columns


def test_once_is_once(river: Stage, now: datetime) -> None:
    def message(key: str) -> Message:
        return Message(practice_id=river.practice.id, key=key, kind="x", due_at=now, facts={"a": ["ü", 1]})

    assert insert(message("one"), once=("practice_id", "key"))
    assert not insert(message("one"), once=("practice_id", "key"))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(message("one"))
    assert Message.objects.get(key="one").facts == {"a": ["ü", 1]}
