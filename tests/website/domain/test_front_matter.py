"""Articles as other site builders left them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.website.domain import BODY, FRONT_MATTER, Picture, read_post

WHOLE = """---
title: "Firm or light: which massage fits?"
description: How to choose.
author: Ines Okafor
date: 2026-03-05
image: /media/back.jpg
alt: A therapist's forearm on a back
tags: [Low back, choosing, low back]
featured: true
---

# Firm or light: which massage fits?

It depends.

![A foam roller](/media/roller.jpg)
"""


def test_a_whole_article() -> None:
    result = read_post(WHOLE.encode(), file_name="firm.md")
    post = result.post
    assert post.title == "Firm or light: which massage fits?"
    assert post.slug == "firm-or-light-which-massage-fits"
    assert post.description == "How to choose."
    assert post.author == "Ines Okafor"
    assert post.published_on == date(2026, 3, 5)
    assert (post.image, post.image_alt) == ("/media/back.jpg", "A therapist's forearm on a back")
    assert post.tags == ("low back", "choosing")
    assert post.featured is True
    assert post.body == "It depends.\n\n![A foam roller](/media/roller.jpg)"
    assert [picture.source for picture in post.pictures] == ["/media/back.jpg", "/media/roller.jpg"]
    assert [repair.kind for repair in result.repairs] == ["repeated-title"]
    assert result.problems == ()


def test_broken_characters_are_repaired_in_both_parts_and_counted_one_by_one() -> None:
    hurt = WHOLE.replace("therapist's", "therapistâ€™s").replace("It depends.", "Itâ€™s a cafÃ©.")
    result = read_post(hurt)
    assert result.post.image_alt == "A therapist’s forearm on a back"
    assert result.post.body.startswith("It’s a café.")
    found = [(r.where, r.line, r.column, r.before, r.after) for r in result.repairs if r.kind == "characters"]
    assert found == [
        (FRONT_MATTER, 7, 17, "â€™", "’"),
        (BODY, 14, 3, "â€™", "’"),
        (BODY, 14, 13, "Ã©", "é"),
    ]


def test_mark_line_ends_and_tabs_do_not_matter_and_are_told() -> None:
    hurt = b"\xef\xbb\xbf" + WHOLE.replace("title: ", "title:\t").replace("\n", "\r\n").encode()
    result = read_post(hurt)
    assert result.post == read_post(WHOLE).post
    assert {repair.kind for repair in result.repairs} == {"byte-order-mark", "line-ends", "tabs", "repeated-title"}


def test_another_encoding_is_read_and_told() -> None:
    text = "---\ntitle: Café\ndescription: It’s open\n---\nText.\n"
    result = read_post(text.encode("cp1252"))
    assert (result.post.title, result.post.description) == ("Café", "It’s open")
    assert [repair.kind for repair in result.repairs] == ["encoding"]


def test_unquoted_colons_are_read_line_by_line() -> None:
    result = read_post("---\ntitle: Deep tissue: what is it?\ntags:\n  - one\n  - two\nfeatured: no\n---\nText.\n")
    assert result.post.title == "Deep tissue: what is it?"
    assert result.post.tags == ("one", "two")
    assert result.post.featured is False
    assert [repair.kind for repair in result.repairs] == ["description", "front-matter"]


def test_duplicate_keys_keep_the_last_and_say_so() -> None:
    result = read_post("---\ntitle: One\ndescription: d\ntitle: Two\n---\nText.\n")
    assert result.post.title == "Two"
    assert [(problem.kind, problem.line) for problem in result.problems] == [("duplicate-field", 4)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-3-5", date(2026, 3, 5)),
        ("2026-03-05T10:00:00Z", date(2026, 3, 5)),
        ("March 5, 2026", date(2026, 3, 5)),
        ("5 March 2026", date(2026, 3, 5)),
        ("'2026/03/05'", date(2026, 3, 5)),
        ("05/03/2026", None),
        ("2026-02-31", None),
        ("soon", None),
        ("[1, 2]", None),
    ],
)
def test_dates_are_read_one_way_or_not_at_all(written: str, read: date | None) -> None:
    result = read_post(f"---\ntitle: T\ndescription: d\ndate: {written}\n---\nText.\n")
    assert result.post.published_on == read
    assert [problem.kind for problem in result.problems] == ([] if read else ["bad-field"])


def test_fields_of_the_wrong_kind_are_left_empty() -> None:
    result = read_post(
        "---\ntitle: [a, b]\ndescription: d\nfeatured: perhaps\nlayout: post\nimage: {src: x.jpg}\n---\n"
        "# Head\n\nText.\n"
    )
    assert (result.post.title, result.post.featured, result.post.image) == ("Head", False, "x.jpg")
    assert [(problem.kind, problem.line) for problem in result.problems] == [
        ("bad-field", 2),
        ("bad-field", 4),
        ("unknown-field", 5),
        ("no-alt", 6),
    ]


def test_no_front_matter_at_all() -> None:
    result = read_post("# What to expect\n\nWear what you like.\n", file_name="x.md")
    assert (result.post.title, result.post.body) == ("What to expect", "Wear what you like.")
    assert result.post.description == "Wear what you like."
    assert [problem.kind for problem in result.problems] == ["no-front-matter"]


def test_a_file_name_gives_the_title_of_last_resort() -> None:
    result = read_post("Text only.", file_name="2024-01-05-first-visit.md")
    assert result.post.title == "First visit"
    assert [problem.kind for problem in result.problems] == ["no-front-matter", "no-title"]


def test_a_missing_fence_ends_at_the_first_blank_line() -> None:
    result = read_post("---\ntitle: T\ndescription: d\n\nText.\n")
    assert (result.post.title, result.post.body) == ("T", "Text.")
    assert [repair.kind for repair in result.repairs] == ["unclosed-front-matter"]


def test_aliases_are_not_unfolded_and_code_is_not_run() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\ntags: [*b, *b]"
    assert read_post(f"---\n{bomb}\n---\nText.\n").post.tags == ("*b",)
    result = read_post("---\ntitle: !!python/object/apply:os.getcwd []\ndescription: d\n---\nText.\n")
    assert result.post.title == "!!python/object/apply:os.getcwd []"


def test_pictures_without_words_are_listed() -> None:
    result = read_post("---\ntitle: T\ndescription: d\n---\nOne.\n\n![](a.png) and ![ok](b.png)\n")
    assert result.post.pictures == (Picture("a.png", "", 2), Picture("b.png", "ok", 2))
    assert [(problem.kind, problem.line) for problem in result.problems] == [("no-alt", 7)]


@settings(max_examples=150)
@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300), st.text(max_size=200).map(lambda t: f"---\n{t}\n---\nx"))
)
def test_anything_is_answered(content: bytes | str) -> None:
    result = read_post(content)
    assert result.post.title
    assert result.post.slug
    assert "\x00" not in result.post.body + result.post.title + result.post.description
