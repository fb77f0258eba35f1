"""Importing articles: nothing goes missing, nothing changes unsaid, nothing crosses a wall."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from unknot.audit.models import Entry
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor, system
from unknot.website import queries
from unknot.website.actions import ImportReport, MayNotImportError, PostFile, import_posts
from unknot.website.models import Article

MOJIBAKE = Path(__file__).parent / "files" / "mojibake.md"


def post(title: str, body: str = "Some words.", day: str = "2026-01-02") -> PostFile:
    return PostFile(f"{title}.md", f"---\ntitle: {title}\ndate: {day}\n---\n\n{body}\n".encode())


def run(stage: Stage, *files: PostFile, now: datetime, dry_run: bool = False) -> ImportReport:
    with tenancy.scope(practice_id=stage.practice.id):
        return import_posts(by=system(stage.practice.id), files=files, now=now, dry_run=dry_run)


def stored(stage: Stage) -> list[tuple[str, str]]:
    with tenancy.scope(practice_id=stage.practice.id):
        return list(Article.objects.order_by("slug").values_list("slug", "body"))


def test_a_garbled_export_comes_back_in_order(riverbend: Stage, now: datetime) -> None:
    (report,) = run(riverbend, PostFile("mojibake.md", MOJIBAKE.read_bytes()), now=now).files
    assert (report.outcome, report.slug, report.region) == ("created", "why-deep-isnt-better-a-note", "low_back")
    assert {"characters", "byte-order-mark", "line-ends", "repeated-title"} <= {one.kind for one in report.repairs}
    assert [(one.claim.rule, one.claim.line) for one in report.claims] == [("toxins", 13)]
    assert sorted(one.kind for one in report.problems) == ["no-alt", "picture-elsewhere"]
    with tenancy.scope(practice_id=riverbend.practice.id):
        page = queries.article_at(report.slug, on=now.date())
    assert page.card.title == "Why “deep” isn’t “better” – a note"
    assert page.card.author == "Zoë Tremblay"
    assert page.html.startswith("<p>Clients say: “go deeper”. We don’t always.</p>")
    assert [one["rule"] for one in page.claims] == ["toxins"]


def test_the_same_file_again_changes_nothing_and_a_changed_one_updates(riverbend: Stage, now: datetime) -> None:
    first = run(riverbend, post("One"), now=now)
    again = run(riverbend, post("One"), now=now)
    changed = run(riverbend, post("One", "Other words."), now=now)
    assert [report.files[0].outcome for report in (first, again, changed)] == ["created", "unchanged", "updated"]
    assert stored(riverbend) == [("one", "Other words.")]


def test_two_files_of_one_title_both_stay_and_stay_apart_next_time(riverbend: Stage, now: datetime) -> None:
    files = (post("Twin", "First."), post("Twin", "Second."))
    assert [one.outcome for one in run(riverbend, *files, now=now).files] == ["created", "created"]
    assert [one.outcome for one in run(riverbend, *files, now=now).files] == ["unchanged", "unchanged"]
    assert stored(riverbend) == [("twin", "First."), ("twin-2", "Second.")]


def test_a_refused_file_keeps_no_other_back(riverbend: Stage, now: datetime) -> None:
    report = run(riverbend, PostFile("empty.md", b""), post("Fine"), now=now)
    assert [(one.file, one.outcome) for one in report.files] == [("empty.md", "refused"), ("Fine.md", "created")]
    assert report.files[0].message == "This file is empty. Nothing of it was imported; the file itself is untouched."
    assert report.refused == 1


def test_a_dry_run_tells_the_same_and_stores_nothing(riverbend: Stage, now: datetime) -> None:
    report = run(riverbend, post("One"), now=now, dry_run=True)
    assert (report.stored, report.files[0].outcome) == (False, "created")
    assert stored(riverbend) == []
    assert Entry.objects.filter(verb="articles.imported").count() == 0


def test_a_missing_date_is_told_and_kept_on_the_next_import(riverbend: Stage, now: datetime) -> None:
    file = PostFile("x.md", b"---\ntitle: X\n---\n\nWords.")
    (first,) = run(riverbend, file, now=now).files
    assert [one.kind for one in first.problems] == ["no-date"]
    (later,) = run(riverbend, file, now=now.replace(year=2027)).files
    assert later.outcome == "unchanged"


def test_only_owners_and_commands_import(
    riverbend: Stage, foothills: Stage, now: datetime, client_of: Callable[..., Actor], staff_of: Callable[..., Actor]
) -> None:
    tomasz, desk = client_of(riverbend, "tomasz@clients.example"), staff_of(foothills, "front_desk")
    for actor in (tomasz, replace(desk, practice_id=riverbend.practice.id), Actor(practice_id=riverbend.practice.id)):
        with tenancy.scope(practice_id=riverbend.practice.id), pytest.raises(MayNotImportError):
            import_posts(by=actor, files=[post("One")], now=now)
    with tenancy.scope(practice_id=foothills.practice.id), pytest.raises(MayNotImportError):
        import_posts(by=system(riverbend.practice.id), files=[post("One")], now=now)


def test_drafts_future_posts_and_neighbours_stay_out_of_sight(
    riverbend: Stage, openhands: Stage, now: datetime
) -> None:
    run(riverbend, post("Shown"), post("Draft"), post("Later", day="2031-01-01"), now=now)
    run(openhands, post("Theirs"), now=now)
    with tenancy.scope(practice_id=riverbend.practice.id):
        Article.objects.filter(slug="draft").update(state="draft")
        assert [one.slug for one in queries.articles(on=now.date())] == ["shown"]
        for slug in ("draft", "later", "theirs", "no-such"):
            with pytest.raises(queries.UnknownArticleError):
                queries.article_at(slug, on=now.date())
    with tenancy.scope():
        assert {one.slug for one in queries.article_addresses(on=now.date())} == {"shown", "theirs"}
        assert set(Article.across_practices.values_list("slug", flat=True)) == {"shown", "later", "theirs"}


def test_a_list_takes_one_query_however_long(
    riverbend: Stage, now: datetime, django_assert_num_queries: Callable[..., object]
) -> None:
    for number in (1, 3):
        run(riverbend, *(post(f"Post {one}") for one in range(number)), now=now)
        with tenancy.scope(practice_id=riverbend.practice.id), django_assert_num_queries(1):  # type: ignore[attr-defined]
            assert len(queries.articles(on=date(2026, 11, 17))) == number
