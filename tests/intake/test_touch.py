"""Wishes about touch through the door."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from unknot.intake import actions, events, queries
from unknot.intake.models import TouchWishes
from unknot.kernel.actors import Actor


def keep(by: Actor, client_id: UUID | None, now: datetime, **wishes: object) -> None:
    assert client_id is not None
    actions.keep_touch_wishes(by=by, client_id=client_id, wishes=wishes, now=now)


def test_the_newest_counts_and_the_same_again_writes_nothing(
    tomasz: Actor, maren: Actor, now: datetime, recorded: Callable[[UUID | None], list[str]]
) -> None:
    keep(tomasz, tomasz.client_id, now, off_limits=["foot"])
    keep(tomasz, tomasz.client_id, now, off_limits=["foot"])
    keep(maren, tomasz.client_id, now + timedelta(minutes=1), off_limits=["foot", "hand"], covering="dressed")
    assert tomasz.client_id is not None
    assert queries.touch_wishes(tomasz.client_id, by=maren).off_limits == ("hand", "foot")
    assert queries.newest_wishes(tomasz.client_id, at=now).off_limits == ("foot",)
    assert TouchWishes.objects.count() == 2
    assert recorded(tomasz.practice_id) == ["touch.kept", "touch.kept", "touch.read"]


def test_strangers_and_the_front_desk_neither_read_nor_write(tomasz: Actor, other: Actor, now: datetime) -> None:
    desk = Actor(account_id=other.account_id, practice_id=other.practice_id, roles=frozenset({"front_desk", "owner"}))
    assert tomasz.client_id is not None
    for by in (other, desk):
        with pytest.raises(queries.UnknownIntakeError):
            keep(by, tomasz.client_id, now, covering="dressed")
        with pytest.raises(queries.UnknownIntakeError):
            queries.touch_wishes(tomasz.client_id, by=by)
    assert not TouchWishes.objects.exists()


def test_news_only_of_what_closes(tomasz: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[events.NoNews] = []
    monkeypatch.setattr(events, "_listeners", [told.append])
    keep(tomasz, tomasz.client_id, now, covering="dressed")
    keep(tomasz, tomasz.client_id, now, off_limits=["foot", "hand"])
    keep(tomasz, tomasz.client_id, now, off_limits=["foot"])
    assert [(one.scope, one.appointment_id, one.regions) for one in told] == [("touch", None, ("hand", "foot"))]


def test_who_said_something_but_not_what(
    tomasz: Actor, other: Actor, now: datetime, django_assert_num_queries: Callable[..., object]
) -> None:
    keep(tomasz, tomasz.client_id, now, words="No perfume.")
    ids = [one.client_id for one in (tomasz, other) if one.client_id]
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert queries.with_wishes(ids) == {tomasz.client_id}
    assert queries.with_wishes([]) == set()


def test_the_words_are_sealed(tomasz: Actor, now: datetime) -> None:
    from django.db import connection

    keep(tomasz, tomasz.client_id, now, words="canary words")
    with connection.cursor() as cursor:
        cursor.execute("SELECT content::text FROM intake_touchwishes")
        [(stored,)] = cursor.fetchall()
    assert "canary" not in stored
