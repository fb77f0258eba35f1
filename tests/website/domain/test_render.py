"""Article HTML: safe, with one h1 left to the page."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.website.domain import Heading, pictures_in, plain_text, render_article


def test_headings_move_below_the_title_without_gaps() -> None:
    article = render_article("# One\n\n### Two\n\n# One\n")
    assert article.headings == (Heading(2, "One", "s-one"), Heading(3, "Two", "s-two"), Heading(2, "One", "s-one-2"))
    assert article.html == '<h2 id="s-one">One</h2>\n<h3 id="s-two">Two</h3>\n<h2 id="s-one-2">One</h2>\n'


def test_pictures_load_lazily_and_have_an_alternative_text() -> None:
    html = render_article('![A back](/b.jpg "t") ![](/c.jpg)').html
    tags = re.findall("<img[^>]*>", html)
    assert [sorted(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in tags] == [
        [("alt", "A back"), ("decoding", "async"), ("loading", "lazy"), ("src", "/b.jpg"), ("title", "t")],
        [("alt", ""), ("decoding", "async"), ("loading", "lazy"), ("src", "/c.jpg")],
    ]


def test_links_elsewhere_are_marked_and_own_ones_are_not() -> None:
    text = "[a](https://other.example/x) [b](/book) [c](https://wren.example/y) [d](//other.example) [e](#s-one)"
    html = render_article(text, own_hosts=["wren.example"]).html
    assert html == (
        '<p><a href="https://other.example/x" rel="noopener">a</a> <a href="/book">b</a> '
        '<a href="https://wren.example/y">c</a> <a href="//other.example" rel="noopener">d</a> '
        '<a href="#s-one">e</a></p>\n'
    )


HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&#58;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    '![x](/a.png "\\" onerror=alert(1)")',
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '<https://x.example/"onmouseover=alert(1)>',
    "```\n<script>alert(1)</script>\n```",
    "[x](vbscript:msgbox)",
    "# <iframe src=//x.example>",
    "<style>*{display:none}</style>",
    "<a href=javascript:alert(1)>x</a>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_is_inert(text: str) -> None:
    html = render_article(text).html
    tags = re.findall(r"<[^>]*>", html)
    assert not [tag for tag in tags if re.search(r"script|iframe|svg|style|\son\w+\s*=", re.sub(r'"[^"]*"', "", tag))]
    assert not re.findall(r'(?:href|src)="\s*(?:javascript|vbscript|data):', html, re.IGNORECASE)


@given(st.text(alphabet="<>\"'()[]!#/:ajscript=&;\n `*_-onerror", max_size=80))
def test_no_text_makes_a_tag_of_its_own(text: str) -> None:
    html = render_article(text).html
    names = set(re.findall(r"</?([a-zA-Z][a-zA-Z0-9]*)", html))
    allowed = "p br hr h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong s a img table thead tbody tr th td"
    assert names <= set(allowed.split())


def test_tables_survive() -> None:
    html = render_article("| a | b |\n|---|---|\n| 1 | 2 |\n").html
    assert re.sub(r"\s", "", html) == (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    )


def test_reading_time_words_and_pictures() -> None:
    assert render_article("word " * 660).minutes == 3
    assert render_article("").minutes == 1
    assert plain_text("**Firm** or [light](/x)?\nBoth.") == "Firm or light? Both."
    assert [picture.line for picture in pictures_in("a\n\n![x](y)")] == [2]
