"""Articles: Markdown in, safe HTML out.

markdown-it reads (raw HTML switched off, so it stays text), then nh3 removes whatever is not on the list below. Two
nets, because either could have a hole. Both are pure libraries: text in, text out.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from unknot.website.domain.slugs import slug_of

_TAGS = frozenset(
    {"p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s"}
    | {"a", "img", "table", "thead", "tbody", "tr", "th", "td"}
)
_ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "img": {"src", "alt", "title", "loading", "decoding"},
    "ol": {"start"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_WORDS_A_MINUTE = 220


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture an article shows; `line` counts from 0 in the Markdown body."""

    source: str
    alt: str
    line: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the rendered article, for its table of contents."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class RenderedArticle:
    """`html` is safe to put on a page whose only h1 is the title. `minutes` is the reading time, at least 1."""

    html: str
    headings: tuple[Heading, ...]
    minutes: int


def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def render_article(markdown: str, *, own_hosts: Iterable[str] = ()) -> RenderedArticle:
    """Safe HTML of an article body.

    The highest heading level used becomes h2, the next h3 and so on, so none is skipped and the page keeps one h1.
    Pictures load lazily and always have an alt attribute. Links to hosts outside `own_hosts` get rel="noopener".
    Addresses other than http, https, mailto, tel and relative ones are removed.
    """
    reader = _reader()
    tokens = reader.parse(markdown)
    headings = _lower_headings(tokens)
    hosts = frozenset(host.lower() for host in own_hosts)
    for token in _inline(tokens):
        if token.type == "image":
            token.attrSet("loading", "lazy")
            token.attrSet("decoding", "async")
        elif token.type == "link_open" and _is_external(str(token.attrGet("href") or ""), hosts):
            token.attrSet("rel", "noopener")
    raw = str(reader.renderer.render(tokens, reader.options, {}))
    html = nh3.clean(raw, tags=set(_TAGS), attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)
    words = len(re.findall(r"\w+", _text_of(tokens)))
    return RenderedArticle(html, headings, max(1, round(words / _WORDS_A_MINUTE)))


def pictures_in(markdown: str) -> tuple[Picture, ...]:
    """Every picture of a Markdown text in reading order, with its address, alternative text and line."""
    return tuple(
        Picture(str(token.attrGet("src") or ""), token.content.strip(), block.map[0] if block.map else 0)
        for block in _reader().parse(markdown)
        for token in block.children or ()
        if token.type == "image"
    )


def plain_text(markdown: str) -> str:
    """The words of a Markdown text on one line, without markup."""
    return " ".join(_text_of(_reader().parse(markdown)).split())


def _inline(tokens: Sequence[Token]) -> Iterable[Token]:
    for token in tokens:
        yield from token.children or ()


def _text_of(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    for token in tokens:
        if token.type in ("code_block", "fence"):
            parts.append(token.content)
        for child in token.children or ():
            if child.type in ("text", "code_inline"):
                parts.append(child.content)
            elif child.type in ("softbreak", "hardbreak"):
                parts.append(" ")
        parts.append("\n")
    return "".join(parts)


def _lower_headings(tokens: Sequence[Token]) -> tuple[Heading, ...]:
    """Renumber heading tags in place and give each an anchor of its own."""
    used = sorted({token.tag for token in tokens if token.type == "heading_open"})
    tag_for = {tag: f"h{min(rank + 2, 6)}" for rank, tag in enumerate(used)}
    headings: list[Heading] = []
    taken: set[str] = set()
    for index, token in enumerate(tokens):
        if token.type == "heading_close":
            token.tag = tag_for[token.tag]
        if token.type != "heading_open":
            continue
        token.tag = tag_for[token.tag]
        text = _text_of(tokens[index + 1 : index + 2]).strip()
        # The prefix keeps an anchor from shadowing a name that the page's own script or form uses.
        stem = anchor = f"s-{slug_of(text, fallback='part')}"
        number = 2
        while anchor in taken:
            anchor, number = f"{stem}-{number}", number + 1
        taken.add(anchor)
        token.attrSet("id", anchor)
        headings.append(Heading(int(token.tag[1]), text, anchor))
    return tuple(headings)


def _is_external(address: str, own_hosts: frozenset[str]) -> bool:
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return True
    return host is not None and host.lower() not in own_hosts
