"""Every page and every call, by every role, with own, other people's, foreign and made-up ids.

The expectation comes from the declaration on each view; a route without one, or with an id that this table can't
make, fails the build. A foreign id and a made-up id must be answered alike. The controls at the end open a gate
and see the matrix turn red.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from difflib import unified_diff
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from unknot.booking.models import Appointment, Delay, Group, GroupVisit, LateVisit
from unknot.config.api import api
from unknot.config.demo_data.build import Stage, account
from unknot.db import tenancy
from unknot.kernel.actors import STAFF
from unknot.kernel.ids import digest, new_id
from unknot.kernel.money import Money
from unknot.payments.domain import (
    Document,
    Payment,
    ReceiptFacts,
    ReceiptPractice,
    ReceiptTherapist,
    canonical_json,
    price_breakdown,
    service_text,
)
from unknot.people.actions import make_token
from unknot.web.access import ANYONE, SIGNED_IN

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("access")]

# Addresses that are not ours to declare, each with its reason.
NOT_OURS = {
    "accounts/": "allauth's own pages, which check by themselves",
    "api/v1/": "calls are checked below, by operation",
}
SAFE_TO_ANSWER = {200, 302, 400, 404, 405, 409, 410, 422}


@dataclass
class House:
    """Two practices with the same kinds of things in each, and everybody's browser and token."""

    home: Stage
    away: Stage
    ids: dict[str, dict[str, uuid.UUID]] = field(default_factory=dict)
    browsers: dict[str, Client] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    roles: dict[str, frozenset[str]] = field(default_factory=dict)


@pytest.fixture
def house(foothills: Stage, riverbend: Stage, now: datetime, signed_in: Callable[..., Client]) -> House:
    made = House(foothills, riverbend)
    maya, anders = foothills.clients["maya@clients.example"], foothills.clients["anders@clients.example"]
    tomasz = riverbend.clients["tomasz@clients.example"]
    made.ids = {
        "own": things(foothills, maya, now, hours=1),
        "other": things(foothills, anders, now, hours=4),
        "foreign": things(riverbend, tomasz, now, hours=1),
        "made-up": dict.fromkeys(PARAMETERS, uuid.uuid4()),
    }
    staff = {role: person for role, person in foothills.staff if role != "therapist"}
    staff["therapist"] = next(person for role, person in foothills.staff if person.name == "Noor Haddad")
    people = {**staff, "client": maya.account, "stranger": tomasz.account}
    people["operator"] = account("vera@unknot.example", "Vera Castellan", is_operator=True)
    for name, person in people.items():
        made.browsers[name] = signed_in(person.pk)
        made.browsers[name].raise_request_exception = False
        made.tokens[name] = make_token(account_id=person.pk, label="matrix", now=now)
        made.roles[name] = frozenset() if name == "stranger" else frozenset({name})
    made.browsers["anonymous"], made.roles["anonymous"] = Client(raise_request_exception=False), frozenset()
    return made


