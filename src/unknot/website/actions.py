"""Writes of the website room."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from unknot.audit import actions as audit
from unknot.db import tenancy
from unknot.kernel import zones
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotAllowedError
from unknot.practice import queries as practice
from unknot.website.domain import Problem, Repair, region_of, render_article
from unknot.website.domain.checked import CheckedPost, Located, check_post, numbered
from unknot.website.models import Article
from unknot.website.policies import can_import_posts

CREATED, UPDATED, UNCHANGED, REFUSED = "created", "updated", "unchanged", "refused"


class MayNotImportError(NotAllowedError):
    """Only the practice's owner can import articles. Nothing was changed."""


class PostFile(NamedTuple):
    """A file as received."""

    name: str
    content: bytes


@dataclass(frozen=True)
class FileReport:
    """What became of one file. `outcome` is created, updated, unchanged or refused (then `message` says why)."""

    file: str
    outcome: str
    slug: str = ""
    title: str = ""
    region: str = ""
    message: str = ""
    repairs: tuple[Repair, ...] = ()
    problems: tuple[Problem, ...] = ()
    claims: tuple[Located, ...] = ()


@dataclass(frozen=True)
class ImportReport:
    """One report per file, in the order given: no file goes missing. `stored` is False for a dry run."""

    files: tuple[FileReport, ...]
    stored: bool

    @property
    def refused(self) -> int:
        """How many files could not be imported."""
        return sum(one.outcome == REFUSED for one in self.files)


def import_posts(*, by: Actor, files: Sequence[PostFile], now: datetime, dry_run: bool = False) -> ImportReport:
    """Imports Markdown files with front matter as published articles of the practice in scope.

    An article is known by its slug: importing the same file again changes nothing, a changed file updates. Two files of
    one import that share a title both stay, the later ones with a number. A file that cannot be read is refused in the
    report and keeps no other file back. A dry run reports the same and stores nothing. Raises MayNotImportError.
    """
    if not can_import_posts(by):
        raise MayNotImportError
    host_zone = practice.practice(_practice_id(by)).timezone
    seen: Counter[str] = Counter()
    reports = []
    with transaction.atomic():
        for file in files:
            checked = check_post(file.content, file_name=file.name)
            if checked.post is None:
                reports.append(_refused(file, checked))
                continue
            slug = checked.post.slug
            seen[slug] += 1
            reports.append(_store(file, checked, numbered(slug, seen[slug]), by=by, now=now, zone=host_zone))
        if not dry_run:
            counts = dict(Counter(one.outcome for one in reports))
            audit.record(by=by, verb="articles.imported", subject="article", now=now, outcomes=counts)
        else:
            transaction.set_rollback(True)
    return ImportReport(tuple(reports), stored=not dry_run)


def _refused(file: PostFile, checked: CheckedPost) -> FileReport:
    return FileReport(
        file.name,
        REFUSED,
        message=f"{checked.refusal} Nothing of it was imported; the file itself is untouched.",
        repairs=checked.repairs,
        problems=checked.problems,
    )


def _store(file: PostFile, checked: CheckedPost, slug: str, *, by: Actor, now: datetime, zone: str) -> FileReport:
    """Creates or updates one article, by its slug."""
    post = checked.post
    assert post is not None  # noqa: S101 - the caller asked
    problems = list(checked.problems)
    if slug != post.slug:
        message = f"Another file of this import has the same title; this one got the address {slug}."
        problems.append(Problem("slug-taken", "front matter", 1, 1, message))
    held = Article.objects.filter(slug=slug).first()
    published_on = post.published_on or (held.published_on if held else None)
    if published_on is None:
        published_on = zones.local(now, zone).date()
        message = f"There is no date that could be read; {published_on.isoformat()} stands in for it."
        problems.append(Problem("no-date", "front matter", 1, 1, message))
    rendered = render_article(post.body)
    values: dict[str, Any] = {
        "title": post.title,
        "description": post.description,
        "author": post.author,
        "published_on": published_on,
        "image": post.image,
        "image_alt": post.image_alt,
        "tags": list(post.tags),
        "featured": post.featured,
        "body": post.body,
        "html": rendered.html,
        "minutes": min(rendered.minutes, 600),
        "claims": [_claim_row(one) for one in checked.claims],
        "guide_region": region_of(title=post.title, tags=post.tags),
    }
    outcome = CREATED
    if held is None:
        Article.objects.create(practice_id=_practice_id(by), slug=slug, state="published", **values)
    elif {name: getattr(held, name) for name in values} == values:
        outcome = UNCHANGED
    else:
        outcome = UPDATED
        Article.objects.filter(pk=held.pk).update(**values)
    return FileReport(
        file.name,
        outcome,
        slug=slug,
        title=post.title,
        region=values["guide_region"],
        repairs=checked.repairs,
        problems=tuple(problems),
        claims=checked.claims,
    )


def _claim_row(one: Located) -> dict[str, Any]:
    claim = one.claim
    return {
        "where": one.where,
        "line": claim.line,
        "column": claim.column,
        "excerpt": claim.excerpt,
        "rule": claim.rule,
        "advice": claim.advice,
    }


def _practice_id(by: Actor) -> Any:
    scope = tenancy.current()
    if scope is None or scope.practice_id is None or by.practice_id != scope.practice_id:
        raise MayNotImportError
    return scope.practice_id
