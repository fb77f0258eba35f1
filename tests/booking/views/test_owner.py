"""What an owner sets: rooms, kit, the menu, limits, rules. Booked visits stay, and are shown before it is saved."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.booking.views.conftest import DESK, a_monday, days_to
from unknot.audit.models import Entry
from unknot.booking.models import Appointment, Card, CardMark
from unknot.booking.queries.cards import card_key
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.practice.models import Kit, Offer, Practice, Room, Service, Therapist

MAYA, ANDERS = "maya@clients.example", "anders@clients.example"


@pytest.fixture
def ruth(foothills: Stage, signed_in: Callable[..., Client]) -> Client:
    """The owner of Foothills."""
    return signed_in(next(person.pk for role, person in foothills.staff if role == "owner"))


@pytest.fixture
def read(foothills: Stage) -> Callable[..., Any]:
    """`read(Model, pk)`: a row of Foothills as it is now; without a key all of them."""

    def rows(model: Any, pk: Any = None) -> Any:
        with tenancy.scope(practice_id=foothills.practice.id):
            return model.objects.get(pk=pk) if pk else list(model.objects.order_by("pk"))

    return rows


def typed(page: str) -> dict[str, Any]:
    """What the form of a page would send as it stands."""
    body = page.split('<form method="post"', 2)[2] if "sign-out" in page.split('<form method="post"', 2)[1] else page
    body = body.split("</form>")[0]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", body):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]+)"', tag)
        if not name or name[1] == "csrfmiddlewaretoken":
            continue
        if kind and kind[1] in ("checkbox", "radio"):
            if "checked" in tag:
                found.setdefault(name[1], []).append(value[1] if value else "on")
        else:
            found[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        found[name] = (re.findall(r'value="([^"]*)" selected', options) or re.findall(r'value="([^"]*)"', options))[0]
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', body, re.DOTALL):
        found[name] = text.strip()
    return found


def form_at(browser: Client, url: str) -> dict[str, Any]:
    return typed(browser.get(url).content.decode())


def accept_in(page: str) -> dict[str, str]:
    """The mark that says that the touched visits were seen."""
    return {"accept": re.findall(r'name="accept" value="(\w+)"', page)[0]}


def room_url(stage: Stage, number: int = 0) -> str:
    return f"{DESK}rooms/{stage.rooms['clinic'][number].pk}/"


@pytest.fixture
def visit(foothills: Stage, a_visit: Callable[..., Any]) -> Any:
    return a_visit(foothills, MAYA, days=days_to(a_monday()), hour=9, room=foothills.rooms["clinic"][0])


def test_a_room_is_added_changed_and_its_name_is_its_own(foothills: Stage, ruth: Client, read: Any) -> None:
    form = form_at(ruth, f"{DESK}rooms/new/") | {
        "name": "Willow",
        "capacity": "2",
        "attributes": ["quiet", "step_free"],
    }
    assert ruth.post(f"{DESK}rooms/new/", form)["Location"] == f"{DESK}rooms/"
    willow = next(one for one in read(Room) if one.name == "Willow")
    assert (willow.capacity, willow.attributes, willow.active) == (2, ["quiet", "step_free"], True)
    again = ruth.post(f"{DESK}rooms/new/", form_at(ruth, f"{DESK}rooms/new/") | {"name": "willow"})
    assert again.status_code == 422
    assert "a room of that name at this place" in again.content.decode()
    page = ruth.get(f"{DESK}rooms/").content.decode()
    assert "Willow" in page
    assert "2 tables" in page
    with tenancy.scope(practice_id=foothills.practice.id):
        last = Entry.objects.order_by("-number").first()
    assert (last.verb, last.subject_id) == ("room.added", willow.pk)


def test_a_room_with_visits_is_put_away_after_they_were_seen_and_they_stay(
    foothills: Stage, ruth: Client, visit: Any, read: Any
) -> None:
    url = room_url(foothills)
    form = {"do": "retire", "seen": form_at(ruth, url)["seen"]}
    shown = ruth.post(url, form)
    page = shown.content.decode()
    assert shown.status_code == 409
    for words in ("One coming visit is touched", "Maya Thorne", "stays in this room until you move it"):
        assert words in page
    assert read(Room, foothills.rooms["clinic"][0].pk).active
    before = read(Appointment, visit.pk)
    assert ruth.post(url, form | accept_in(page)).status_code == 302
    after = read(Appointment, visit.pk)
    assert not read(Room, foothills.rooms["clinic"][0].pk).active
    assert (after.room_id, after.blocked, after.sequence) == (before.room_id, before.blocked, before.sequence)
    assert "1 visit still in it" in ruth.get(f"{DESK}rooms/").content.decode()
    assert ruth.post(url, {"do": "restore", "seen": form_at(ruth, url)["seen"]}).status_code == 302
    assert read(Room, foothills.rooms["clinic"][0].pk).active


def test_more_visits_than_the_owner_saw_are_shown_again(
    foothills: Stage, ruth: Client, visit: Any, read: Any, a_visit: Callable[..., Any]
) -> None:
    url = room_url(foothills)
    form = {"do": "retire", "seen": form_at(ruth, url)["seen"]}
    mark = accept_in(ruth.post(url, form).content.decode())
    a_visit(foothills, ANDERS, days=days_to(a_monday()), hour=13, room=foothills.rooms["clinic"][0])
    again = ruth.post(url, form | mark)
    assert again.status_code == 409
    assert "2 coming visits are touched" in again.content.decode()
    assert read(Room, foothills.rooms["clinic"][0].pk).active


def test_a_room_nobody_ever_had_goes_for_good(foothills: Stage, ruth: Client, read: Any) -> None:
    url = room_url(foothills, 1)
    ruth.post(url, {"do": "retire", "seen": form_at(ruth, url)["seen"]})
    assert foothills.rooms["clinic"][1].pk not in {one.pk for one in read(Room)}


def test_what_a_client_needs_is_not_taken_from_their_room_unseen(
    foothills: Stage, ruth: Client, visit: Any, read: Any
) -> None:
    with tenancy.scope(practice_id=foothills.practice.id):
        Room.objects.filter(pk=visit.room_id).update(attributes=["quiet"])
        visit.access_needs = ["quiet", "companion"]
        visit.save()
    form = form_at(ruth, room_url(foothills)) | {"attributes": []}
    shown = ruth.post(room_url(foothills), form)
    assert shown.status_code == 409
    assert "needs a quiet room" in shown.content.decode()
    assert read(Room, visit.room_id).attributes == ["quiet"]
    assert ruth.post(room_url(foothills), form | accept_in(shown.content.decode())).status_code == 302
    assert read(Room, visit.room_id).attributes == []


def test_fewer_tables_show_the_visits_that_overlap(
    foothills: Stage, ruth: Client, visit: Any, a_visit: Callable[..., Any], read: Any
) -> None:
    with tenancy.scope(practice_id=foothills.practice.id):
        Room.objects.filter(pk=visit.room_id).update(capacity=2)
    ivan = foothills.therapists["ivan-petrov"]
    day = {"days": days_to(a_monday()), "room": foothills.rooms["clinic"][0], "therapist": ivan}
    a_visit(foothills, ANDERS, hour=9, room_unit=1, **day)
    a_visit(foothills, ANDERS, hour=14, **day)
    shown = ruth.post(room_url(foothills), form_at(ruth, room_url(foothills)) | {"capacity": "1"})
    assert shown.status_code == 409
    assert "2 coming visits are touched" in shown.content.decode(), "not the one of the afternoon"
    assert read(Room, visit.room_id).capacity == 2


def test_two_owners_the_second_sees_what_the_first_saved_and_keeps_what_they_typed(
    foothills: Stage, ruth: Client, read: Any
) -> None:
    url, room = room_url(foothills), foothills.rooms["clinic"][0]
    first, second = form_at(ruth, url), form_at(ruth, url)
    assert ruth.post(url, first | {"name": "Juniper"}).status_code == 302
    stale = ruth.post(url, second | {"name": "Larch"})
    page = stale.content.decode()
    assert stale.status_code == 409
    assert "Somebody else saved this after you opened the page" in page
    assert "Name: Juniper" in page
    assert 'value="Larch"' in page
    assert read(Room, room.pk).name == "Juniper"
    assert ruth.post(url, typed(page)).status_code == 302
    assert read(Room, room.pk).name == "Larch"


def test_a_mistake_on_a_stale_page_does_not_hide_that_it_is_stale(foothills: Stage, ruth: Client, read: Any) -> None:
    url, room = room_url(foothills), foothills.rooms["clinic"][0]
    second = form_at(ruth, url)
    ruth.post(url, form_at(ruth, url) | {"name": "Juniper"})
    wrong = ruth.post(url, second | {"name": "Larch", "capacity": "99"})
    assert wrong.status_code == 422
    assert ruth.post(url, typed(wrong.content.decode()) | {"capacity": "1"}).status_code == 409
    assert read(Room, room.pk).name == "Juniper"


@pytest.mark.parametrize(
    "path", ["rooms/", "rooms/new/", "kit/", "kit/new/", "menu/", "menu/new/", "limits/", "rules/"]
)
def test_only_the_owner(sam: Client, noor: Client, path: str) -> None:
    assert (sam.get(DESK + path).status_code, noor.get(DESK + path).status_code) == (404, 404)


def test_another_practice_s_room_service_and_kit_are_not_there(
    foothills: Stage, riverbend: Stage, ruth: Client, read: Any
) -> None:
    theirs = next(iter(riverbend.rooms.values()))[0]
    with tenancy.scope(practice_id=riverbend.practice.id):
        Kit.objects.create(practice=riverbend.practice, kind="salt-lamp", name="salt lamp")
    for path in (f"rooms/{theirs.pk}/", f"menu/{riverbend.services['therapeutic-60'].pk}/", "kit/of/salt-lamp/"):
        assert ruth.get(DESK + path).status_code == 404
        assert ruth.post(DESK + path, {"do": "retire", "seen": ""}).status_code == 404
    place = str(next(iter(riverbend.places.values())).pk)
    form = form_at(ruth, f"{DESK}rooms/new/") | {"name": "Abroad", "place": place}
    assert ruth.post(f"{DESK}rooms/new/", form).status_code == 422
    form = form_at(ruth, f"{DESK}kit/new/") | {"name": "lamp", "carried": "1"}
    form["services"] = [str(riverbend.services["therapeutic-60"].pk)]
    assert ruth.post(f"{DESK}kit/new/", form).status_code == 422
    limit = {f"visits_{riverbend.therapists['maren-oduya'].pk}": "1"}
    assert ruth.post(f"{DESK}limits/", form_at(ruth, f"{DESK}limits/") | limit).status_code == 302
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert Therapist.objects.get().most_visits is None


# Kit


KIT = f"{DESK}kit/of/hot-stones/"


def pieces(read: Any) -> list[tuple[str, bool]]:
    return [(one.kind, one.active) for one in read(Kit)]


def test_kit_is_counted_and_needed(foothills: Stage, ruth: Client, read: Any) -> None:
    relaxation = foothills.services["relaxation-60"]
    form = form_at(ruth, f"{DESK}kit/new/") | {"name": "Heated table", "carried": "2", "services": [str(relaxation.pk)]}
    assert ruth.post(f"{DESK}kit/new/", form).status_code == 302
    assert pieces(read).count(("heated-table", True)) == 2
    assert read(Service, relaxation.pk).kit == ["heated-table"]
    form = form_at(ruth, f"{DESK}kit/of/heated-table/") | {"carried": "1", "services": []}
    assert ruth.post(f"{DESK}kit/of/heated-table/", form).status_code == 302
    assert sorted(one for one in pieces(read) if one[0] == "heated-table") == [
        ("heated-table", False),
        ("heated-table", True),
    ]
    assert read(Service, relaxation.pk).kit == []
    form = form_at(ruth, f"{DESK}kit/of/heated-table/") | {"carried": "2"}
    ruth.post(f"{DESK}kit/of/heated-table/", form)
    assert pieces(read).count(("heated-table", True)) == 2, "the one put away came back"
    assert len([one for one in pieces(read) if one[0] == "heated-table"]) == 2


def test_a_visit_changes_to_another_piece_and_who_finds_none_is_shown(
    foothills: Stage, ruth: Client, read: Any, a_visit: Callable[..., Any]
) -> None:
    clinic = foothills.places["clinic"]
    with tenancy.scope(practice_id=foothills.practice.id):
        (stones,) = Kit.objects.filter(kind="hot-stones")
        second = Kit.objects.create(practice=foothills.practice, kind="hot-stones", name=stones.name, place=clinic)
    ivan, day = foothills.therapists["ivan-petrov"], days_to(a_monday())
    nine = a_visit(foothills, MAYA, days=day, hour=9, kit_units=[stones.pk])
    noon = a_visit(foothills, ANDERS, days=day, hour=12, kit_units=[stones.pk], therapist=ivan)
    other = a_visit(foothills, ANDERS, days=day, hour=9, kit_units=[second.pk], therapist=ivan)
    at = f"at_{clinic.pk}"
    form = form_at(ruth, KIT)
    assert form[at] == "2"
    shown = ruth.post(KIT, form | {at: "1"})
    page = shown.content.decode()
    assert shown.status_code == 409
    assert "One coming visit is touched" in page
    assert "no other piece is free then" in page
    assert [read(Appointment, one.pk).kit_units for one in (nine, noon, other)] == [
        [stones.pk],
        [stones.pk],
        [second.pk],
    ]
    assert ruth.post(KIT, form | {at: "1"} | accept_in(page)).status_code == 302
    assert not read(Kit, second.pk).active, "the piece that fewer visits want goes"
    assert read(Appointment, other.pk).kit_units == [second.pk], "it stays as it was booked"
    with tenancy.scope(practice_id=foothills.practice.id):
        Appointment.objects.filter(pk=nine.pk).update(state="cancelled")
        Kit.objects.filter(pk=second.pk).update(active=True)
    assert ruth.post(KIT, form_at(ruth, KIT) | {at: "1"}).status_code == 302
    assert read(Appointment, other.pk).kit_units == [stones.pk], "another piece was free, so nobody is touched"


def test_kit_that_a_booked_massage_newly_needs_shows_it(foothills: Stage, ruth: Client, visit: Any, read: Any) -> None:
    form = form_at(ruth, KIT)
    form["services"] = [*form["services"], str(visit.service_id)]
    shown = ruth.post(KIT, form)
    assert shown.status_code == 409
    assert "was booked without this kit" in shown.content.decode()
    assert read(Service, visit.service_id).kit == []


# The menu


def service_url(stage: Stage, slug: str = "therapeutic-60") -> str:
    return f"{DESK}menu/{stage.services[slug].pk}/"


def test_a_new_massage_is_on_the_menu_and_in_the_search(foothills: Stage, ruth: Client, read: Any) -> None:
    noor, ivan = (str(foothills.therapists[slug].pk) for slug in ("noor-haddad", "ivan-petrov"))
    form = form_at(ruth, f"{DESK}menu/new/") | {"name": "Quiet massage, 45 minutes", "kind": "relaxation"}
    form |= {
        "minutes": "45",
        "price": "85.50",
        "therapists": [noor, ivan],
        "at_clinic": "on",
        "new_clients": "approval",
    }
    assert ruth.post(f"{DESK}menu/new/", form).status_code == 302
    made = next(one for one in read(Service) if one.name.startswith("Quiet"))
    assert (made.slug, made.minutes, made.price_minor) == ("quiet-massage-45-minutes", 45, 8550)
    assert (made.kind, made.new_clients, made.addon) == ("relaxation", "approval", False)
    assert {str(one.therapist_id) for one in read(Offer) if one.service_id == made.pk} == {noor, ivan}
    cards = {str(one.therapist_id): one for one in read(Card)}
    assert card_key("quiet-massage-45-minutes", 45) in cards[noor].keys
    assert read(CardMark) == [], "the cards were made anew in the same transaction"
    assert "Quiet massage" in ruth.get("/p/foothills/book/").content.decode()


def test_price_length_and_buffers_never_rewrite_what_is_booked(
    foothills: Stage, ruth: Client, visit: Any, read: Any
) -> None:
    before = read(Appointment, visit.pk)
    form = form_at(ruth, service_url(foothills)) | {"price": "140", "minutes": "75", "buffer_after": "30"}
    assert ruth.post(service_url(foothills), form).status_code == 302
    after, service = read(Appointment, visit.pk), read(Service, visit.service_id)
    assert (service.price_minor, service.minutes, service.buffer_after) == (14000, 75, 30)
    facts = ("starts_at", "ends_at", "blocked", "buffer_after", "price_minor", "sequence", "room_id")
    assert [getattr(after, name) for name in facts] == [getattr(before, name) for name in facts]


def test_saving_a_line_as_it_stands_changes_nothing(foothills: Stage, ruth: Client, read: Any) -> None:
    before = (
        [(one.__dict__ | {"_state": 0}) for one in read(Service)],
        {(one.therapist_id, one.service_id) for one in read(Offer)},
    )
    for slug in foothills.services:
        url = service_url(foothills, slug)
        assert ruth.post(url, form_at(ruth, url)).status_code == 302, slug
    after = (
        [(one.__dict__ | {"_state": 0}) for one in read(Service)],
        {(one.therapist_id, one.service_id) for one in read(Offer)},
    )
    assert after == before


def test_who_gives_it_no_more_is_shown_with_their_visits(foothills: Stage, ruth: Client, visit: Any, read: Any) -> None:
    form = form_at(ruth, service_url(foothills))
    form["therapists"] = [one for one in form["therapists"] if one != str(visit.therapist_id)]
    shown = ruth.post(service_url(foothills), form)
    assert shown.status_code == 409
    assert "would not give it any more" in shown.content.decode()
    assert ruth.post(service_url(foothills), form | accept_in(shown.content.decode())).status_code == 302
    given = {one.therapist_id for one in read(Offer) if one.service_id == visit.service_id}
    assert visit.therapist_id not in given


def test_a_line_goes_off_the_menu_and_its_visits_stay(foothills: Stage, ruth: Client, visit: Any, read: Any) -> None:
    url = service_url(foothills)
    form = {"do": "retire", "seen": form_at(ruth, url)["seen"]}
    shown = ruth.post(url, form)
    assert "stays booked as it was agreed" in shown.content.decode()
    assert ruth.post(url, form | accept_in(shown.content.decode())).status_code == 302
    assert not read(Service, visit.service_id).active
    assert read(Appointment, visit.pk).state == "confirmed"
    assert "Off the menu" in ruth.get(f"{DESK}menu/").content.decode()
    assert ruth.post(url, {"do": "restore", "seen": form_at(ruth, url)["seen"]}).status_code == 302
    assert read(Service, visit.service_id).active


def test_an_addition_that_is_part_of_a_visit_is_put_away_not_deleted(
    foothills: Stage, ruth: Client, visit: Any, read: Any
) -> None:
    cupping, never = foothills.services["cupping"], foothills.services["foot-massage"]
    part = {"service": str(cupping.pk), "name": "Cupping", "minutes": 15, "price_minor": 2500}
    with tenancy.scope(practice_id=foothills.practice.id):
        Appointment.objects.filter(pk=visit.pk).update(parts=[part, part], state="completed")
    for slug in ("cupping", "foot-massage"):
        url = service_url(foothills, slug)
        assert ruth.post(url, {"do": "retire", "seen": form_at(ruth, url)["seen"]}).status_code == 302
    rows = {one.pk: one for one in read(Service)}
    assert not rows[cupping.pk].active
    assert never.pk not in rows


# Limits and rules


def test_limits_show_the_days_that_are_beyond_them(foothills: Stage, ruth: Client, visit: Any, read: Any) -> None:
    name = f"minutes_{visit.therapist_id}"
    form = form_at(ruth, f"{DESK}limits/") | {name: "45"}
    shown = ruth.post(f"{DESK}limits/", form)
    assert shown.status_code == 409
    assert "that day has 60 hands-on minutes, the limit is 45" in shown.content.decode()
    assert f'name="{name}" value="45"' in shown.content.decode()
    assert ruth.post(f"{DESK}limits/", form | accept_in(shown.content.decode())).status_code == 302
    assert read(Therapist, visit.therapist_id).most_minutes == 45
    assert ruth.post(f"{DESK}limits/", form_at(ruth, f"{DESK}limits/") | {name: ""}).status_code == 302
    assert read(Therapist, visit.therapist_id).most_minutes is None


def test_rules_hold_for_what_is_offered_next(foothills: Stage, ruth: Client, read: Any) -> None:
    form = form_at(ruth, f"{DESK}rules/") | {"grid_minutes": "30", "horizon_days": "20"}
    assert ruth.post(f"{DESK}rules/", form).status_code == 302
    practice = Practice.objects.get(pk=foothills.practice.id)
    assert (practice.grid_minutes, practice.horizon_days, practice.notice_minutes) == (30, 20, 120)
    day = (a_monday() + timedelta(days=1)).isoformat()
    times = ruth.get(f"/p/foothills/book/times/?service=therapeutic-60&date={day}").content.decode()
    starts = set(re.findall(r'\|(?:\d{4}-\d{2}-\d{2})T\d{2}:(\d{2})"', times))
    assert starts <= {"00", "30"}
    assert starts


@pytest.mark.parametrize(
    ("path", "queries"), [("rooms/", 16), ("kit/", 19), ("menu/", 17), ("limits/", 16), ("rules/", 15)]
)
def test_as_many_queries_for_one_row_as_for_three(
    foothills: Stage, ruth: Client, path: str, queries: int, django_assert_num_queries: Any
) -> None:
    own = {"practice": foothills.practice}
    with tenancy.scope(practice_id=foothills.practice.id):
        Room.objects.exclude(pk=foothills.rooms["clinic"][0].pk).delete()
        Service.objects.exclude(slug="therapeutic-60").delete()
        Therapist.objects.exclude(slug="noor-haddad").update(active=False)
    ruth.get(DESK + path)
    with django_assert_num_queries(queries):
        ruth.get(DESK + path)
    with tenancy.scope(practice_id=foothills.practice.id):
        for number in (1, 2):
            Room.objects.create(place=foothills.places["clinic"], name=f"Extra {number}", **own)
            Kit.objects.create(kind=f"kit-{number}", name="a thing", **own)
            Service.objects.create(
                slug=f"s{number}", kind="sports", name=f"S {number}", minutes=60, price_minor=1, **own
            )
        Therapist.objects.filter(slug__in=("ivan-petrov", "dev-anand")).update(active=True)
    with django_assert_num_queries(queries):
        ruth.get(DESK + path)
