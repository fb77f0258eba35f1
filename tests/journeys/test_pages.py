"""Every page of the loop, on a phone and a desktop: sound for screen readers, quiet in the console, never too wide."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.journeys import walk
from tests.journeys.conftest import Demo, sign_in_as, violations

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.xdist_group("demo")]

PHONE, DESKTOP, ZOOMED = 390, 1280, 320  # 320 px wide is 1280 px at 400 %
WIDTHS = [pytest.param(PHONE, id="phone"), pytest.param(DESKTOP, id="desktop")]
TOMASZ = "tomasz@clients.example"
LEO = "leo@clients.example"
MAREN = "maren@riverbend.example"
FRONT_DESK = "sam@foothills.example"
OWNER = "ruth@foothills.example"
COLM, ZAINAB = "colm@clients.example", "zainab@clients.example"


@pytest.fixture
def look(person: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """A page whose console is listened to; whatever it complains about fails the test at the end."""
    said: list[str] = []

    def make(**options: Any) -> Any:
        page = person(**options)
        page.on("console", lambda line: said.append(f"{page.url}: {line.text}") if line.type == "error" else None)
        page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
        return page

    yield make
    assert said == []


def faults(page: Any) -> list[str]:
    """What is wrong with the page as it stands."""
    found = violations(page)
    if page.title().strip(" .") in ("", "Unknot"):
        found.append(f"{page.url}: no title of its own")
    if page.locator("h1").count() != 1:
        found.append(f"{page.url}: {page.locator('h1').count()} main headings")
    size = dict(page.viewport_size)
    for width in (size["width"], ZOOMED):
        page.set_viewport_size({"width": width, "height": size["height"]})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{page.url}: {wide} px wide at {width} px")
    page.set_viewport_size(size)
    return found


def visit_of(demo: Demo, email: str, *states: str) -> str:
    """The last visit of a client of Riverbend in one of these states."""
    [(found,)] = demo.rows(
        "SELECT a.id::text FROM booking_appointment a JOIN people_account p ON p.id = a.account_id"
        " JOIN practice_practice r ON r.id = a.practice_id"
        " WHERE p.email = %s AND r.slug = 'riverbend' AND a.state = ANY(%s) ORDER BY a.starts_at DESC LIMIT 1",
        email,
        list(states),
    )
    return str(found)


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_for_visitors(look: Callable[..., Any], width: int) -> None:
    page = look(width=width)
    found = []
    for path in (
        "/",
        "/find/how/",
        "/p/riverbend/",
        "/p/riverbend/therapists/maren-oduya/",
        "/p/riverbend/articles/",
        "/p/riverbend/articles/low-back-pain-and-massage-without-the-promises/",
        "/p/foothills/therapists/",
        "/sign-in/",
    ):
        page.goto(path)
        found += faults(page)
    assert found == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_on_the_way_to_a_visit(demo: Demo, look: Callable[..., Any], width: int) -> None:
    page = look(width=width)
    walk.read_article(page)
    found = faults(page)
    walk.answer_guide(page)
    found += faults(page)
    page.get_by_role("link", name="Continue to the safety questions").click()
    found += faults(page)
    walk.answer_screening(page, walk.HYPERMOBILE)
    found += faults(page)
    page.get_by_role("link", name="Choose a time").click()
    found += faults(page)
    walk.choose_service(page)
    found += faults(page)
    walk.take_first_time(page)
    found += faults(page)
    email = f"looks-{width}@visitors.example"
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").wait_for()
    found += faults(page)
    code = demo.wait_for_mail(email, r"Your code: (\S+)").group(1)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Your full name").wait_for()
    found += faults(page)
    walk.confirm(page, name="Looks Around", phone="780 555 0162")
    found += faults(page)
    assert found == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_a_client(demo: Demo, look: Callable[..., Any], width: int) -> None:
    page = look(width=width)
    sign_in_as(page, demo, TOMASZ, "riverbend")
    done, coming = visit_of(demo, TOMASZ, "completed"), visit_of(demo, TOMASZ, "confirmed")
    found = []
    for path in (
        "",
        f"visits/{coming}/",
        f"visits/{coming}/cancel/",
        f"visits/{coming}/move/",
        f"visits/{coming}/additions/",
        f"consent/{coming}/",
        "body-map/",
        "touch/",
        "maps/",
        f"visits/{done}/",
        f"visits/{done}/aftercare/",
        "progress/",
        "receipts/",
        "details/",
        "access-log/",
    ):
        page.goto(f"/p/riverbend/my/{path}")
        found += faults(page)
    sign_in_as(page, demo, LEO, "riverbend")  # ten weeks in, so that the longer questions are open
    page.goto("/p/riverbend/my/progress/questions/")
    assert page.get_by_role("button", name="Save my answers").is_visible()
    found += faults(page)
    [(paper,)] = demo.rows("SELECT id::text FROM outcomes_questionnaire")
    page.goto(f"/p/riverbend/my/progress/questions/{paper}/")
    assert page.get_by_role("heading", name="Stairs, shelves, bags").is_visible()
    found += faults(page)
    assert found == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_a_family_and_of_a_couple(demo: Demo, look: Callable[..., Any], width: int) -> None:
    page = look(width=width)
    want = "people=2&s1=therapeutic-60&s2=therapeutic-75"
    found = []
    for path in ("together/?people=3", f"together/times/?{want}", f"together/home/?{want}", "join/a-link/"):
        page.goto(f"/p/foothills/{path}")
        found += faults(page)
    sign_in_as(page, demo, "maya@clients.example", "foothills")
    [(group, child)] = demo.rows(
        "SELECT g.id::text, a.client_id::text FROM booking_group g JOIN booking_groupvisit v ON v.group_id = g.id"
        " JOIN booking_appointment a ON a.id = v.appointment_id JOIN people_client c ON c.id = a.client_id"
        " WHERE c.relation = 'child' LIMIT 1"
    )
    for path in (
        "my/",
        "my/people/",
        "my/people/add/",
        f"my/?for={child}",
        f"my/progress/?for={child}",
        f"screening/?for={child}",
        f"my/together/{group}/",
        f"my/together/{group}/cancel/",
        f"my/together/{group}/move/?with=anybody",
    ):
        page.goto(f"/p/foothills/{path}")
        found += faults(page)
    page.goto(f"/p/foothills/together/times/?{want}")
    page.locator("button.slot").first.click()
    page.get_by_role("heading", name="Nearly there: who comes?").wait_for()
    found += faults(page)
    sign_in_as(page, demo, FRONT_DESK, "foothills")
    desk = "people=3&place=clinic&p1-service=therapeutic-60&p2-service=therapeutic-75&p3-service=therapeutic-60"
    for path in (f"?{desk}&p1-q=maya&reason=calls", f"{group}/", f"{group}/move/", f"{group}/cancel/"):
        page.goto(f"/p/foothills/desk/together/{path}")
        found += faults(page)
    assert found == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_a_therapist(demo: Demo, look: Callable[..., Any], width: int) -> None:
    page = look(width=width)
    sign_in_as(page, demo, MAREN, "riverbend")
    done, coming = visit_of(demo, TOMASZ, "completed"), visit_of(demo, TOMASZ, "confirmed")
    [(client,)] = demo.rows("SELECT client_id::text FROM booking_appointment WHERE id = %s", done)
    found = []
    for path in (
        "day/",
        "week/",
        "hours/",
        f"visits/{coming}/sheet/",
        f"visits/{coming}/move/",
        f"visits/{coming}/room/",
        f"visits/{coming}/additions/",
        f"visits/{coming}/consent/",
        f"visits/{done}/style/",
        "styles/",
        "requests/",
        "late/",
        "book/?service=therapeutic-60&q=Tomasz",
        f"visits/{coming}/",
        f"visits/{done}/note/",
        f"visits/{done}/pay/",
        "check-ins/",
        "clients/",
        f"clients/{client}/",
        f"clients/{client}/progress/",
        "note-templates/",
        f"clients/{client}/answers/",
        f"clients/{client}/maps/",
        "safety-rules/",
        "safety-rules/C12/",
        f"clients/{client}/answers/ask/?again=1",
        f"clients/{client}/touch/",
        "calendars/",
        "why/?service=therapeutic-60&add=cupping",
        "questionnaires/",
    ):
        page.goto(f"/p/riverbend/desk/{path}")
        found += faults(page)
    assert found == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_an_owner(demo: Demo, look: Callable[..., Any], width: int) -> None:
    """Everything that is set, and a room whose visits are shown before it goes out of use."""
    page = look(width=width)
    sign_in_as(page, demo, OWNER, "foothills")
    [(room,)] = demo.rows(
        "SELECT room_id::text FROM booking_appointment WHERE state = 'confirmed' AND starts_at > now() + interval '2 h'"
        " AND practice_id = (SELECT id FROM practice_practice WHERE slug = 'foothills') AND room_id IS NOT NULL"
        " GROUP BY room_id ORDER BY count(*) DESC, room_id LIMIT 1"
    )
    [(service,)] = demo.rows(
        "SELECT s.id::text FROM practice_service s JOIN practice_practice p ON p.id = s.practice_id"
        " WHERE p.slug = 'foothills' AND s.slug = 'deep-tissue-60'"
    )
    found = []
    for path in (
        "practice/",
        "rooms/",
        "rooms/new/",
        "kit/",
        "kit/new/",
        "kit/of/hot-stones/",
        "menu/",
        "menu/new/",
        "menu/new/?addon=1",
        f"menu/{service}/",
        "limits/",
        "rules/",
        f"rooms/{room}/",
    ):
        page.goto(f"/p/foothills/desk/{path}")
        found += faults(page)
    assert found == []


def test_a_room_is_put_away_only_after_its_visits_were_seen(demo: Demo, person: Callable[..., Any]) -> None:
    page = person(width=PHONE)
    sign_in_as(page, demo, OWNER, "foothills")
    [(room,)] = demo.rows(
        "SELECT room_id::text FROM booking_appointment WHERE state = 'confirmed' AND starts_at > now() + interval '2 h'"
        " AND practice_id = (SELECT id FROM practice_practice WHERE slug = 'foothills') AND room_id IS NOT NULL"
        " GROUP BY room_id ORDER BY count(*) DESC, room_id LIMIT 1"
    )
    page.goto(f"/p/foothills/desk/rooms/{room}/")
    with page.expect_response(lambda answer: answer.status == 409):
        page.get_by_role("button", name="Take it out of use").click()
    page.get_by_role("alert").wait_for()
    assert "touched" in page.get_by_role("alert").inner_text()
    assert faults(page) == []
    assert demo.rows("SELECT active FROM practice_room WHERE id = %s", room) == [(True,)]


def test_calendars_are_joined_in_a_browser(demo: Demo, person: Callable[..., Any]) -> None:
    """The secret address is made, shown and read; a wrong one is said where it was typed."""
    page = person(width=PHONE)
    sign_in_as(page, demo, MAREN, "riverbend")
    page.goto("/p/riverbend/desk/calendars/")
    page.get_by_role("button", name="Make a").click()
    address = page.get_by_label("Copy it into your calendar program").input_value()
    found = faults(page)
    assert page.request.get(address).text().startswith("BEGIN:VCALENDAR")
    page.get_by_label("Secret address in iCal format").fill("file:///etc/passwd")
    with page.expect_response(lambda answer: answer.status == 422):
        page.get_by_role("button", name="Join this calendar").click()
    page.get_by_role("alert").wait_for()
    found += faults(page)
    assert found == []


def opened(page: Any) -> Any:
    """The page with everything unfolded, also what scripts unfold."""
    for name in ("details", "[data-end-here]", "[data-turn]"):
        page.evaluate(f"document.querySelectorAll('{name}').forEach((e) => {{ e.open = true; e.hidden = false; }})")
    return page


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_a_session(demo: Demo, look: Callable[..., Any], width: int) -> None:
    """A visit of Leo begins, unless it runs already: both screens, and the note that waits."""
    therapist = look(width=width)
    sign_in_as(therapist, demo, MAREN, "riverbend")
    visit = visit_of(demo, LEO, "in_session", "confirmed")
    therapist.goto(f"/p/riverbend/desk/visits/{visit}/")
    if not therapist.get_by_role("link", name="Session is running").count():
        therapist.get_by_role("button", name="agrees to this plan").click()
        therapist.get_by_role("button", name="Start session").click()
        therapist.wait_for_url("**/session/")
    therapist.goto(f"/p/riverbend/desk/visits/{visit}/session/")
    found = faults(therapist) + faults(opened(therapist))
    client = look(width=width)
    client.goto(therapist.locator(".join-link").inner_text())
    found += faults(client) + faults(opened(client))
    therapist.goto(f"/p/riverbend/desk/visits/{visit}/session/end/")
    found += faults(therapist)
    therapist.goto(f"/p/riverbend/desk/visits/{visit}/note/")
    found += faults(therapist)
    assert found == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_series_and_waitlist(demo: Demo, look: Callable[..., Any], width: int) -> None:
    [(series, client, start)] = demo.rows(
        "SELECT s.id::text, s.client_id::text, s.first FROM booking_series s ORDER BY s.created_at, s.id LIMIT 1"
    )
    [(offer,)] = demo.rows("SELECT id::text FROM booking_waitlistoffer ORDER BY offered_at, id LIMIT 1")
    rule = f"service=therapeutic-60&date={start[:10]}&time={start[11:]}&every=1&unit=weeks&count=4"
    pages = {
        COLM: (
            f"book/series/?{rule}",
            f"my/series/{series}/",
            f"my/series/{series}/move/?from=2",
            f"my/series/{series}/cancel/?from=2",
        ),
        ZAINAB: ("book/waitlist/?service=therapeutic-60", "my/waitlist/", f"my/offers/{offer}/"),
        FRONT_DESK: (
            "desk/waitlist/",
            f"desk/clients/{client}/series/?{rule}",
            f"desk/series/{series}/",
            f"desk/series/{series}/move/?from=2",
            f"desk/series/{series}/cancel/?from=2",
        ),
    }
    found = []
    for email, paths in pages.items():
        page = look(width=width)
        sign_in_as(page, demo, email, "foothills")
        for path in paths:
            page.goto(f"/p/foothills/{path}")
            found += faults(page)
    assert found == []


def test_the_day_of_a_clinic(demo: Demo, look: Callable[..., Any]) -> None:
    page = look(width=DESKTOP)
    sign_in_as(page, demo, FRONT_DESK, "foothills")
    page.goto("/p/foothills/desk/day/")
    assert faults(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_in_the_dark(demo: Demo, look: Callable[..., Any], width: int) -> None:
    page = look(width=width, color_scheme="dark")
    found = []
    for path in ("/p/riverbend/", "/p/riverbend/guide/", "/p/riverbend/screening/", "/p/riverbend/book/"):
        page.goto(path)
        found += faults(page)
    sign_in_as(page, demo, MAREN, "riverbend")
    page.goto(f"/p/riverbend/desk/visits/{visit_of(demo, TOMASZ, 'confirmed')}/")
    found += faults(page)
    sign_in_as(page, demo, TOMASZ, "riverbend")
    page.goto("/p/riverbend/my/progress/")
    found += faults(page)
    assert found == []
