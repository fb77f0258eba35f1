"""A file becomes something that can be stored, or says why not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.website.domain.checked import LARGEST_FILE, check_post, numbered
from unknot.website.domain.claims import find_claims

POSTS = Path(__file__).parents[3] / "src/unknot/config/demo_data/posts"


@given(st.binary(max_size=600))
def test_no_bytes_break_it(content: bytes) -> None:
    found = check_post(content, file_name="x.md")
    assert (found.post is None) == bool(found.refusal)
    if found.post is not None:
        text = found.post.title + found.post.body + found.post.description
        text.encode()
        assert "\x00" not in text
        assert (len(found.post.title) <= 200, len(found.post.description) <= 400) == (True, True)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", "This file is empty."),
        (b" \n\n", "This file is empty."),
        (b"\x89PNG\x00\x01", "This is not a text file."),
        (b"---\ntitle: T\n---\n\n", "There is no text under the front matter."),
        (b"a" * (LARGEST_FILE + 1), "This file is larger than 1 MB, too large for an article."),
    ],
)
def test_what_is_no_article_is_refused_with_a_reason(content: bytes, refusal: str) -> None:
    assert check_post(content, file_name="x.md").refusal == refusal


def test_a_claim_is_found_on_its_line_of_the_file() -> None:
    content = b"---\ntitle: Ease\ndate: 2026-01-02\n---\n\n# Ease\n\nFirst.\n\nMassage flushes toxins out of you.\n"
    (found,) = check_post(content, file_name="x.md").claims
    assert (found.where, found.claim.line, found.claim.rule) == ("body", 10, "toxins")


def test_a_long_title_is_cut_and_the_cut_is_told() -> None:
    found = check_post(b"---\ntitle: " + b"word " * 60 + b"\n---\n\nText.", file_name="x.md")
    assert found.post is not None
    assert len(found.post.title) <= 200
    assert [one.kind for one in found.repairs if one.kind == "too-long"] == ["too-long"]


def test_later_articles_of_one_title_get_a_number_within_the_length_of_a_slug() -> None:
    assert [numbered("a", 1), numbered("a", 2), len(numbered("b" * 80, 12))] == ["a", "a-2", 79]


@pytest.mark.parametrize("path", sorted(POSTS.rglob("*.md")), ids=lambda path: path.stem)
def test_the_demo_s_articles_say_no_more_than_evidence_carries(path: Path) -> None:
    found = check_post(path.read_bytes(), file_name=path.name)
    assert (found.refusal, found.repairs, found.problems, found.claims) == ("", (), (), ())
    assert len(find_claims("Massage flushes toxins out of you.")) == 1  # the check itself is awake
