"""Reading a Markdown file with YAML front matter, as other site builders left it.

The reader is patient with form and strict with meaning: encodings, line ends, tabs, missing quotes and duplicate keys
are repaired and reported; a date that reads two ways, or a field of the wrong kind, is reported and left empty.
PyYAML's safe loader is used as a pure library (text in, values out); anchors and aliases are refused.
"""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from unknot.website.domain.article_fields import Fields, Report, unquote
from unknot.website.domain.characters import repair_characters
from unknot.website.domain.findings import BODY, FRONT_MATTER, Problem, Repair
from unknot.website.domain.render import Picture, pictures_in, plain_text
from unknot.website.domain.slugs import slug_of

FIELDS = ("title", "description", "author", "date", "image", "alt", "tags", "featured")
_LONGEST_FRONT_MATTER = 64 * 1024
_LONGEST_DESCRIPTION = 160
_KEY = re.compile(r"^([A-Za-z][\w-]*)[ \t]*:(?:[ ]+(.*))?$")


@dataclass(frozen=True, slots=True)
class ImportedPost:
    """An article as it will be stored. `body` is Markdown; `pictures` lists the body's and the hero picture.

    `body_line` is the line of the received file on which `body` begins, counted from 1.
    """

    title: str
    slug: str
    description: str
    author: str
    published_on: date | None
    image: str
    image_alt: str
    tags: tuple[str, ...]
    featured: bool
    body: str
    pictures: tuple[Picture, ...] = ()
    body_line: int = 1


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The post, everything that was changed on the way, and everything a person should look at."""

    post: ImportedPost
    repairs: tuple[Repair, ...]
    problems: tuple[Problem, ...]


def read_post(content: bytes | str, *, file_name: str = "") -> ImportResult:
    """Read one article file. Never raises: what cannot be read becomes a `Problem` and an empty field.

    `file_name` gives the title of last resort. Line numbers in the report are those of the received file.
    """
    report = Report()
    text = _unify_lines(_decode(content, report), report)
    lines = text.split("\n")
    head, body_lines, body_first_line = _split(lines, report)
    fixed_head = _fix_characters(head, FRONT_MATTER, 2, report)
    values, places = _read_head(fixed_head, report)
    body = _fix_characters("\n".join(body_lines), BODY, body_first_line, report)
    post = _assemble(values, places, body, body_first_line, file_name, report)
    report.repairs.sort(key=lambda repair: (repair.line, repair.column))
    report.problems.sort(key=lambda problem: (problem.line, problem.column))
    return ImportResult(post, tuple(report.repairs), tuple(report.problems))


def _decode(content: bytes | str, report: Report) -> str:
    """Text of the file; a byte-order mark is dropped, Windows-1252 is read where UTF-8 fails."""
    if isinstance(content, str):
        text = content
    elif content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
        report.repaired("encoding", FRONT_MATTER, 1, "UTF-16", "UTF-8")
    else:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            text = "".join(bytes([byte]).decode("cp1252", "replace") if byte >= 0x80 else chr(byte) for byte in content)
            report.repaired("encoding", FRONT_MATTER, 1, "Windows-1252", "UTF-8")
    if text.startswith(("\ufeff", "ï»¿")):
        mark = "\ufeff" if text[0] == "\ufeff" else "ï»¿"
        report.repaired("byte-order-mark", FRONT_MATTER, 1, mark, "")
        text = text[len(mark) :]
    return text


def _unify_lines(text: str, report: Report) -> str:
    if "\r" not in text:
        return text
    kind = "\r\n" if "\r\n" in text else "\r"
    report.repaired("line-ends", BODY, 1, kind, "\n")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _fix_characters(text: str, where: str, first_line: int, report: Report) -> str:
    repaired = repair_characters(text, where=where, first_line=first_line)
    report.repairs.extend(repaired.repairs)
    report.problems.extend(repaired.problems)
    return repaired.text.replace("\ufeff", "")


def _split(lines: list[str], report: Report) -> tuple[str, list[str], int]:
    """Front matter text, body lines, and the file line on which the body begins."""
    start = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
    if start == len(lines) or lines[start].rstrip() != "---":
        report.asks("no-front-matter", FRONT_MATTER, 1, "There is no front matter; the title was taken from the text.")
        return "", lines, 1
    end = next((i for i in range(start + 1, len(lines)) if lines[i].rstrip() in ("---", "...")), None)
    if end is None:
        end = next((i for i in range(start + 1, len(lines)) if not lines[i].strip()), len(lines))
        report.repaired("unclosed-front-matter", FRONT_MATTER, end + 1, "", "---")
    # Blank lines before the opening fence are kept as lines of the head, so that line 2 of the file stays line 2.
    head = "\n".join([""] * start + lines[start + 1 : end])
    if len(head) > _LONGEST_FRONT_MATTER:
        report.asks("front-matter-too-long", FRONT_MATTER, start + 1, "The front matter is too long and was not read.")
        head = ""
    return head, lines[end + 1 :], end + 2


class _Loader(yaml.SafeLoader):
    """Safe loading without aliases (a small file could unfold into a huge one) and with duplicate keys told."""

    duplicates: list[tuple[str, int]]

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                self.duplicates.append((str(key_node.value), key_node.start_mark.line))
            seen.add(key_node.value if isinstance(key_node.value, Hashable) else id(key_node))
        return super().construct_mapping(node, deep)


def _read_head(head: str, report: Report) -> tuple[dict[str, object], dict[str, int]]:
    """Front matter values by lower-case key, and the file line of each key."""
    if not head.strip():
        return {}, {}
    lines = head.split("\n")
    if "\t" in head:
        first = next(index for index, line in enumerate(lines) if "\t" in line)
        report.repaired("tabs", FRONT_MATTER, first + 2, "\t", "  ", column=lines[first].index("\t") + 1)
        head = head.replace("\t", "  ")
        lines = head.split("\n")
    places: dict[str, int] = {}
    for index, line in enumerate(lines):
        if match := _KEY.match(line):
            places[match.group(1).lower()] = index + 2
    loader = _Loader(head)
    loader.duplicates = []
    try:
        loaded = loader.get_single_data()
        if not isinstance(loaded, dict):
            raise yaml.YAMLError("not a list of fields")
        values = {str(key).lower(): value for key, value in loaded.items()}
        doubles = loader.duplicates
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        # ValueError: PyYAML builds dates itself and raises plainly on 2026-02-31.
        values, doubles = _read_loosely(lines, report)
    finally:
        loader.dispose()
    for key, index in doubles:
        message = f"“{key}” stands here a second time; the last one was kept."
        report.asks("duplicate-field", FRONT_MATTER, index + 2, message)
    return values, places


def _read_loosely(lines: list[str], report: Report) -> tuple[dict[str, object], list[tuple[str, int]]]:
    """`key: rest of the line` and simple lists, for front matter that is not quite YAML."""
    values: dict[str, object] = {}
    doubles: list[tuple[str, int]] = []
    key = ""
    for index, line in enumerate(lines):
        if match := _KEY.match(line):
            key = match.group(1).lower()
            if key in values:
                doubles.append((match.group(1), index))
            values[key] = unquote((match.group(2) or "").strip())
        elif key and (item := re.match(r"^\s*-\s+(.*)$", line)):
            held = values[key]
            values[key] = [*(held if isinstance(held, list) else []), unquote(item.group(1).strip())]
        elif key and line.startswith(" ") and line.strip() and isinstance(values[key], str):
            values[key] = f"{values[key]} {line.strip()}".strip().removeprefix("> ").removeprefix("| ")
        elif line.strip() and not line.lstrip().startswith("#"):
            report.asks(
                "unread-line", FRONT_MATTER, index + 2, "This line is neither a field nor a list item; left out."
            )
    before = next((line for line in lines if line.strip()), "")
    report.repaired("front-matter", FRONT_MATTER, 2, before, "read line by line: it is not valid YAML")
    return values, doubles


def _assemble(
    values: Mapping[str, object],
    places: Mapping[str, int],
    body: str,
    body_first_line: int,
    file_name: str,
    report: Report,
) -> ImportedPost:
    for key in values:
        if key not in FIELDS:
            line = places.get(key, 1)
            report.asks("unknown-field", FRONT_MATTER, line, f"“{key}” is not a field of an article; it was left out.")
    fields = Fields(values, places, report)
    title = fields.text("title")
    whole = body
    body, heading = _take_heading(body, title, body_first_line, report)
    body_line = body_first_line + whole.count("\n", 0, len(whole.rstrip("\n")) - len(body))
    title = title or heading
    if not title:
        title = re.sub(r"[-_]+", " ", re.sub(r"^\d{4}-\d\d-\d\d-|\.\w+$", "", file_name)).strip().capitalize()
        title = title or "Untitled"
        report.asks("no-title", FRONT_MATTER, 1, f"No title was found; “{title}” stands in for it.")
    description = fields.text("description")
    if not description and (first := _first_sentence(body)):
        description = first
        report.repaired("description", FRONT_MATTER, places.get("description", 1), "", first)
    image, alt = fields.image()
    found = pictures_in(body)
    for picture in found:
        if not picture.alt:
            line = body_line + picture.line
            report.asks(
                "no-alt", BODY, line, f"The picture {picture.source} has no description for people who can't see it."
            )
    hero = (Picture(image, alt, 0),) if image else ()
    return ImportedPost(
        title=title,
        slug=slug_of(title),
        description=description,
        author=fields.author(),
        published_on=fields.date(),
        image=image,
        image_alt=alt,
        tags=fields.tags(),
        featured=fields.flag("featured"),
        body=body,
        pictures=hero + found,
        body_line=body_line,
    )


def _take_heading(body: str, title: str, first_line: int, report: Report) -> tuple[str, str]:
    """The body without a first heading that only repeats the title, and that heading's text."""
    lines = body.strip("\n").split("\n")
    skipped = len(body) - len(body.lstrip("\n"))
    match = re.match(r"^#[ ]+(.+?)[ ]*#*$", lines[0])
    if not match:
        return body.strip("\n"), ""
    heading = match.group(1).strip()
    if title and slug_of(heading) != slug_of(title):
        return body.strip("\n"), heading
    if title:
        report.repaired("repeated-title", BODY, first_line + skipped, lines[0], "")
    return "\n".join(lines[1:]).strip("\n"), heading


def _first_sentence(body: str) -> str:
    """The opening of the text as a description of at most 160 characters, cut between words."""
    for block in re.split(r"\n\s*\n", body):
        if block.lstrip()[:1] in ("", "#", "!", "|", "`", "<", "-", "*", ">"):
            continue
        text = plain_text(block)
        if not text:
            continue
        if len(text) <= _LONGEST_DESCRIPTION:
            return text
        return text[:_LONGEST_DESCRIPTION].rsplit(" ", 1)[0].rstrip(" ,;:–—") + "…"
    return ""