def things(stage: Stage, client: Any, now: datetime, *, hours: int) -> dict[str, uuid.UUID]:
    """One of everything that an address can name, belonging to one client of a practice."""
    from unknot.availability.models import OutsideCalendar
    from unknot.booking.models import Series, SeriesVisit, WaitlistEntry, WaitlistOffer
    from unknot.interop.models import CalendarQuestion
    from unknot.outcomes.models import Goal, Questionnaire
    from unknot.payments.models import Payment as PaymentRow
    from unknot.payments.models import Receipt
    from unknot.treatment.domain import PlanRequest, build_plan, plan_as_data
    from unknot.treatment.models import CheckIn, Plan, Session

    therapist = stage.therapists.get("noor-haddad") or stage.therapists["maren-oduya"]
    service, place = stage.services["therapeutic-60"], next(iter(stage.places.values()))
    starts = now + timedelta(hours=hours)
    with tenancy.scope(practice_id=stage.practice.id):
        visit = Appointment.objects.create(
            practice=stage.practice,
            state="confirmed",
            client=client,
            account_id=client.account_id,
            therapist=therapist,
            practitioner_id=therapist.account_id,
            service=service,
            place=place,
            starts_at=starts,
            ends_at=starts + timedelta(minutes=60),
            blocked=DateTimeTZRange(starts, starts + timedelta(minutes=75)),
            local_start="2026-11-17T10:00",
            timezone="America/Edmonton",
            zone_data="2026f",
            price_minor=11000,
            currency="CAD",
            created_at=now,
        )
        own: dict[str, Any] = {"practice": stage.practice}
        series = Series.objects.create(
            client=client,
            account_id=client.account_id,
            service=service,
            first="2026-11-17T10:00",
            timezone="America/Edmonton",
            every=1,
            unit="weeks",
            count=1,
            created_at=now,
            **own,
        )
        entry = WaitlistEntry.objects.create(
            client=client, service=service, first=starts.date(), last=starts.date(), joined_at=now, **own
        )
        offer = WaitlistOffer.objects.create(
            entry=entry, client_id=client.pk, hold=visit, state="accepted", offered_at=now, expires_at=now, **own
        )
        SeriesVisit.objects.create(series=series, number=1, planned="2026-11-17T10:00", appointment=visit, **own)
        plan = Plan.objects.create(
            appointment=visit,
            content=plan_as_data(build_plan(PlanRequest(minutes=60))),
            rules_version="x",
            made_at=now,
            **own,
        )
        session = Session.objects.create(
            appointment=visit, plan=plan, join_hash=digest(str(visit.pk)), started_at=now, **own
        )
        check_in = CheckIn.objects.create(
            appointment=visit, client=client, account_id=client.account_id, kind="day_after", due_at=now, **own
        )
        group = Group.objects.create(account_id=client.account_id, hold_hash="", created_at=now, booked_at=now, **own)
        GroupVisit.objects.create(group=group, number=1, appointment=visit, called="Somebody", **own)
        goal = Goal.objects.create(client=client, words="to sleep", set_at=now, **own)
        paper = Questionnaire.objects.create(
            slug=f"made_up_{abs(hours)}",
            text=PAPER.replace("SLUG", f"made_up_{abs(hours)}"),
            installed_by_id=therapist.account_id,
            installed_at=now,
            accepted_by_id=therapist.account_id,
            accepted_at=now,
            **own,
        )
        payment = PaymentRow.objects.create(
            appointment_id=visit.pk,
            client=client,
            method="cash",
            amount_minor=100,
            currency="CAD",
            received_at=now,
            received_by_id=therapist.account_id,
            **own,
        )
        receipt = Receipt.objects.create(
            number=f"R-{hours}",
            year=2026,
            sequence=hours,
            payment=payment,
            client=client,
            account_id=client.account_id,
            facts=json.loads(canonical_json(receipt_facts())),
            facts_hash="",
            issued_at=now,
            **own,
        )
        calendar = OutsideCalendar.objects.create(
            therapist=therapist, address="https://cal.example/x.ics", host="cal.example", made_at=now, **own
        )
        question = CalendarQuestion.objects.create(
            kind="gone", therapist=therapist, appointment=visit, sequence=0, asked_at=now, **own
        )
        delay = Delay.objects.create(
            key=new_id(), therapist=therapist, day="2026-11-17", minutes=10, free_from=starts, told_at=now, **own
        )
        late = LateVisit.objects.create(
            delay=delay,
            visit=visit,
            was_local_start=visit.local_start,
            was_starts_at=starts - timedelta(minutes=10),
            was_ends_at=visit.ends_at - timedelta(minutes=10),
            was_therapist=therapist,
            starts_at=starts,
            sequence=0,
            answer_by=starts,
            **own,
        )
    made = {"appointment": visit, "session": session, "check_in": check_in, "goal": goal, "client": client}
    made |= {"series": series, "entry": entry, "offer": offer}
    made |= {"receipt": receipt, "therapist": therapist, "calendar": calendar, "question": question}
    made |= {"late": late, "delay": delay, "group": group, "room": stage.rooms[place.slug][0], "service": service}
    made |= {"questionnaire": paper}
    made |= {"template": note_template(stage, now)}
    found = {name: row.pk for name, row in made.items()} | {"hold": new_id()}
    return {parameter: found[kind] for parameter, kind in PARAMETERS.items()}


