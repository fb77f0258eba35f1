"""A consent taken back in the middle of a session: out of the plan, on the screen, in the note, at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from unknot.booking.queries import VisitFacts
from unknot.intake import actions as intake
from unknot.intake import queries as intake_queries
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.treatment import actions, domain, queries
from unknot.treatment.models import ComfortEvent, Session

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
LATER = START + timedelta(minutes=9)
GLUTEAL = domain.REGIONS["gluteal"].name


@pytest.fixture
def running(visit: VisitFacts, tomasz: Actor, begin: Callable[..., UUID]) -> UUID:
    """A session with consent for the gluteal region and the chest."""
    agree(tomasz, visit, "treatment")
    agree(tomasz, visit, "sensitive", "gluteal", "chest")
    return begin(visit, START)


def agree(by: Actor, visit: VisitFacts, scope: str, *regions: str) -> UUID:
    assert visit.client_id is not None
    given = intake.give_consent(
        by=by, client_id=visit.client_id, appointment_id=visit.id, scope=scope, regions=regions, now=START
    )
    return given.id


def given_for(scope: str, visit: VisitFacts) -> UUID:
    assert visit.client_id is not None
    return next(one.id for one in intake_queries.consents(visit.client_id, visit.id) if one.scope == scope)


def go_to_gluteal(session_id: UUID, visit: VisitFacts, maren: Actor) -> str:
    session = queries.session_screen(visit.id, by=maren).session
    part = next(one for one in session.plan.segments if one.region == "gluteal")
    actions.move_to_segment(by=maren, session_id=session_id, leave=session.part, key=part.key, now=START)
    return part.key


def test_the_place_leaves_the_plan_and_the_part_under_way_ends(
    visit: VisitFacts, tomasz: Actor, maren: Actor, running: UUID
) -> None:
    key = go_to_gluteal(running, visit, maren)
    assert actions.take_back(by=tomasz, session_id=running, region="gluteal", now=LATER) == 1
    screen = queries.session_screen(visit.id, by=maren)
    assert screen.withdrawn == ("gluteal",)
    assert screen.consented == ("chest",)
    begun = {span.key for span in screen.session.spans}
    assert not [one for one in screen.session.plan.segments if one.region == "gluteal" and one.key not in begun]
    assert screen.session.part not in ("", key)
    assert screen.session.plan.segment(screen.session.part).region != "gluteal"
    assert next(span for span in screen.session.spans if span.key == key).ended_at == LATER
    assert screen.session.plan.minutes == 60
    assert screen.session.comfort.stop_active
    with pytest.raises(actions.TakenBackError):
        actions.move_to_segment(by=maren, session_id=running, leave=screen.session.part, key=key, now=LATER)


def test_the_screen_hears_of_it_through_its_stream(
    visit: VisitFacts, tomasz: Actor, maren: Actor, running: UUID
) -> None:
    look = queries.watch(running, by=maren, after=0)
    look()
    actions.take_back(by=tomasz, session_id=running, region="gluteal", now=LATER)
    said = [event for event in look() or [] if event.name == "comfort"]
    assert [event.data["signal"] for event in said] == ["stop"]
    assert said[0].data["prompts"][0] == f"Taken back: {GLUTEAL}. Leave this area now."


def test_from_the_consent_page_it_is_the_same_and_twice_is_once(
    visit: VisitFacts, tomasz: Actor, maren: Actor, running: UUID
) -> None:
    consent_id = given_for("sensitive", visit)
    for _ in range(2):
        intake.withdraw_consent(by=tomasz, consent_id=consent_id, now=LATER)
    assert queries.session_screen(visit.id, by=maren).withdrawn == ("chest", "gluteal")
    assert ComfortEvent.objects.filter(signal="stop").count() == 1


def test_taking_back_the_treatment_stops_it(visit: VisitFacts, tomasz: Actor, maren: Actor, running: UUID) -> None:
    intake.withdraw_consent(by=tomasz, consent_id=given_for("treatment", visit), now=LATER)
    session = queries.session_screen(visit.id, by=maren).session
    assert session.stopped_at == LATER
    following = session.clock(LATER).following
    assert following is not None
    with pytest.raises(actions.TakenBackError):
        actions.move_to_segment(by=maren, session_id=running, leave=session.part, key=following.segment.key, now=LATER)
    actions.end_session(by=maren, session_id=running, ended_by="client", words="wished to stop", now=LATER)
    assert not queries.session_screen(visit.id, by=maren).session.is_running


def test_taken_back_after_agreeing_to_the_plan_it_does_not_start(
    visit: VisitFacts, tomasz: Actor, maren: Actor
) -> None:
    consent_id = agree(tomasz, visit, "treatment")
    actions.agree_plan(by=maren, appointment_id=visit.id, version=0, now=START)
    intake.withdraw_consent(by=tomasz, consent_id=consent_id, now=LATER)
    with pytest.raises(actions.TakenBackError):
        actions.start_session(by=maren, appointment_id=visit.id, now=LATER)
    assert not Session.objects.exists()
    agree(tomasz, visit, "treatment")
    assert actions.start_session(by=maren, appointment_id=visit.id, now=LATER)


def test_the_therapist_and_the_phone_in_the_room_may_say_it_too(
    visit: VisitFacts, maren: Actor, priya: Actor, running: UUID
) -> None:
    guest = Actor(practice_id=visit.practice_id)
    for stranger, joined in ((priya, None), (guest, None), (guest, uuid4())):
        with pytest.raises(NotFoundError):
            actions.take_back(by=stranger, session_id=running, joined=joined, now=LATER)
    assert actions.take_back(by=maren, session_id=running, region="chest", treated=True, now=LATER) == 1
    assert actions.take_back(by=guest, session_id=running, joined=running, now=LATER) == 1
    assert queries.session_screen(visit.id, by=maren).withdrawn == ("chest", "gluteal")
    assert actions.take_back(by=guest, session_id=running, joined=running, now=LATER) == 0


def test_what_is_taken_back_afterwards_does_not_change_what_was_done(
    visit: VisitFacts, tomasz: Actor, maren: Actor, running: UUID
) -> None:
    go_to_gluteal(running, visit, maren)
    actions.end_session(by=maren, session_id=running, ended_by="plan", now=LATER)
    before = queries.session_screen(visit.id, by=maren).session
    for scope in ("treatment", "sensitive"):
        intake.withdraw_consent(by=tomasz, consent_id=given_for(scope, visit), now=LATER + timedelta(hours=1))
    after = queries.session_screen(visit.id, by=maren).session
    assert (after.plan, after.dropped, after.stopped_at) == (before.plan, (), None)


def test_in_the_note_as_a_fact(visit: VisitFacts, tomasz: Actor, maren: Actor, running: UUID) -> None:
    go_to_gluteal(running, visit, maren)
    actions.take_back(by=tomasz, session_id=running, region="gluteal", now=LATER)
    actions.end_session(by=maren, session_id=running, ended_by="plan", now=LATER + timedelta(minutes=1))
    note = queries.note_draft(visit.id, by=maren, now=LATER).note
    assert f"No work on {GLUTEAL}: taken back during the session." in str(note)
    assert [part.minutes for part in note.objective.done if part.region == "gluteal" and part.minutes] == [9]


def test_one_tap_on_the_phone_and_it_says_so(
    visit: VisitFacts, tomasz: Actor, maren: Actor, running: UUID, signed_in: Callable[..., Client]
) -> None:
    phone, tablet = signed_in(tomasz.account_id), signed_in(maren.account_id)
    url = reverse("treatment:comfort", args=["riverbend", visit.id])
    assert f"Not there any more: {GLUTEAL}" in phone.get(url).content.decode()
    page = phone.post(url, {"take_back": "gluteal"}, follow=True).content.decode()
    assert "Taken back." in page
    assert f"Not there any more: {GLUTEAL}" not in page
    screen = tablet.get(reverse("treatment:session", args=["riverbend", visit.id])).content.decode()
    assert f"Consent withdrawn: {GLUTEAL}" in screen
    tablet.post(reverse("treatment:session", args=["riverbend", visit.id]), {"do": "take_back", "region": "chest"})
    assert "Not there any more" not in phone.get(url).content.decode()
