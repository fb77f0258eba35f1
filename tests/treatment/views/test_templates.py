"""Note templates: per practice, in versions, never over a typed word."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from unknot.booking.queries import VisitFacts
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.treatment import actions, domain, queries
from unknot.treatment.models import Note, NoteTemplateVersion

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
URL = "/p/riverbend/desk/note-templates/"
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.fixture
def browser(maren: Actor, signed_in: Callable[..., Client]) -> Client:
    """Maren's browser."""
    return signed_in(maren.account_id)


@pytest.fixture
def made(maren: Actor) -> UUID:
    """A template in its first version."""
    words = domain.TemplateWords("Low back", assessment="Usual stiffness.", home_care="Walk daily.")
    return actions.save_template(by=maren, template_id=None, version=0, words=words, now=START)


@given(st.fixed_dictionaries(dict.fromkeys(domain.TEMPLATE_FIELDS, text)), text)
def test_no_typed_word_is_ever_replaced(typed: dict[str, str], assessment: str) -> None:
    template = domain.TemplateWords("T", assessment=assessment or "x", plan="Next week.")
    filled = domain.filled_in(template, typed)
    assert all(not typed[name].strip() for name in filled)
    assert all(filled[name] == getattr(template, name) for name in filled)


def test_from_the_list_into_a_note(
    visit: VisitFacts, browser: Client, begin: Callable[..., UUID], maren: Actor
) -> None:
    actions.end_session(by=maren, session_id=begin(visit, START), ended_by="client", now=START)
    empty = browser.post(URL, {"version": "0", "name": "Nothing in it"})
    assert (empty.status_code, "Write a text into at least one field" in empty.content.decode()) == (422, True)
    made = {"version": "0", "name": "Low back", "assessment": "Usual stiffness.", "home_care": "Walk daily."}
    assert browser.post(URL, made).status_code == 302
    note = f"/p/riverbend/desk/visits/{visit.id}/note/"
    page = browser.get(note).content.decode()
    [chosen] = re.findall(r'<option value="([0-9a-f-]{36})">Low back', page)
    typed = dict(re.findall(r'name="(version|d_s\d+_minutes)" value="(\d+)"', page))
    typed |= {"do": "template", "template": chosen, "home_care": "My own words."}
    shown = browser.post(note, typed).content.decode()
    assert "Usual stiffness." in shown
    assert "My own words." in shown
    assert "Walk daily." not in shown
    assert Note.objects.get().version == 1  # nothing is saved by choosing
    lost = browser.post(note, typed | {"template": "none such"})
    assert "Choose a template first" in lost.content.decode()
    assert "My own words." in lost.content.decode()


def test_each_change_is_a_version_that_stays(made: UUID, browser: Client, maren: Actor) -> None:
    page = browser.get(f"{URL}{made}/").content.decode()
    assert 'name="version" value="1"' in page
    changed = {"version": "1", "name": "Low back", "assessment": "Other words."}
    for _ in range(2):  # a double press is one version
        assert browser.post(f"{URL}{made}/", changed).status_code == 302
    stale = browser.post(f"{URL}{made}/", changed | {"assessment": "typed meanwhile"})
    assert stale.status_code == 409
    assert "typed meanwhile" in stale.content.decode()
    assert "Other words." in stale.content.decode()
    found = queries.template(made, by=maren)
    assert (found.now.version, found.now.words.assessment) == (2, "Other words.")
    assert [one.words.assessment for one in found.earlier] == ["Usual stiffness."]
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute("UPDATE treatment_notetemplateversion SET version = 9")


def test_put_away_it_leaves_the_note_and_comes_back(
    made: UUID, visit: VisitFacts, browser: Client, begin: Callable[..., UUID]
) -> None:
    begin(visit, START)
    note = f"/p/riverbend/desk/visits/{visit.id}/note/"
    for do, there in (("away", False), ("away", False), ("back", True)):
        browser.post(f"{URL}{made}/", {"do": do})
        assert (str(made) in browser.get(note).content.decode()) is there


def test_only_the_practice_s_therapists_and_owners(
    made: UUID, tomasz: Actor, foothills: Stage, signed_in: Callable[..., Client]
) -> None:
    with pytest.raises(NotFoundError):
        queries.templates(by=tomasz)
    other = signed_in(foothills.therapists["noor-haddad"].account_id)
    assert other.get(f"/p/foothills/desk/note-templates/{made}/").status_code == 404
    desk = signed_in(next(person.pk for held, person in foothills.staff if held == "front_desk"))
    assert desk.get("/p/foothills/desk/note-templates/").status_code == 404
    with tenancy.scope(practice_id=foothills.practice.id):
        assert NoteTemplateVersion.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries(maren: Actor, rows: int, django_assert_num_queries: Any) -> None:
    for n in range(rows):
        words = domain.TemplateWords(f"T{n}", plan="Next week.")
        actions.save_template(by=maren, template_id=None, version=0, words=words, now=START)
    with django_assert_num_queries(2):
        assert len(queries.templates(by=maren)) == rows
