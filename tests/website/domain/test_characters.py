"""Mis-decoded characters: what was broken comes back, what was never broken is not touched."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unknot.website.domain import Repair, repair, repair_characters

_UNDEFINED = (0x81, 0x8D, 0x8F, 0x90, 0x9D)

WORDS = [
    "massage", "deep", "the", "60", "don’t", "café", "naïve", "façade", "über", "Straße", "Größe", "schön", "weiß",
    "voilà", "déjà", "où", "être", "Noël", "cœur", "Œuvre", "coração", "não", "maçã", "irmã", "avô", "pão", "você",
    "mañana", "¿qué?", "¡hola!", "está", "łódź", "żółć", "są", "dziękuję", "příliš", "žluťoučký", "kůň", "ğüneş",
    "İzmir", "ışık", "smørrebrød", "på", "små", "Ångström", "Reykjavík", "ðað", "Þór", "tõde", "ținut", "20 °C",
    "½", "€40", "£30", "©", "naïve—yes", "x²", "5 × 3", "…and", "–", "•",
]  # fmt: skip
SHAPES: list[Callable[[str], str]] = [str, str.upper, str.title]
QUOTES = ["{}", "“{}”", "‘{}’", "«{}»", "„{}“", "({})", "{}…", "{}.", "{},", "{}?", "{}’s", "{}™", "*{}*"]


@st.composite
def sentences(draw: st.DrawFn) -> str:
    """Words of Latin languages in any capitals, between the marks that typography puts around them."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12))
    shaped = [draw(st.sampled_from(SHAPES))(word) for word in words]
    marked = [draw(st.sampled_from(QUOTES)).format(word) for word in shaped]
    return draw(st.sampled_from([" ", " ", "\u00a0", " – ", "\n\n"])).join(marked)


def broken(text: str, *, codec: str) -> str:
    """`text` stored as UTF-8 and read as `codec`; bytes without a character pass through as controls."""
    return "".join(
        chr(byte) if codec == "latin-1" or byte in _UNDEFINED else bytes([byte]).decode("cp1252")
        for byte in text.encode()
    )


@given(sentences())
@example("“IRMÃ”")
@example("MAÇÃ… E «SMÅ»")
@example("SMÅ’S")
@example("«está»…")
@example("â voilà… “â”…")
@example("weiß”… Groß—ß")
@example("IRMÃ\u00a0MAIOR")
@example("5 Å–20 Å")
def test_clean_text_stays_as_it_is(text: str) -> None:
    assert repair(text) == text


@given(sentences(), st.sampled_from(["cp1252", "latin-1"]))
@example("RHÔNE", "cp1252")
@example("FORÊT", "cp1252")
@example("ALLÔ, café", "cp1252")
@example("MÖLLER", "cp1252")
def test_a_broken_text_comes_back(text: str, codec: str) -> None:
    # One sentence that leaves no doubt, as any real article has; a lone word in capitals may be too little to go by.
    text = f"It’s a café.\n{text}"
    assert repair(broken(text, codec=codec)) == text


@given(sentences())
def test_a_twice_broken_text_comes_back(text: str) -> None:
    text = f"It’s a café.\n{text}"
    assert repair(broken(broken(text, codec="cp1252"), codec="cp1252")) == text


@given(sentences(), sentences())
def test_broken_and_clean_parts_may_share_a_text(clean: str, other: str) -> None:
    hurt = broken("it’s déjà vu", codec="cp1252")
    assert repair(f"{clean}\n{hurt}\n“{other}”\n") == f"{clean}\nit’s déjà vu\n“{other}”\n"


@given(st.text())
def test_any_text_is_answered_and_repairs_settle(text: str) -> None:
    once = repair_characters(text)
    again = repair_characters(once.text)
    assert again.text == once.text or again.repairs


@pytest.mark.parametrize(
    ("hurt", "healed"),
    [
        ("â€™", "’"),
        ("Ã©", "é"),
        ("60Â minutes", "60\u00a0minutes"),
        ("ends.Â Then", "ends.\u00a0Then"),
        ("20Â°C", "20°C"),
        ("Ã¢â‚¬â„¢", "’"),
        ("ðŸ˜€", "😀"),
        ("â€œdeepâ€\x9d", "“deep”"),
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет"),
        ("Ã‰cole", "École"),
    ],
)
def test_the_usual_damage(hurt: str, healed: str) -> None:
    assert repair(hurt) == healed


def test_each_run_is_reported_where_it_stood() -> None:
    found = repair_characters("fine\nitâ€™s a cafÃ©", where="body", first_line=7)
    assert found.repairs == (
        Repair("characters", "body", 8, 3, "â€™", "’"),
        Repair("characters", "body", 8, 13, "Ã©", "é"),
    )
    assert found.problems == ()


def test_lost_characters_are_shown_and_reported_but_not_guessed() -> None:
    found = repair_characters("a\x00b\n\ufffdc\x92d â€ e")
    assert found.text == "a\ufffdb\n\ufffdc\ufffdd â€ e"
    assert found.repairs == ()
    assert [(problem.kind, problem.line, problem.column) for problem in found.problems] == [
        ("lost-character", 1, 2),
        ("lost-character", 2, 1),
        ("lost-character", 2, 3),
        ("lost-character", 2, 6),
    ]


def test_a_doubtful_place_is_kept_and_reported() -> None:
    found = repair_characters("SMÅ…")
    assert found.text == "SMÅ…"
    assert [problem.kind for problem in found.problems] == ["doubtful-characters"]


@pytest.mark.parametrize("word", ["RHÔNE", "MÖLLER", "ÉCOLE", "voilà la", "Œuvre", "café"])
def test_a_lone_word_comes_back_where_its_neighbours_speak(word: str) -> None:
    assert repair(broken(word, codec="cp1252")) == word