def note_template(stage: Stage, now: datetime) -> Any:
    """A note template of a practice."""
    from unknot.treatment.models import NoteTemplate, NoteTemplateVersion

    with tenancy.scope(practice_id=stage.practice.id):
        made = NoteTemplate.objects.create(practice=stage.practice, made_at=now)
        content = {"name": "Low back", "plan": "Walk daily."}
        NoteTemplateVersion.objects.create(
            practice=stage.practice, template=made, version=1, content=content, made_at=now
        )
    return made


def receipt_facts() -> ReceiptFacts:
    """What a small receipt says."""
    price = price_breakdown(unit=Money(11_000), jurisdiction="CA-AB", on=date(2026, 11, 17))
    return ReceiptFacts(
        number="R-1",
        document=Document.TREATMENT,
        issued_on=date(2026, 11, 17),
        service_on=date(2026, 11, 17),
        client_name="Maya Thorne",
        practice=ReceiptPractice("Foothills", ("220 Larkspur Avenue NW", "Calgary"), "403-555-0120"),
        service=service_text(Document.TREATMENT, 60),
        unit_price=price.unit,
        discount=price.discount,
        taxes=price.taxes,
        total=price.total,
        tip=price.tip,
        payments=(Payment("Cash", price.total, date(2026, 11, 17)),),
        therapist=ReceiptTherapist("Noor Haddad", "RMT", "An association", "ABX-20311", "Noor Haddad"),
        minutes=60,
    )


# A questionnaire that these tests made up.
PAPER = """
slug = "SLUG"
title = "Stairs"
version = "1"
instructions = "Think of today."
licence = "Made up; free for everybody."
attribution = "Made up for tests."
scale = {noun = "trouble with stairs", low = 0, high = 2, better = "lower"}
scoring = {rule = "sum"}
asked = {weeks = [0]}
option = [{label = "never", points = 0}, {label = "often", points = 2}]
item = [{text = "Stairs are hard."}]
"""

# Which thing an id in an address names.
PARAMETERS = {
    "appointment_id": "appointment",
    "visit_id": "appointment",
    "visit": "appointment",
    "session_id": "session",
    "check_in_id": "check_in",
    "goal_id": "goal",
    "template_id": "template",
    "receipt_id": "receipt",
    "client_id": "client",
    "hold_id": "hold",
    "calendar_id": "calendar",
    "question_id": "question",
    "late_id": "late",
    "delay_id": "delay",
    "group_id": "group",
    "series_id": "series",
    "entry_id": "entry",
    "offer_id": "offer",
    "questionnaire_id": "questionnaire",
    "therapist_id": "therapist",
    "room_id": "room",
    "service_id": "service",
}
OF_THE_PRACTICE = {"questionnaire_id"}  # nobody's own: every client of the practice is asked the same
WORDS = {"slug": "no-such-page", "rule": "C12", "code": "no-such-code", "token": "no-such-token", "kind": "no-such-kit"}


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every address with its view."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(entry, URLPattern):
            yield path, entry.callback
        else:
            yield from routes(entry, path)


def ours() -> list[tuple[str, Any]]:
    return [(path, view) for path, view in routes() if not path.startswith(tuple(NOT_OURS))]


def address(path: str, stage: Stage, ids: dict[str, uuid.UUID]) -> str:
    def fill(found: re.Match[str]) -> str:
        name = found.group(2)
        if name == "practice":
            return stage.role.slug
        if name in ids:
            return str(ids[name])
        assert name in WORDS, f"tests/test_access.py can't make a <{found.group(0)}> for {path}: say how in its tables"
        return WORDS[name]

    return "/" + re.sub(r"<(?:(\w+):)?(\w+)>", fill, path)


