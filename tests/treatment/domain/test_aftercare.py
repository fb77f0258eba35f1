"""The sheet names only what was done and claims only what the evidence carries."""

import re
from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st

from unknot.treatment.domain.aftercare import STATEMENTS, Numbers, assemble, forbidden_in
from unknot.treatment.domain.allocation import REGIONS
from unknot.treatment.domain.note import SegmentDone
from unknot.treatment.domain.techniques import TECHNIQUES

NAMES_OF = {
    "low_back": ["low back", "back pain"],
    "upper_back": ["upper and mid back"],
    "neck_post": ["back of the neck"],
    "neck_ant": ["front of the neck"],
}
WORDS = {slug: NAMES_OF.get(slug, [region.name]) for slug, region in REGIONS.items()}


def done(region: str, technique: str = "petrissage", walton: int | None = 3, minutes: int = 10) -> SegmentDone:
    side = "left" if REGIONS[region].sided else "midline"
    return SegmentDone("s1", "focus", region, side, technique, "palm", walton, minutes, "prone")


segments = st.lists(
    st.builds(
        done,
        st.sampled_from(sorted(REGIONS)),
        st.sampled_from(sorted(set(TECHNIQUES) - {"movement_test"})),
        st.one_of(st.none(), st.integers(0, 5)),
        st.integers(0, 20),
    ),
    max_size=6,
)


def says(text: str, words: str) -> bool:
    return re.search(rf"\b{re.escape(words)}\b", text, re.IGNORECASE) is not None


@given(segments, st.booleans())
def test_what_was_not_done_is_never_named(rows: list[SegmentDone], first: bool) -> None:
    sheet = assemble(rows, first_visit=first)
    real = [s for s in rows if s.minutes > 0]
    text = "\n".join(sheet.done + tuple(line.text for line in sheet.advice))
    for slug, words in WORDS.items():
        if slug not in {s.region for s in real}:
            assert [w for w in words if says(text, w)] == []
    for slug, technique in TECHNIQUES.items():
        if slug not in {s.technique for s in real}:
            assert not says(text, technique.name)
    if not {s.region for s in real} & {"neck_post", "neck_ant"}:
        assert not says(text, "neck")


@given(segments)
def test_every_region_worked_on_has_its_line(rows: list[SegmentDone]) -> None:
    real = {s.region for s in rows if s.minutes > 0}
    assert len(assemble(rows).done) == len(real)


def test_no_text_we_ship_claims_what_is_not_shown() -> None:
    for name in ("aftercare", "techniques", "plan", "checkin"):
        text = files("unknot.treatment.domain").joinpath(f"{name}.toml").read_text("utf-8")
        text = text.split("[forbidden]")[0]
        assert forbidden_in(text) == ()


def test_the_forbidden_list_sees_the_claims_of_promotional_texts() -> None:
    text = "Powerful work flushes toxins, breaks down adhesions and scar tissue, and boosts circulation and healing."
    assert forbidden_in(text) == (
        "powerful", "flush", "toxin", "breaks down", "adhesion", "scar tissue", "circulation", "healing",
    )  # fmt: skip


def test_firm_and_light_sessions_get_their_own_line() -> None:
    assert "firm" in {line.key for line in assemble([done("shoulder", "stripping", 4)]).advice}
    light = {line.key for line in assemble([done("shoulder", "petrissage", 3)]).advice}
    assert ("firm" in light, "light" in light) == (False, True)


def test_a_low_back_session_is_told_what_studies_found() -> None:
    def evidence(region: str) -> list[str]:
        return [line.key for line in assemble([done(region)]).section("evidence")]

    assert evidence("low_back") == ["low_back_evidence", "general_evidence"]
    assert evidence("foot") == ["general_evidence"]


def test_a_line_about_stretching_needs_stretching() -> None:
    stretched = assemble([done("shoulder", "passive_stretch", None)])
    assert "stretch" in {line.key for line in stretched.advice}
    assert "stretch" not in {line.key for line in assemble([done("shoulder")]).advice}


def test_done_lines_add_up_a_region() -> None:
    rows = [done("low_back", "stripping", 4, 8), done("low_back", "compression", 3, 5)]
    assert assemble(rows).done == (
        "Low back (left side mostly): 13 min, slow lengthwise strokes, pressing, up to level 4 (strong).",
    )


def test_warning_signs_are_on_every_sheet_with_the_numbers_of_the_place() -> None:
    sheet = assemble([], numbers=Numbers("112", "116117"))
    assert [line.key for line in sheet.safety] == ["emergency_nerves", "emergency_heart", "urgent"]
    assert sheet.safety[0].text.startswith("Call 112 ")
    assert sheet.safety[2].text.endswith("116117 can advise.")


def test_every_line_has_a_mark_and_a_source() -> None:
    assert {s.mark for s in STATEMENTS} <= {"V", "V-", "K", "P"}
    assert all(s.source for s in STATEMENTS)
