"""Every form page and hostile input: never a server error, never half a change, and an answer that helps.

The pages are found by walking the addresses; one that takes a POST and stands in none of the tables fails the test.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils.html import escape

from tests.test_access import PAPER, House, address, house, ours, things  # noqa: F401 - a fixture
from unknot.booking.models import Appointment
from unknot.db import tenancy
from unknot.kernel.ids import new_id

DAY = timedelta(days=1)
LONG = "a" * 900_000
VALUES = [
    "",
    "no-such-choice-7Q",
    "-1",
    "9" * 400,
    "1e400",
    "\ud83e\udd2f <script>alert(1)</script>".encode("utf-16", "surrogatepass").decode("utf-16"),
    "2020-01-01",
    "2026-02-30",
    "noor-haddad|clinic|2027-03-14T02:30",  # a time that the clocks skip
    "noor-haddad|clinic|2020-01-01T10:00",
    "noor-haddad|clinic|10000-01-01T10:00",
    "|||||",
    "00000000-0000-0000-0000-000000000000",
    "x" * 5000,
]


@dataclass(frozen=True)
class Page:
    """A form page: who fills it, what they send, and what is wrong with it (field, value, where the summary points)."""

    who: str
    data: dict[str, Any] = field(default_factory=dict)
    wrong: tuple[tuple[str, str, str], ...] = ()
    which: str = "own"


P = "p/<slug:practice>/"
DESK_BOOK = {
    "service": "therapeutic-60",
    "therapist": "noor-haddad",
    "place": "clinic",
    "date": "2026-11-19",
    "slot": "noor-haddad|clinic|2026-11-19T08:00",
    "client": "new",
    "name": "Wim Aalders",
    "phone": "403-555-0177",
    "email": "wim@clients.example",
    "street": "",
    "postal_code": "",
    "reason": "",
    "q": "",
}
DESK_TOGETHER = {
    "people": "2",
    "place": "clinic",
    "date": "2026-11-19",
    "time": "",
    "slot": "clinic|2026-11-19T10:00",
    "p1-service": "therapeutic-60",
    "p1-client": "new",
    "p1-name": "Wim Aalders",
    "p1-phone": "403-555-0177",
    "p1-email": "wim@clients.example",
    "p2-service": "therapeutic-60",
    "p2-therapist": "",
    "p2-client": "new",
    "p2-name": "Ada Quist",
    "p2-phone": "403-555-0178",
    "reason": "",
    "street": "",
    "postal_code": "",
}
SERIES = {
    "service": "therapeutic-60",
    "therapist": "noor-haddad",
    "place": "",
    "date": "2026-11-23",
    "time": "10:00",
    "every": "1",
    "unit": "weeks",
    "count": "3",
    "until": "",
    "pick-2": "skip",
}
ROOM = {"do": "save", "name": "Birch", "capacity": "2", "attributes": "quiet", "seen": ""}
SERVICE = {
    "do": "save",
    "name": "Quiet massage, 45 minutes",
    "kind": "relaxation",
    "description": "Slow.",
    "minutes": "45",
    "price": "85.50",
    "buffer_before": "0",
    "buffer_after": "15",
    "at_clinic": "on",
    "new_clients": "yes",
    "skill": "",
    "position": "9",
    "seen": "",
}
PAGES = {
    f"{P}book/": Page(
        "anonymous",
        {"service": "therapeutic-60", "therapist": "", "place": "clinic", "street": "", "postal_code": "", "needs": ""},
        (("service", "", "service"), ("service", "no-such-massage", "service")),
    ),
    f"{P}book/hold/": Page("anonymous", {"service": "therapeutic-60", "slot": "noor-haddad|clinic|2026-11-19T08:00"}),
    f"{P}desk/book/": Page("front_desk", DESK_BOOK),
    f"{P}desk/together/": Page("front_desk", DESK_TOGETHER),
    f"{P}desk/together/<uuid:group_id>/move/": Page(
        "front_desk",
        {"slot": "", "date": "2026-11-19", "time": "10:00", "with": "anybody", "reason": "", "sure": "1"},
    ),
    f"{P}desk/together/<uuid:group_id>/cancel/": Page("front_desk"),
    f"{P}desk/visits/<uuid:visit_id>/move/": Page(
        "front_desk",
        {"to": "", "date": "2026-11-19", "time": "09:00", "minutes": "75", "therapist": "", "reason": "", "sure": "1"},
    ),
    f"{P}desk/hours/<uuid:therapist_id>/": Page(
        "therapist",
        {
            "weekday-0": "3",
            "kind-0": "hours",
            "opens-0": "09:00",
            "closes-0": "12:00",
            "place-0": "home",
            "since-0": "2026-12-01",
            "until-0": "2026-12-31",
        },
        (
            ("opens-0", "nine", "opens-0"),
            ("closes-0", "12:03", "opens-0"),
            ("place-0", "moon", "opens-0"),
            ("since-0", "2027-01-05", "opens-0"),
        ),
    ),
    f"{P}desk/hours/<uuid:therapist_id>/days/": Page(
        "therapist",
        {"kind": "closed", "first": "2026-12-24", "last": "2026-12-26", "opens": "", "place": "", "reason": "away"},
    ),
    f"{P}desk/hours/holidays/": Page("owner", {"closed": "yes", "back": ""}),
    f"{P}desk/rooms/<uuid:room_id>/": Page(
        "owner",
        ROOM,
        (("name", "", "id_name"), ("capacity", "0", "id_capacity"), ("attributes", "moon", "id_attributes_0")),
    ),
    f"{P}desk/rooms/new/": Page("owner", ROOM | {"place": ""}, (("name", "Birch", "id_place"),)),
    f"{P}desk/kit/new/": Page(
        "owner",
        {"name": "heated table", "carried": "2", "services": "", "seen": ""},
        (("name", "", "id_name"), ("carried", "21", "id_carried"), ("services", "moon", "id_services_0")),
    ),
    f"{P}desk/kit/of/<slug:kind>/": Page("owner", {"name": "heated table", "carried": "2", "seen": ""}),
    f"{P}desk/menu/new/": Page(
        "owner",
        SERVICE,
        (("price", "much", "id_price"), ("kind", "moon", "id_kind"), ("therapists", "moon", "id_therapists_0")),
    ),
    f"{P}desk/menu/<uuid:service_id>/": Page(
        "owner", SERVICE, (("minutes", "7", "id_minutes"), ("name", "", "id_name"))
    ),
    f"{P}desk/why/": Page(
        "front_desk",
        {"service": "therapeutic-60", "therapist": "", "place": "home", "postal_code": "T2N 1N4", "date": "2026-11-19"},
    ),
    f"{P}desk/limits/": Page("owner", {"seen": ""}),
    f"{P}desk/rules/": Page(
        "owner",
        {"grid_minutes": "30", "notice_minutes": "60", "horizon_days": "30", "hold_minutes": "5", "seen": ""},
        (("horizon_days", "0", "id_horizon_days"), ("grid_minutes", "7", "id_grid_minutes")),
    ),
    f"{P}desk/visits/<uuid:visit_id>/room/": Page("front_desk", {"to": "", "reason": ""}),
    f"{P}desk/visits/<uuid:visit_id>/additions/": Page(
        "front_desk", {"add": "foot-massage", "reason": "", "sequence": "0", "sure": "1"}
    ),
    f"{P}my/visits/<uuid:visit_id>/additions/": Page("client", {"add": "foot-massage", "sequence": "0", "sure": "1"}),
    f"{P}desk/visits/<uuid:visit_id>/mark/": Page("front_desk", {"event": "arrive"}),
    f"{P}desk/late/": Page(
        "front_desk",
        {"therapist": "noor-haddad", "minutes": "20", "key": "7d3f6f0e-2f9f-4bb0-8f0c-0a54e0f0a003"},
    ),
    f"{P}desk/late/<uuid:delay_id>/undo/": Page("front_desk"),
    f"{P}my/late/<uuid:late_id>/": Page("client", {"choice": "keep"}),
    f"{P}desk/requests/<uuid:visit_id>/": Page(
        "front_desk", {"answer": "accept", "change": "7d3f6f0e-2f9f-4bb0-8f0c-0a54e0f0a002"}
    ),
    f"{P}my/visits/<uuid:visit_id>/change/": Page("client", {"change": "7d3f6f0e-2f9f-4bb0-8f0c-0a54e0f0a002"}),
    f"{P}desk/visits/<uuid:visit_id>/cancel/": Page("front_desk", {"waive": "", "reason": "moved away"}),
    f"{P}desk/visits/<uuid:visit_id>/pay/": Page(
        "front_desk", {"method": "cash", "tip": "5"}, (("tip", "twelve", "id_tip"), ("tip", "-3", "id_tip")), "unpaid"
    ),
    f"{P}desk/receipts/<uuid:receipt_id>/void/": Page("front_desk", {"reason": "a typing slip", "next": "/"}),
    f"{P}my/details/": Page(
        "client",
        {"name": "Maya Thorne", "preferred_name": "May", "phone": "403-555-0141", "reminders_by_email": "on"},
        (
            ("name", "", "id_name"),
            ("phone", "five five five", "id_phone"),
            ("preferred_name", "m" * 90, "id_preferred_name"),
        ),
    ),
    f"{P}my/people/add/": Page(
        "client",
        {"name": "Junia Thorne", "born_on": "2017-03-21", "relation": "child", "decides_alone": ""},
        (("name", "", "id_name"), ("born_on", "some day", "id_born_on"), ("relation", "cousin", "id_relation_0")),
    ),
    f"{P}book/series/": Page(
        "client", SERIES | {"book": "1"}, (("every", "0", "id_every"), ("count", "99", "id_count"))
    ),
    f"{P}my/series/<uuid:series_id>/move/": Page(
        "client", {"from": "1", "scope": "one", "slot": "noor-haddad|clinic|2026-11-20T08:00", "sure": "1"}
    ),
    f"{P}my/series/<uuid:series_id>/cancel/": Page("client", {"from": "1", "scope": "all", "sure": "1"}),
    f"{P}desk/clients/<uuid:client_id>/series/": Page("front_desk", SERIES | {"book": "1"}),
    f"{P}desk/series/<uuid:series_id>/move/": Page(
        "front_desk", {"from": "1", "scope": "one", "slot": "noor-haddad|clinic|2026-11-20T08:00", "sure": "1"}
    ),
    f"{P}desk/series/<uuid:series_id>/cancel/": Page("front_desk", {"from": "1", "scope": "all", "sure": "1"}),
    f"{P}desk/series/<uuid:series_id>/answer/": Page("front_desk", {"event": "confirm"}),
    f"{P}book/waitlist/": Page(
        "client",
        {"service": "therapeutic-60", "first": "2026-11-19", "last": "2026-11-21", "part": "morning", "weekdays": "0"},
        (("first", "soon", "id_first"), ("last", "2026-11-18", "id_last"), ("part", "dawn", "id_part")),
    ),
    f"{P}my/waitlist/<uuid:entry_id>/leave/": Page("client"),
    f"{P}my/offers/<uuid:offer_id>/": Page("client", {"answer": "yes"}),
    f"{P}desk/waitlist/<uuid:entry_id>/remove/": Page("front_desk"),
    f"{P}together/home/": Page(
        "anonymous",
        {"people": "2", "place": "home", "street": "5 Elm Row", "postal_code": "T6E 1A1"},
        (("street", "", "id_street"), ("postal_code", "X0X 9Z9", "id_postal_code")),
    ),
    f"{P}together/hold/": Page(
        "client",
        {"people": "2", "s1": "therapeutic-60", "s2": "therapeutic-60", "t1": "", "t2": "", "slot": "clinic|x"},
    ),
    f"{P}join/<str:token>/": Page("client"),
    f"{P}my/together/<uuid:group_id>/": Page("client"),
    f"{P}my/together/<uuid:group_id>/cancel/": Page("client", {"visit": ""}),
    f"{P}my/together/<uuid:group_id>/change/": Page("client"),
    f"{P}my/people/<uuid:client_id>/hand-over/": Page("client", {"email": "grown@visitors.example"}),
    f"{P}own-record/<str:token>/": Page("client"),
    f"{P}my/together/<uuid:group_id>/move/": Page("client", {"slot": "clinic|2026-11-24T10:00", "with": "anybody"}),
    f"{P}my/body-map/": Page("client", {"region": "low_back:left", "intensity-low_back:left": "4"}),
    f"{P}my/touch/": Page(
        "client",
        {
            "off_limits": "foot",
            "covering": "dressed",
            "asking": "each",
            "talking": "quiet",
            "comforts": "door",
            "signal": "two taps",
            "words": "No perfume, please.",
        },
        (("words", "w" * 2000, "id_words"), ("signal", "s" * 200, "id_signal")),
    ),
    f"{P}desk/visits/<uuid:visit_id>/consent/": Page(
        "therapist", {"scope": "treatment", "text_version": "2026.1", "method": "paper"}
    ),
    f"{P}desk/visits/<uuid:visit_id>/style/": Page(
        "therapist",
        {"choice": "combine", "reason": "Asked for firmer work."},
        (("reason", "r" * 900, "id_reason"), ("choice", "nobody", "id_choice")),
    ),
    f"{P}desk/safety-rules/<str:rule>/": Page(
        "therapist",
        {"upon": "0", "hold": "md_first", "cap": "2", "days": "30", "reason": "Our physician asked for it."},
        (("cap", "9", "id_cap"), ("days", "0", "id_days"), ("reason", "", "id_reason")),
    ),
    f"{P}desk/clients/<uuid:client_id>/touch/": Page("therapist", {"off_limits": "foot", "covering": "dressed"}),
    f"{P}desk/clients/<uuid:client_id>/answers/": Page(
        "therapist", {"intake": "", "rule": "C12", "scope": "hold", "cap": "2", "reason": "Cleared by a doctor."}
    ),
    f"{P}desk/clients/<uuid:client_id>/answers/ask/": Page(
        "therapist", {"step": "signs", "none": "", "yes": "", "carried": ""}
    ),
    f"{P}my/consent/<uuid:visit_id>/": Page("client", {"scope": "treatment", "text_version": "", "region": ""}),
    f"{P}my/visits/<uuid:visit_id>/cancel/": Page("client", {"sure": "1"}),
    f"{P}my/visits/<uuid:visit_id>/move/": Page("client", {"slot": "noor-haddad|clinic|2026-11-20T08:00", "sure": "1"}),
    f"{P}my/visits/<uuid:visit_id>/comfort/": Page(
        "client", {"signal": "lighter", "idempotency_key": "k", "pressed_at": "2026-11-17T09:10:00-07:00"}
    ),
    f"{P}my/visits/<uuid:visit>/review/": Page(
        "client",
        {"stars": "5", "words": "Calm and clear.", "anonymous": "", "as_it_is": ""},
        (("stars", "6", "id_stars_0"),),
        "unpaid",
    ),
    f"{P}my/check-ins/<uuid:check_in_id>/": Page(
        "client",
        {
            "soreness": "2",
            "pain": "3",
            "bruise": "none",
            "words": "Slept well.",
        },
        (("pain", "11", "pain"), ("bruise", "huge", "bruise")),
    ),
    f"{P}my/progress/rating/": Page("client", {"value": "3", "day": "2026-11-17"}, (("value", "12", "id_value"),)),
    f"{P}my/progress/questions/": Page(
        "client", {"name0": "Tie my shoes", "rate0": "4"}, (("rate0", "11", "id_rate0"), ("name0", "", "id_name0"))
    ),
    f"{P}my/progress/questions/<uuid:questionnaire_id>/": Page("client", {"item0": "1"}, (("item0", "9", "id_item0"),)),
    f"{P}my/progress/wish/": Page("client", {"target": "4"}, (("target", "12", "id_target"),)),
    f"{P}desk/questionnaires/": Page(
        "owner", {"text": PAPER.replace("SLUG", "brought")}, (("text", "no file at all", "id_text"),)
    ),
    f"{P}desk/questionnaires/<uuid:questionnaire_id>/": Page("owner", {"proof": "a letter"}),
    f"{P}my/progress/goals/": Page("client", {"words": "to garden again"}, (("words", "w" * 2000, "id_words"),)),
    f"{P}my/progress/goals/<uuid:goal_id>/": Page("client", {"level": "1"}),
    f"{P}s/": Page("anonymous", {"signal": "lighter", "idempotency_key": "k"}),
    f"{P}guide/": Page("anonymous", {"G1": "yes", "region": "low_back:left", "intensity-low_back:left": "4"}),
    f"{P}screening/": Page("anonymous", {"step": "signs", "none": "", "yes": "", "carried": ""}),
    f"{P}desk/visits/<uuid:visit_id>/plan/": Page(
        "therapist", {"do": "edit", "version": "0", "key": "", "technique": ""}
    ),
    f"{P}desk/visits/<uuid:visit_id>/start/": Page("therapist", {"pain": "3"}),
    f"{P}desk/visits/<uuid:visit_id>/session/": Page("therapist", {"do": "next", "seq": "0", "leave": ""}),
    f"{P}desk/visits/<uuid:visit_id>/session/marks/": Page(
        "therapist", {"marks": '[{"id": "7d3f6f0e-2f9f-4bb0-8f0c-0a54e0f0a003", "kind": "note"}]', "sent_at": "x"}
    ),
    f"{P}desk/visits/<uuid:visit_id>/session/end/": Page(
        "therapist", {"ended_by": "plan", "pain": "2", "words": ""}, (("ended_by", "nobody", "id_ended_by"),)
    ),
    f"{P}desk/visits/<uuid:visit_id>/note/": Page(
        "therapist",
        {"do": "save", "version": "0", "editor": "e", "words": "stiff", "changes": ""},
        (("words", "w" * 9000, "id_words"), ("f0_m0_before", "900", "id_f0_m0_before")),
    ),
    f"{P}desk/visits/<uuid:visit_id>/note/amend/": Page("therapist", {"reason": "a slip", "text": "left, not right"}),
    f"{P}desk/note-templates/": Page(
        "therapist", {"version": "0", "name": "Low back", "plan": "Walk daily."}, (("name", "n" * 61, "id_name"),)
    ),
    f"{P}desk/note-templates/<uuid:template_id>/": Page(
        "owner",
        {"version": "1", "name": "Low back", "plan": "Walk daily."},
        (("plan", "w" * 2001, "id_plan"),),
    ),
    f"{P}desk/check-ins/<uuid:check_in_id>/seen/": Page("therapist"),
    f"{P}desk/clients/<uuid:client_id>/progress/": Page(
        "therapist", {"decision": "other", "interval_days": "14", "style": "lighter", "reason": "as agreed", "seen": ""}
    ),
    f"{P}desk/clients/<uuid:client_id>/progress/rating/": Page(
        "therapist", {"value": "3", "day": "2026-11-17", "context": "before"}, (("value", "-4", "id_value"),)
    ),
    f"{P}desk/clients/<uuid:client_id>/progress/measurement/": Page(
        "therapist",
        {"instrument": "ftf", "first": "12", "second": ""},
        (("first", "twelve", "id_first"), ("instrument", "ruler", "id_instrument")),
    ),
    f"{P}desk/calendars/feed/": Page("therapist", {"do": "make"}),
    f"{P}desk/calendars/outside/": Page(
        "therapist", {"address": "https://cal.example/x.ics"}, (("address", "my calendar", "id_address"),)
    ),
    f"{P}desk/calendars/outside/<uuid:calendar_id>/": Page("therapist", {"do": "read"}),
    f"{P}desk/calendars/rule/": Page(
        "owner",
        {"when_stale": "stop", "hours": "6"},
        (("hours", "0", "id_hours"), ("when_stale", "x", "id_when_stale_0")),
    ),
    f"{P}desk/calendars/questions/<uuid:question_id>/": Page("therapist"),
    "sign-in/": Page(
        "anonymous", {"email": "maya@clients.example", "next": "/me/"}, (("email", "maya at home", "id_email"),)
    ),
    "sign-out/": Page("stranger"),
    "mail/stop/<str:token>/": Page("anonymous"),
}
LOOKED_AT = {
    f"{P}book/details/<uuid:hold_id>/",  # has a test of its own below
    f"{P}together/details/<uuid:group_id>/",  # needs a kept time in the session: tests/booking/views/test_together.py
}


@pytest.fixture(autouse=True)
def _clock(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=True):
        yield


@pytest.fixture
def forms(house: House, now: datetime) -> House:  # noqa: F811
    """The people of the access matrix, and a completed visit beside the coming one."""
    maya = house.home.clients["maya@clients.example"]
    house.ids["past"] = things(house.home, maya, now, hours=-72)
    with tenancy.scope(practice_id=house.home.practice.id):
        Appointment.objects.filter(pk=house.ids["past"]["visit_id"]).update(state="completed")
        row = Appointment.objects.get(pk=house.ids["past"]["visit_id"])
        row.pk, row.starts_at, row.ends_at = new_id(), row.starts_at - DAY, row.ends_at - DAY
        row.blocked = DateTimeTZRange(row.starts_at, row.ends_at)
        row.save(force_insert=True)
    house.ids["unpaid"] = house.ids["past"] | {"visit_id": row.pk}
    return house


def fingerprint(forms: House) -> str:
    """All rows that a form may change, as one digest: not the trail, counters and sessions."""
    tables = [
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.startswith("unknot.") and model._meta.app_label not in {"audit", "web", "jobs"}
    ]
    # A last look at calendars elsewhere, before a time is agreed, notes when it tried.
    row = "(to_jsonb(t) - 'tried_at' - 'read_at' - 'failure')::text"
    digest = f"md5(coalesce(string_agg({row}, '' ORDER BY {row}), ''))"
    parts = [f"SELECT '{name}' AS name, {digest} FROM {name} t" for name in tables]  # noqa: S608
    with tenancy.scope(practice_id=forms.home.practice.id), connection.cursor() as cursor:
        cursor.execute(f"{' UNION ALL '.join(parts)} ORDER BY name")  # parallel reads come in any order
        return "".join(row[1] for row in cursor.fetchall())


def send(forms: House, path: str, data: dict[str, Any]) -> Any:
    page = PAGES[path]
    return forms.browsers[page.who].post(address(path, forms.home, forms.ids[page.which]), data)


def test_every_form_page_stands_in_the_table() -> None:
    found = {path for path, view in ours() if "POST" in inspect.getsource(inspect.unwrap(view))}
    assert found == set(PAGES) | LOOKED_AT


@pytest.mark.parametrize("path", PAGES)
def test_hostile_values_change_nothing_and_break_nothing(forms: House, path: str) -> None:
    found = []
    page, before = PAGES[path], fingerprint(forms)
    for name in [*page.data, "invented"]:
        for value in VALUES:
            answer = send(forms, path, page.data | {name: value})
            after = fingerprint(forms)
            if answer.status_code >= 500:
                found.append(f"{name}={value[:40]!r}: {answer.status_code}")
            if answer.status_code >= 400 and after != before:
                found.append(f"{name}={value[:40]!r}: answered {answer.status_code} and changed something")
            if "<script>alert(1)" in answer.content.decode():
                found.append(f"{name}: written back unescaped")
            before = after
    assert found == []


@pytest.mark.parametrize("path", PAGES)
def test_nul_bytes_and_floods_end_at_the_edge(forms: House, path: str) -> None:
    before = fingerprint(forms)
    name = next(iter(PAGES[path].data), "anything")
    nul = send(forms, path, PAGES[path].data | {name: "a\x00b"})
    flood = send(forms, path, PAGES[path].data | {name: LONG + LONG})
    many = send(forms, path, {f"field{number}": "x" for number in range(700)})
    assert (nul.status_code, flood.status_code, many.status_code) == (400, 413, 400)
    assert "retype that field" in nul.content.decode()
    assert fingerprint(forms) == before


@pytest.mark.parametrize(
    ("path", "name", "value", "target"),
    [(path, *wrong) for path, page in PAGES.items() for wrong in page.wrong],
    ids=lambda value: str(value)[:40],
)
def test_the_answer_names_the_field_and_keeps_what_was_typed(
    forms: House, path: str, name: str, value: str, target: str
) -> None:
    page, before = PAGES[path], fingerprint(forms)
    answer = send(forms, path, page.data | {name: value})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert fingerprint(forms) == before
    assert f'href="#{target}"' in text, "the summary links to the field"
    assert len(re.findall(rf'\sid="{target}"', text)) == 1, "the link leads somewhere"
    assert 'class="field-error"' in text, "the message stands near the field"
    kept = [one for key, one in (page.data | {name: value}).items() if one and not one.isdigit() and key not in HIDDEN]
    missing = [one for one in kept if escape(one) not in text]
    assert [one for one in missing if one not in CHOICES] == []


HIDDEN = {"needs", "day", "version", "editor", "do", "seen"}
# A choice that is none cannot be shown as chosen.
CHOICES = {"cousin", "ruler", "huge", "nobody", "no-such-massage", "on", "moon", "home", "hours", "nine"}


def test_a_tampered_slot_gets_times_to_choose_from(forms: House) -> None:
    browser, start = Client(), {"service": "therapeutic-60", "slot": ""}
    for slot in ("noor-haddad|clinic|2026-11-19T03:00", "nobody|clinic|2026-11-19T08:00", "noor-haddad|moon|", "x"):
        answer = browser.post("/p/foothills/book/hold/", start | {"slot": slot})
        assert answer.status_code in {404, 409, 422}, slot
        assert 'name="slot"' in answer.content.decode(), slot


@pytest.fixture
def held(forms: House) -> tuple[Client, str]:
    """A visitor with a kept time: the browser and the address of the details page."""
    browser = Client()
    page = browser.get("/p/foothills/book/times/?service=therapeutic-60&therapist=noor-haddad").content.decode()
    slot = re.findall(r'name="slot"\s+value="([^"]+)"', page)[-1]
    answer = browser.post("/p/foothills/book/hold/", {"service": "therapeutic-60", "slot": slot})
    assert answer.status_code == 302
    return browser, answer["Location"]


def test_a_kept_time_survives_bad_input(forms: House, held: tuple[Client, str]) -> None:
    browser, url = held
    for value in [*VALUES, LONG]:
        for name in ("name", "phone"):
            answer = browser.post(url, {"name": "Wim Aalders", "phone": "403-555-0177"} | {name: value})
            assert answer.status_code == 422
    assert "Wim Aalders" in browser.get(url).content.decode() or browser.get(url).status_code == 200


def test_a_stale_hold_is_said_kindly(
    forms: House, held: tuple[Client, str], now: datetime, signed_in: Callable[..., Client]
) -> None:
    browser, url = held
    with time_machine.travel(now + timedelta(hours=2), tick=True):
        answer = browser.post(url, {"name": "Wim Aalders", "phone": "403-555-0177"})
    assert answer.status_code in {409, 410}
    assert 'action="/p/foothills/book/hold/"' in answer.content.decode() or "book/times" in answer.content.decode()
    stranger = Client().post(url, {"name": "Wim Aalders"})
    assert stranger.status_code == 404


@pytest.mark.parametrize(
    "path", [f"{P}my/progress/goals/", f"{P}my/visits/<uuid:visit_id>/cancel/", f"{P}my/check-ins/<uuid:check_in_id>/"]
)
def test_sending_twice_has_one_effect(forms: House, path: str) -> None:
    first = send(forms, path, PAGES[path].data)
    after = fingerprint(forms)
    second = send(forms, path, PAGES[path].data)
    assert first.status_code == 302
    assert second.status_code in {200, 302, 409, 422}
    assert fingerprint(forms) == after


@pytest.mark.parametrize(("path", "data"), [("desk/book/", DESK_BOOK), ("desk/together/", DESK_TOGETHER)])
def test_booking_by_telephone_twice_is_one_visit_and_one_client(forms: House, path: str, data: dict[str, str]) -> None:
    path = f"{P}{path}"
    assert send(forms, path, data).status_code == 302
    after = fingerprint(forms)
    assert send(forms, path, data).status_code == 409
    assert fingerprint(forms) == after
