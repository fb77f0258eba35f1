"""Working hours edited in the browser."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from unknot.availability.models import Break, DayException, OpeningRule
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy

DESK = "/p/foothills/desk/"


@pytest.fixture
def who(foothills: Stage, signed_in: Callable[..., Client]) -> Callable[[str], Client]:
    """A browser of a member of staff by name."""
    return lambda name: signed_in(next(person.pk for _, person in foothills.staff if person.name == name))


def hours_of(stage: Stage, slug: str = "noor-haddad") -> str:
    return f"{DESK}hours/{stage.therapists[slug].pk}/"


def stored(stage: Stage, model: Any, slug: str = "noor-haddad") -> list[Any]:
    with tenancy.scope(practice_id=stage.practice.id):
        return list(model.objects.filter(therapist=stage.therapists[slug]).order_by("pk"))


def typed(page: str) -> dict[str, str]:
    """What the form would send as it stands."""
    found = dict(re.findall(r'name="([a-z]+-\d+)" value="([^"]*)"', page))
    for name, body in re.findall(r'name="(place-\d+)">(.*?)</select>', page, re.DOTALL):
        chosen = re.findall(r'value="([^"]*)" selected', body) or re.findall(r'value="([^"]*)"', body)
        found[name] = chosen[0]
    return found


def test_a_therapist_goes_straight_to_their_own_hours(foothills: Stage, who: Callable[[str], Client]) -> None:
    assert who("Noor Haddad").get(f"{DESK}hours/")["Location"] == hours_of(foothills)
    assert who("Ruth Lindqvist").get(f"{DESK}hours/").content.decode().count("/desk/hours/") == 6


def test_saving_what_is_there_changes_nothing(foothills: Stage, who: Callable[[str], Client]) -> None:
    browser = who("Noor Haddad")
    facts = ("weekday", "opens", "closes", "place_id", "valid_from", "valid_until")
    before = [[getattr(row, fact) for fact in facts] for row in stored(foothills, OpeningRule)]
    form = typed(browser.get(hours_of(foothills)).content.decode())
    assert browser.post(hours_of(foothills), form).status_code == 302
    after = [[getattr(row, fact) for fact in facts] for row in stored(foothills, OpeningRule)]
    assert sorted(after, key=str) == sorted(before, key=str)
    assert len(stored(foothills, Break)) == 4


def test_a_line_for_some_weeks_and_a_break(foothills: Stage, who: Callable[[str], Client]) -> None:
    browser = who("Ruth Lindqvist")
    place = str(foothills.places["clinic"].pk)
    line = {"weekday-0": "4", "kind-0": "hours", "opens-0": "18:00", "closes-0": "01:00", "place-0": place}
    line |= {"since-0": "2027-01-04", "until-0": "2027-02-26"}
    pause = {"weekday-1": "4", "kind-1": "break", "opens-1": "20:00", "closes-1": "20:30"}
    assert browser.post(hours_of(foothills), line | pause).status_code == 302
    (rule,) = stored(foothills, OpeningRule)
    assert (rule.weekday, rule.opens, rule.closes) == (4, 1080, 1500), "it crosses midnight"
    assert (rule.valid_from, rule.valid_until) == (date(2027, 1, 4), date(2027, 2, 27)), "the last day is within"
    assert [(one.starts, one.ends) for one in stored(foothills, Break)] == [(1200, 1230)]
    page = browser.get(hours_of(foothills)).content.decode()
    assert 'value="2027-02-26"' in page
    assert 'value="01:00"' in page


def test_a_wrong_line_saves_nothing_and_keeps_everything(foothills: Stage, who: Callable[[str], Client]) -> None:
    browser, before = who("Noor Haddad"), len(stored(foothills, OpeningRule))
    line = {"weekday-0": "0", "kind-0": "hours", "opens-0": "9 o'clock", "closes-0": "17:00", "place-0": "home"}
    answer = browser.post(hours_of(foothills), line)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write both times like 9:00" in page
    assert "9 o&#x27;clock" in page
    assert 'href="#opens-0"' in page
    assert len(stored(foothills, OpeningRule)) == before


def test_days_off_come_and_go(foothills: Stage, who: Callable[[str], Client]) -> None:
    browser = who("Noor Haddad")
    first = timezone.now().date() + timedelta(days=20)
    days = {"kind": "closed", "first": first.isoformat(), "last": (first + timedelta(days=2)).isoformat()}
    assert browser.post(f"{hours_of(foothills)}days/", days).status_code == 302
    rows = stored(foothills, DayException)
    assert [(row.date - first).days for row in rows] == [0, 1, 2]
    browser.post(f"{hours_of(foothills)}days/", {"remove": str(rows[1].pk)})
    assert [row.pk for row in stored(foothills, DayException)] == [rows[0].pk, rows[2].pk]
    assert browser.post(f"{hours_of(foothills)}days/", {"remove": str(rows[1].pk)}).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "closed", "first": ""},
        {"kind": "closed", "first": "2027-03-05", "last": "2027-03-01"},
        {"kind": "closed", "first": "2027-03-05", "last": "2028-03-01"},
        {"kind": "extra", "first": "2027-03-05", "opens": "", "closes": ""},
        {"kind": "extra", "first": "2027-03-05", "opens": "10:00", "closes": "12:00", "place": "moon"},
        {"kind": "holiday", "first": "2027-03-05", "opens": "10:00", "closes": "12:00"},
    ],
)
def test_days_that_make_no_sense_save_nothing(
    foothills: Stage, who: Callable[[str], Client], wrong: dict[str, str]
) -> None:
    answer = who("Noor Haddad").post(f"{hours_of(foothills)}days/", wrong)
    assert answer.status_code == 422
    assert 'href="#special"' in answer.content.decode()
    assert stored(foothills, DayException) == []


@pytest.mark.parametrize(("name", "status"), [("Noor Haddad", 404), ("Sam Okafor", 404), ("Ruth Lindqvist", 200)])
def test_only_one_s_own_hours_or_as_the_owner(
    foothills: Stage, who: Callable[[str], Client], name: str, status: int
) -> None:
    assert who(name).get(hours_of(foothills, "ivan-petrov")).status_code == status