def alike(answer: Any) -> tuple[int, str]:
    """A response without what differs by chance: tokens, nonces, the ids themselves."""
    if answer.streaming and "event-stream" in answer["Content-Type"]:  # not read: it would go on for minutes
        return answer.status_code, "stream"
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode(errors="replace")
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|nonce="[\w-]+"', "", text)
    return answer.status_code, re.sub(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", "ID", text)


def faults(house: House, *, only: str = "") -> list[str]:
    """Walks the matrix of pages (those whose address holds `only`) and lists what is not as declared."""
    found = []
    for path, view in ours():
        if only not in path:
            continue
        access = getattr(view, "access", None)
        if access is None:
            found.append(f"{path}: no declaration")
            continue
        if not access.in_practice:
            continue
        has_id = any(f":{name}>" in path for name in PARAMETERS)
        for who, browser in house.browsers.items():
            allowed = ANYONE in access.roles or (SIGNED_IN in access.roles and who != "anonymous")
            allowed = allowed or bool(house.roles[who] & access.roles)
            for method in (browser.get, browser.post):
                name = f"{method.__name__.upper()} {path} as {who}"
                answers = {}
                for kind, ids in house.ids.items():
                    if has_id or kind == "own":
                        browser.cookies.pop("messages", None)  # what an earlier answer still wants to say
                        answers[kind] = alike(method(address(path, house.home, ids)))
                found += judge(name, who, allowed=allowed, is_staff=bool(house.roles[who] & STAFF), answers=answers)
    return found


def judge(name: str, who: str, *, allowed: bool, is_staff: bool, answers: dict[str, tuple[int, str]]) -> Iterator[str]:
    statuses = {kind: status for kind, (status, _) in answers.items()}
    if not allowed:
        wanted = {302, 405} if who == "anonymous" else {404, 405}
        if not set(statuses.values()) <= wanted:
            yield f"{name}: turned away with {statuses}"
        return
    if not set(statuses.values()) <= SAFE_TO_ANSWER:
        yield f"{name}: answered {statuses}"
    if "foreign" in answers and answers["foreign"] != answers["made-up"]:
        yield f"{name}: a foreign id and a made-up id differ: {statuses} {difference(answers)}"
    refused = {404, 405, 302, 410} | ({422} if name.startswith("POST") else set())  # 422: the form was empty
    if "foreign" in answers and statuses["foreign"] not in refused:
        yield f"{name}: a foreign id answered {statuses['foreign']}"
    if "other" in answers and not is_staff and answers["other"] != answers["made-up"]:
        yield f"{name}: another person's id and a made-up id differ: {statuses}"


def difference(answers: dict[str, tuple[int, str]]) -> list[str]:
    """The lines in which the answers to a foreign and a made-up id differ."""
    foreign, made_up = (answers[kind][1].splitlines() for kind in ("foreign", "made-up"))
    return [
        line for line in unified_diff(made_up, foreign, lineterm="", n=0) if not line.startswith(("---", "+++", "@@"))
    ]


def test_every_page_for_every_role(house: House) -> None:
    found = faults(house)
    assert not found, "\n".join(found)
    assert len(ours()) > 50


BODIES: dict[str, Any] = {
    "comfort": {"signal": "lighter", "tap_id": "7d3f6f0e-2f9f-4bb0-8f0c-0a54e0f0a001"},
    "measures": {"instrument": "nprs", "value": 4, "window": "average_24h", "context": "weekly"},
    "answers": {"chosen": [1]},
    "cancel": {"number": 1, "scope": "one"},
    "move": {"number": 1, "scope": "one", "local_start": "2026-11-20T08:00"},
    "answer": {"answer": "decline", "choice": "keep"},
    "leave": {},
    "undo": {},
    "change": {"id": "7d3f6f0e-2f9f-4bb0-8f0c-0a54e0f0a002", "answer": "withdraw"},
    "reschedule": {"therapist": "noor-haddad", "place": "clinic", "starts_at": "2026-11-19T10:00:00-07:00"},
}


def operations() -> Iterator[tuple[str, str, Any]]:
    """Every call: method, path, declaration."""
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    yield method, f"{prefix}{path}", getattr(operation.view_func, "access", None)


def test_every_call_is_declared() -> None:
    found = list(operations())
    assert [(method, path) for method, path, access in found if access is None] == []
    assert len(found) >= 14


def test_every_call_with_an_id_for_every_role(house: House) -> None:
    found = []
    browser = Client(raise_request_exception=False)
    for method, path, access in operations():
        if "{" not in path or "{slug}" in path:
            continue
        body = BODIES.get(path.rsplit("/", 1)[-1], {})
        for who, token in [*house.tokens.items(), ("anonymous", None)]:
            headers = {"authorization": f"Bearer {token}"} if token else {}
            answers = {}
            for kind, ids in house.ids.items():
                url = "/api/v1" + re.sub(r"\{(?:\w+:)?(\w+)\}", lambda m, ids=ids: str(ids[m.group(1)]), path)
                answer = browser.generic(
                    method, url, json.dumps(body), content_type="application/json", headers=headers
                )
                answers[kind] = alike(answer)
            statuses = {kind: status for kind, (status, _) in answers.items()}
            if who == "anonymous" and ANYONE not in access.roles:
                if set(statuses.values()) != {401}:
                    found.append(f"{method} {path} as anonymous: {statuses}")
                continue
            if answers["foreign"] != answers["made-up"] and who != "stranger":
                found.append(f"{method} {path} as {who}: a foreign id and a made-up id differ: {statuses}")
            if who in {"client", "stranger", "operator"} and answers["other"] != answers["made-up"]:
                found.append(f"{method} {path} as {who}: another person's id and a made-up id differ: {statuses}")
            if any(status >= 500 for status in statuses.values()):
                found.append(f"{method} {path} as {who}: {statuses}")
    assert not found, "\n".join(found)


def ward(stage: Stage, carer: Any, now: datetime, *, hours: int) -> dict[str, uuid.UUID]:
    """One of everything, belonging to a child whom a client looks after."""
    with tenancy.scope(practice_id=stage.practice.id):
        child = type(carer).objects.create(
            practice=stage.practice,
            account=carer.account,
            name=f"A child of {carer.name}",
            born_on=date(2017, 3, 21),
            relation="child",
            decides="carer",
        )
    return things(stage, child, now, hours=hours)


FOR_ONE_S_OWN_ONLY = {
    "my/visits/<uuid:visit>/review/": "a review is by the person who was on the table",
    "my/consent/<uuid:visit_id>/": "an empty form is enough for oneself; a child's own word is asked as well",
}


def test_a_carer_reaches_what_is_their_dependant_s_and_nobody_else_does(house: House, now: datetime) -> None:
    """Pages that name a thing: the carer is answered as for their own, every other client as for a made-up id."""
    maya, anders = (house.home.clients[f"{name}@clients.example"] for name in ("maya", "anders"))
    childs, others = ward(house.home, maya, now, hours=7), ward(house.home, anders, now, hours=10)
    browser, found, looked_at = house.browsers["client"], [], 0
    for path, view in ours():
        if not any(f":{name}>" in path for name in set(PARAMETERS) - OF_THE_PRACTICE) or view.access.roles != frozenset(
            {"client"}
        ):
            continue
        own_only = any(path.endswith(end) for end in FOR_ONE_S_OWN_ONLY)
        for method in (browser.get, browser.post):
            ids = {"own": house.ids["own"], "child": childs, "other's child": others, "made-up": house.ids["made-up"]}
            asked = {}
            for kind, one in ids.items():
                browser.cookies.pop("messages", None)  # what an earlier answer still wants to say
                asked[kind] = alike(method(address(path, house.home, one)))
            looked_at += 1
            if not own_only and asked["child"][0] != asked["own"][0]:
                found.append(f"{method.__name__} {path}: child {asked['child'][0]}, own {asked['own'][0]}")
            if asked["other's child"] != asked["made-up"]:
                status = asked["other's child"][0]
                found.append(f"{method.__name__} {path}: another's child {status}")
    assert not found, "\n".join(found)
    assert looked_at > 20


def test_control_an_open_gate_turns_the_matrix_red(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unknot.web.access._gate", lambda request, access: None)
    assert len(faults(house, only="desk/clients")) > 5


def test_control_a_missing_declaration_is_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    path, view = next((path, view) for path, view in ours() if "my/receipts" in path)
    monkeypatch.delattr(view, "access")
    assert f"{path}: no declaration" in faults(house, only="my/receipts")
