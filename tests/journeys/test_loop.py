"""The whole loop as two people at once: Nadia on her phone, Maren on a tablet, one server, one worker, one mailbox."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.journeys import walk
from tests.journeys.conftest import Demo, sign_in_as
from unknot.config.demo_data import cast

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.xdist_group("demo")]

NADIA = cast.NEWCOMER[1:]
MAREN = cast.RIVERBEND.therapists[0].email
GOAL = "Sit through a film without getting up"
CAP = 3  # for very bendy joints
LATENCY_MS = 500


def test_from_an_article_to_the_next_visit(
    demo: Demo, person: Callable[..., Any], record_property: Callable[[str, object], None]
) -> None:
    """Steps 1 to 8, each seen by whoever should see it."""
    nadia = person(has_touch=True, is_mobile=True)
    visit = _books(nadia, demo)
    _is_told(demo, visit)
    _says_what_for(nadia)

    maren = person(width=1024, height=768)
    sign_in_as(maren, demo, MAREN, "riverbend")
    _opens_the_visit(maren, demo, visit)
    _agrees_and_starts(maren)
    latencies = [_taps(nadia, maren, "lighter", "Lighter"), _taps(nadia, maren, "deeper", "Deeper")]
    record_property("latency_ms", [round(one) for one in latencies])
    assert max(latencies) < LATENCY_MS
    _stops(nadia, maren)
    _lets_time_pass(maren, demo, visit)
    done = _ends(maren)
    _writes_the_note(maren)

    _reads_aftercare(nadia, visit, done)
    _answers_the_check_in(nadia, demo, visit)
    _looks_at_the_check_in(maren)
    _books_again(nadia)


def _books(nadia: Any, demo: Demo) -> str:
    """Steps 1 to 4: article, guide, reasons, safety, time, code, name."""
    walk.read_article(nadia)
    assert {one.get_attribute("value") for one in nadia.locator('input[name="region"]:checked').all()} == {
        "low_back:left",
        "low_back:right",
    }
    walk.answer_guide(nadia)
    assert nadia.get_by_role("heading", level=1).inner_text() == "Your answers lean toward firm work on the focus area"
    assert nadia.get_by_text("You said: Firm").is_visible()
    nadia.get_by_role("link", name="Continue to the safety questions").click()
    walk.answer_screening(nadia, walk.HYPERMOBILE)
    assert nadia.get_by_role("heading", level=1).inner_text() == "You can book. We adapt a few things"
    nadia.get_by_role("link", name="Choose a time").click()
    walk.choose_service(nadia)
    nadia.get_by_role("link", name="Later").click()
    walk.take_first_time(nadia)
    walk.sign_in_by_code(nadia, demo, NADIA[1])
    visit = walk.confirm(nadia, name=NADIA[0], phone="780 555 0160")
    assert nadia.get_by_role("heading", level=1).inner_text().startswith("See you ")
    return visit


def _is_told(demo: Demo, visit: str) -> None:
    """A confirmation without a word about health; the reminder waits in the outbox."""
    demo.wait_for_mail(NADIA[1], r"(?i)booked|confirmed")
    mail = demo.mails(NADIA[1])[-1]
    text = f"{mail['Subject']}\n{mail.as_string()}".lower()
    assert [word for word in walk.HEALTH_WORDS if word in text] == []
    assert demo.rows(
        "SELECT state, due_at > now() FROM notifications_message"
        " WHERE appointment_id = %s AND kind = 'booking_reminder'",
        visit,
    ) == [("waiting", True)]


def _says_what_for(nadia: Any) -> None:
    """A goal in her own words."""
    nadia.goto("/p/riverbend/my/progress/")
    nadia.get_by_label("What would you like to be able to do again?").fill(GOAL)
    nadia.get_by_role("button", name="Add this goal").click()
    nadia.get_by_text(GOAL).first.wait_for()


def _opens_the_visit(maren: Any, demo: Demo, visit: str) -> None:
    """Step 5: goal, body map, limits, and a plan that stays within them."""
    [(start,)] = demo.rows("SELECT local_start FROM booking_appointment WHERE id = %s", visit)
    hour = f"{datetime.fromisoformat(start):%I:%M}".lstrip("0")
    maren.goto(f"/p/riverbend/desk/day/?date={start[:10]}")
    maren.get_by_role("link", name=NADIA[0], exact=True).click()
    assert maren.get_by_role("main").get_by_text(f", {hour} ").is_visible()
    assert maren.get_by_text(f"“{GOAL}”").is_visible()
    assert maren.locator(".tag.warn", has_text=f"Level {CAP} at most").first.is_visible()
    assert maren.get_by_role("heading", name="The guide says").is_visible()
    assert maren.locator('path[data-region="low_back:left"][data-heat]').count() == 1
    levels = _levels(maren)
    assert levels
    assert max(levels) <= CAP
    part = maren.locator("li:has(> details.plan-part button[value=firmer])").first.get_attribute("id")
    for _ in range(5):
        firmer = maren.locator(f"#{part} button[value=firmer]")
        if not firmer.count():
            break
        maren.locator(f"#{part} details:not([open]) > summary").evaluate_all(
            "(all) => all.forEach((one) => one.click())"
        )
        with maren.expect_response("**/plan/"):
            firmer.click()
        maren.wait_for_load_state("networkidle")
        assert max(_levels(maren)) <= CAP
    assert maren.locator(f"#{part} button[value=firmer]").count() == 0


def _levels(maren: Any) -> list[int]:
    words = maren.locator(".segment .pressure").all_inner_texts()
    return [int(found.group(1)) for one in words if (found := re.search(r"level (\d)", one))]


def _agrees_and_starts(maren: Any) -> None:
    """Step 6 begins: agreed, pain asked, clock running."""
    maren.get_by_role("button", name="agrees to this plan").click()
    maren.locator("#start").get_by_label("6", exact=True).check()
    maren.get_by_role("button", name="Start session").click()
    maren.wait_for_url("**/session/")
    # The moment a word appears is taken by the therapist's own browser, whose clock is the phone's here.
    maren.evaluate(
        """() => {
          const word = document.querySelector("[data-cue-word]");
          window.seen = {};
          new MutationObserver(() => (window.seen[word.textContent] = Date.now()))
            .observe(word, { childList: true, characterData: true, subtree: true });
        }"""
    )


def _taps(nadia: Any, maren: Any, signal: str, word: str) -> float:
    """Nadia presses; milliseconds until Maren's screen shows the word. The first press comes after joining by code."""
    if "/s/" not in nadia.url:
        nadia.goto(maren.locator(".join-link").inner_text())
        nadia.evaluate(
            "() => document.addEventListener('pointerdown', () => (window.pressed = Date.now()), { capture: true })"
        )
    nadia.locator(f'button[name="signal"][value="{signal}"]').tap()
    maren.wait_for_function("(word) => window.seen[word]", arg=word)
    nadia.get_by_text(f"{word}: on Maren’s screen.").wait_for()
    return float(maren.evaluate("(word) => window.seen[word]", word)) - float(nadia.evaluate("() => window.pressed"))


