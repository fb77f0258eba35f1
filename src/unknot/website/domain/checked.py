"""An imported post made fit to be stored, with everything about it that its author should know."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from unknot.website.domain.claims import Claim, find_claims
from unknot.website.domain.findings import BODY, FRONT_MATTER, Problem, Repair
from unknot.website.domain.front_matter import ImportedPost, read_post

LARGEST_FILE = 1_000_000  # bytes; a long book chapter has a tenth of that
# What the table holds, in characters.
_LONGEST = {"title": 200, "description": 400, "author": 120, "image": 300, "image_alt": 300}
_LONGEST_TAG, _MOST_TAGS = 40, 30
_WIDE = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Located:
    """A claim with the part of the article it stands in; `line` counts in the file as received."""

    where: str
    claim: Claim


@dataclass(frozen=True, slots=True)
class CheckedPost:
    """`refusal` is empty, or says why nothing of this file can be stored."""

    post: ImportedPost | None
    repairs: tuple[Repair, ...] = ()
    problems: tuple[Problem, ...] = ()
    claims: tuple[Located, ...] = ()
    refusal: str = ""


def check_post(content: bytes, *, file_name: str) -> CheckedPost:
    """Reads, repairs, shortens to what can be stored, and looks for claims. Never raises."""
    if len(content) > LARGEST_FILE:
        return CheckedPost(None, refusal="This file is larger than 1 MB, too large for an article.")
    if not content.strip():
        return CheckedPost(None, refusal="This file is empty.")
    if b"\x00" in content and not content.startswith(_WIDE):
        return CheckedPost(None, refusal="This is not a text file.")
    read = read_post(content, file_name=file_name)
    repairs, problems = list(read.repairs), list(read.problems)
    post = _storable(read.post, repairs)
    if not post.body.strip():
        return CheckedPost(None, tuple(repairs), tuple(problems), refusal="There is no text under the front matter.")
    # A description taken from the text would tell the same claim twice.
    derived = any(one.kind == "description" for one in repairs)
    for picture in post.pictures:
        message = f"The picture {picture.source} is not part of this file; its address and description were kept."
        line = post.body_line + picture.line if picture.line else 1
        problems.append(Problem("picture-elsewhere", BODY if picture.line else FRONT_MATTER, line, 1, message))
    return CheckedPost(post, tuple(repairs), tuple(problems), tuple(_claims(post, derived)))


def numbered(slug: str, number: int) -> str:
    """The slug of the second, third, ... article of the same title in one import: the first keeps its own."""
    return slug if number < 2 else f"{slug[:76]}-{number}"


def _storable(post: ImportedPost, repairs: list[Repair]) -> ImportedPost:
    """Characters that no database takes are dropped, long fields cut between words; each cut is reported."""

    def clean(text: str, where: str) -> str:
        kept = "".join(char for char in text if char != "\x00" and not "\ud800" <= char <= "\udfff")
        if kept != text:
            repairs.append(Repair("unstorable", where, 1, 1, f"{len(text) - len(kept)} characters", ""))
        return kept

    def cut(name: str, text: str, longest: int) -> str:
        if len(text) <= longest:
            return text
        kept = text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
        repairs.append(Repair("too-long", FRONT_MATTER, 1, 1, f"{name}: {text}", kept))
        return kept

    fields: dict[str, Any] = {
        name: cut(name, clean(getattr(post, name), FRONT_MATTER), size) for name, size in _LONGEST.items()
    }
    tags = tuple(cut("tag", clean(tag, FRONT_MATTER), _LONGEST_TAG) for tag in post.tags[:_MOST_TAGS])
    if len(post.tags) > _MOST_TAGS:
        repairs.append(Repair("too-many", FRONT_MATTER, 1, 1, ", ".join(post.tags[_MOST_TAGS:]), ""))
    return replace(
        post,
        title=fields["title"],
        description=fields["description"],
        author=fields["author"],
        image=fields["image"],
        image_alt=fields["image_alt"],
        tags=tags,
        body=clean(post.body, BODY),
    )


def _claims(post: ImportedPost, derived: bool) -> Iterable[Located]:
    for name, text in (("title", post.title), ("description", "" if derived else post.description)):
        for claim in find_claims(text):
            yield Located(name, replace(claim, line=1))
    for claim in find_claims(post.body):
        yield Located("body", replace(claim, line=post.body_line + claim.line - 1))
