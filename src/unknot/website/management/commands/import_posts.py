"""`unknot import-posts FILE... --practice SLUG`: articles in, a full report out."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.kernel.errors import NotFoundError
from unknot.practice import queries as practice
from unknot.website.actions import REFUSED, FileReport, ImportReport, PostFile, import_posts
from unknot.website.domain.checked import LARGEST_FILE

ALL_WELL, SOME_REFUSED, NO_PRACTICE = 0, 1, 2


class Command(BaseCommand):
    """Imports front-matter articles. Exit 0: every file is in; 1: some could not be imported; 2: no such practice."""

    help = (
        "Imports Markdown files with front matter as articles of a practice. Reports every repair that was made, "
        "everything a person should look at, and every health claim that evidence does not carry. Importing a file "
        "again updates its article. Exit code 0: every file is in (repairs and claims included); 1: at least one file "
        "could not be imported, the others are in; 2: there is no such practice."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files, practice, dry run, output form."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--practice", required=True, metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="report only, store nothing")
        parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """One import; leaves with the exit code."""
        try:
            facts = practice.practice_at(options["practice"])
        except NotFoundError:
            self.stderr.write(f"There is no practice '{options['practice']}'. Nothing was imported.")
            sys.exit(NO_PRACTICE)
        readable, unreadable = _read(options["files"])
        with tenancy.scope(practice_id=facts.id):
            report = import_posts(by=system(facts.id), files=readable, now=timezone.now(), dry_run=options["dry_run"])
        report = _in_order(report, unreadable, options["files"])
        self.stdout.write(_as_json(report, facts.slug) if options["json"] else _as_text(report, facts.name))
        sys.exit(SOME_REFUSED if report.refused else ALL_WELL)


def _read(paths: list[Path]) -> tuple[list[PostFile], list[FileReport]]:
    """The files that can be opened, and a report for each that cannot."""
    readable, unreadable = [], []
    for path in paths:
        try:
            with path.open("rb") as source:
                readable.append(PostFile(str(path), source.read(LARGEST_FILE + 1)))
        except OSError as error:
            message = f"This file could not be read: {error.strerror}. Nothing of it was imported."
            unreadable.append(FileReport(str(path), REFUSED, message=message))
    return readable, unreadable


def _in_order(report: ImportReport, unreadable: list[FileReport], paths: list[Path]) -> ImportReport:
    """One report per path, in the order of the command line."""
    waiting: dict[str, list[FileReport]] = {}
    for one in [*report.files, *unreadable]:
        waiting.setdefault(one.file, []).append(one)
    return ImportReport(tuple(waiting[str(path)].pop(0) for path in paths), report.stored)


def _as_json(report: ImportReport, slug: str) -> str:
    files = []
    for one in report.files:
        row = asdict(one)
        row["claims"] = [{"where": found.where, **asdict(found.claim)} for found in one.claims]
        files.append(row)
    return json.dumps(
        {"practice": slug, "stored": report.stored, "refused": report.refused, "files": files},
        indent=2,
        ensure_ascii=False,
    )


def _as_text(report: ImportReport, practice_name: str) -> str:
    lines = []
    for one in report.files:
        lines.append(f"{one.file}: {one.outcome}" + (f", “{one.title}” ({one.slug})" if one.slug else ""))
        lines += [f"  {one.message}"] if one.message else []
        lines += [f"  the guide opens with: {one.region}"] if one.region else []
        lines += [
            f"  repaired, {fix.where}, line {fix.line}: {fix.kind}: {_shown(fix.before)} -> {_shown(fix.after)}"
            for fix in one.repairs
        ]
        lines += [f"  please look, {found.where}, line {found.line}: {found.message}" for found in one.problems]
        lines += [
            f"  claim, {found.where}, line {found.claim.line}: “{found.claim.excerpt}” ({found.claim.rule}). "
            f"Better: {found.claim.advice}"
            for found in one.claims
        ]
    done = "imported into" if report.stored else "would be imported into (dry run, nothing was stored)"
    fine = len(report.files) - report.refused
    lines.append(f"{fine} of {len(report.files)} files {done} {practice_name}")
    return "\n".join(lines)


def _shown(text: str, longest: int = 60) -> str:
    plain = text.encode("unicode_escape").decode("ascii") if text and not text.isprintable() else text
    return f"“{plain[:longest]}…”" if len(plain) > longest else f"“{plain}”"