def _stops(nadia: Any, maren: Any) -> None:
    """A stop stays on the screen until it is answered, whatever comes after it."""
    _taps(nadia, maren, "stop", "Stop")
    cue = maren.locator("[data-cue]")
    assert cue.get_attribute("data-signal") == "stop"
    nadia.locator('button[name="signal"][value="same"]').tap()
    nadia.get_by_text("Just right: on Maren’s screen.").wait_for()
    assert cue.get_attribute("data-signal") == "stop"
    maren.get_by_role("button", name="Seen and done").click()
    maren.get_by_role("button", name="Seen and done").wait_for(state="hidden")


def _lets_time_pass(maren: Any, demo: Demo, visit: str) -> None:
    """Two parts of ten minutes each. Nobody waits for that in a test: what has begun is set back, twice."""
    for step in range(2):
        demo.rows(
            "UPDATE treatment_segmentdone SET started_at = started_at - interval '10 min',"
            " ended_at = ended_at - interval '10 min'"
            " WHERE session_id = (SELECT id FROM treatment_session WHERE appointment_id = %s)",
            visit,
        )
        demo.rows(
            "UPDATE treatment_session SET started_at = started_at - interval '10 min' WHERE appointment_id = %s", visit
        )
        if step == 0:
            maren.get_by_role("button", name=re.compile("^Next:")).click()
            maren.locator('[data-session]:not([data-part="s01"]):not([data-pending])').wait_for()


