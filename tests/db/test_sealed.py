"""Sealed fields: what goes in comes out, nothing is readable in the table, and no ciphertext opens anywhere else."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.db.sealed import seal, unseal
from unknot.outcomes.models import Goal

PRACTICE = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(value=JSON)
@settings(deadline=None)
def test_what_goes_in_comes_out(value: Any) -> None:
    assert unseal(seal(value, practice_id=PRACTICE, place="a.b:1"), practice_id=PRACTICE, place="a.b:1") == value


def test_the_same_words_never_look_the_same() -> None:
    assert len({seal("sore", practice_id=PRACTICE, place="a.b:1") for _ in range(100)}) == 100


@pytest.mark.parametrize(("practice", "place"), [(uuid4(), "a.b:1"), (PRACTICE, "a.b:2"), (PRACTICE, "a.c:1")])
def test_moved_to_another_practice_row_or_column_it_stays_shut(practice: UUID, place: str) -> None:
    blob = seal("sore", practice_id=PRACTICE, place="a.b:1")
    with pytest.raises(InvalidTag):
        unseal(blob, practice_id=practice, place=place)


@given(at=st.integers(min_value=0), flip=st.integers(1, 255))
@settings(deadline=None)
def test_a_changed_byte_shows(at: int, flip: int) -> None:
    blob = bytearray(seal({"pain": 7}, practice_id=PRACTICE, place="a.b:1"))
    blob[at % len(blob)] ^= flip
    with pytest.raises((InvalidTag, ValueError)):
        unseal(bytes(blob), practice_id=PRACTICE, place="a.b:1")


@pytest.mark.django_db
def test_the_table_holds_no_word_of_it_and_a_swap_is_refused(foothills: Stage, now: datetime) -> None:
    with tenancy.scope(practice_id=foothills.practice.id):
        client = foothills.clients["maya@clients.example"]
        kept = {"practice": foothills.practice, "client": client, "set_at": now}
        one = Goal.objects.create(words="to sleep on my side", **kept)
        two = Goal.objects.create(words="to sit through a film", **kept)
        with connection.cursor() as cursor:
            cursor.execute("SELECT words FROM outcomes_goal WHERE id = %s", [one.pk])
            [blob] = cursor.fetchone()
            assert b"sleep" not in bytes(blob)
            cursor.execute("UPDATE outcomes_goal SET words = %s WHERE id = %s", [blob, two.pk])
        assert Goal.objects.get(pk=one.pk).words == "to sleep on my side"
        with pytest.raises(InvalidTag):
            _ = Goal.objects.get(pk=two.pk).words
