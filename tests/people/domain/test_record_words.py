"""The record in words."""

from unknot.people.domain.record_words import VERBS, is_reading, said


def test_every_known_verb_is_a_phrase() -> None:
    assert said("note.read") == "read a treatment note"
    assert all(words and words[0].islower() and not words.endswith(".") for words in VERBS.values())


def test_an_unknown_verb_is_spelled_out_not_hidden() -> None:
    assert said("photo_album.looked_at") == "looked at: photo album"
    assert said("note.burned") == "burned: a treatment note"


def test_looking_is_told_from_changing() -> None:
    assert [is_reading(verb) for verb in ("note.read", "chart.opened", "note.signed")] == [True, True, False]