def _ends(maren: Any) -> list[str]:
    """The end, after two parts. Returns what was done, part by part, as the note names it."""
    maren.get_by_role("link", name="End session").click()
    maren.locator('input[name="ended_by"][value="client"]').check()
    maren.get_by_role("button", name="End and go to the note").click()
    maren.wait_for_url("**/note/")
    done = maren.locator("section[aria-labelledby=done] .strong").all_inner_texts()
    assert done
    return [str(one) for one in done]


def _writes_the_note(maren: Any) -> None:
    """Step 7: filled before a word is typed; signed; amended beside the signed text."""
    assert maren.get_by_label("Pain at the start").input_value() == "6"
    maren.get_by_label("How the client responded").fill("Breathed easier after the second part.")
    maren.get_by_role("button", name="Sign and lock").click()
    maren.get_by_text(re.compile("Signed by Maren Oduya")).wait_for()
    maren.get_by_text("Add an amendment").click()
    maren.get_by_label("What is added or corrected").fill("The left side was tighter.")
    maren.get_by_label("Why the note needs this").fill("Left out in the evening.")
    maren.get_by_role("button", name="Add", exact=True).click()
    maren.get_by_role("article", name="Amendment").get_by_text("The left side was tighter.").wait_for()
    assert maren.get_by_role("button", name="Sign and lock").count() == 0


def _reads_aftercare(nadia: Any, visit: str, done: list[str]) -> None:
    """Step 7 for the client: what was done and nothing that was not."""
    nadia.goto(f"/p/riverbend/my/visits/{visit}/aftercare/")
    lines = nadia.locator("section[aria-labelledby=done] li").all_inner_texts()
    assert lines
    assert len(lines) <= len(done)
    assert nadia.get_by_text("Breathed easier after the second part.").is_visible()


def _answers_the_check_in(nadia: Any, demo: Demo, visit: str) -> None:
    """Step 8, a day later: very sore, so the page says what to do and the therapist is written to."""
    demo.rows(
        "UPDATE treatment_checkin SET due_at = now() - interval '1 minute' WHERE appointment_id = %s"
        " AND kind = 'day_after'",
        visit,
    )
    nadia.reload()
    nadia.get_by_role("link", name="Answer for").first.click()
    nadia.locator("#soreness").get_by_label("7", exact=True).check()
    nadia.locator("#pain").get_by_label("5", exact=True).check()
    nadia.get_by_role("button", name="Send").click()
    nadia.get_by_role("heading", name="Thank you").wait_for()
    assert nadia.get_by_text("Your therapist will see this and plan a lighter next visit.").is_visible()


def _looks_at_the_check_in(maren: Any) -> None:
    """The list of the therapist has it, until it is seen."""
    maren.goto("/p/riverbend/desk/check-ins/")
    row = maren.get_by_role("article").filter(has_text=NADIA[0])
    assert row.get_by_text("Soreness 7 of 10").is_visible()
    row.get_by_role("button", name="Seen").click()
    row.wait_for(state="detached")


def _books_again(nadia: Any) -> None:
    """Chart, proposal, and one tap to a booking page that knows what it is about."""
    nadia.goto("/p/riverbend/my/progress/")
    assert nadia.locator("section[aria-labelledby=pain] svg").count() >= 1
    proposal = nadia.locator("section[aria-labelledby=proposal]")
    assert proposal.get_by_text("about once a week", exact=True).is_visible()
    proposal.get_by_role("link", name="Book it").click()
    assert nadia.get_by_role("heading", level=1).inner_text() == "Choose a time"
    assert nadia.get_by_text("Therapeutic massage, 60 minutes, Maren Oduya").is_visible()
