"""Messages name the practice, the day, the time and a link, and nothing else."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.notifications.domain import (
    OPTIONAL,
    Kind,
    MessageFacts,
    MessageInvalidError,
    render_message,
    render_sms,
    when_text,
)

FACTS = MessageFacts(
    practice_name="Wren & Willow",
    starts_at=datetime(2027, 11, 9, 15, tzinfo=UTC),
    zone="America/Toronto",
    link="https://unknot.example/v/8f3k",
    stop_link="https://unknot.example/s/1b2c",
)
WHEN = "Tuesday 9 November 2027, 10:00 a.m. (America/Toronto, UTC−5)"
OF_NO_DAY = {Kind.RECORD_OFFERED, Kind.RECORD_YOURS, Kind.RECORD_HANDED}
"""Messages about a record, not about an appointment."""
PRIVATE = ["QsciaticaQ", "QdeeptissueQ", "QMarenQ", "Q780-555-0134Q", "QnotesQ", "QpregnantQ"]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_says_only_where_when_and_the_link(kind: Kind) -> None:
    message = render_message(kind, FACTS)
    assert message.subject == "Your appointment"
    assert message.text.count("Wren & Willow") == 1
    assert message.text.count(WHEN) == (kind not in OF_NO_DAY)
    assert re.findall(r"https?://\S+", message.text) == [FACTS.link] + [FACTS.stop_link] * (kind in OPTIONAL)
    assert message.html.count("Wren &amp; Willow") == 1
    assert re.findall(r'href="([^"]*)"', message.html) == [FACTS.link] + [FACTS.stop_link] * (kind in OPTIONAL)
    assert not re.search(r"\$|<img|style=|massage|treatment|pain|service", message.text + message.html, re.IGNORECASE)


@pytest.mark.parametrize("kind", Kind)
def test_private_words_in_the_context_never_come_out(kind: Kind) -> None:
    context = {
        "practice_name": FACTS.practice_name,
        "starts_at": FACTS.starts_at,
        "zone": FACTS.zone,
        "link": FACTS.link,
        "stop_link": FACTS.stop_link,
        "reason": PRIVATE[0],
        "service": PRIVATE[1],
        "client_name": PRIVATE[2],
        "phone": PRIVATE[3],
        "note": PRIVATE[4],
        "answers": {"R01": PRIVATE[5]},
        "subject": PRIVATE[0],
        "when": PRIVATE[4],
    }
    facts = MessageFacts.pick(context)
    assert facts == FACTS
    message = render_message(kind, facts)
    said = message.subject + message.text + message.html + render_sms(kind, facts)
    assert [word for word in PRIVATE if word in said] == []


@pytest.mark.parametrize("kind", Kind)
def test_a_short_message_is_one_line_with_the_link(kind: Kind) -> None:
    text = render_sms(kind, FACTS)
    assert "\n" not in text
    assert text.startswith("Wren & Willow: ")
    assert text.count(FACTS.link) == 1
    assert text.endswith(FACTS.stop_link if kind in OPTIONAL else FACTS.link)


@given(st.text(max_size=300).filter(lambda name: any(char.isprintable() and char != " " for char in name)))
def test_a_practice_name_cannot_write_lines_or_tags(name: str) -> None:
    facts = MessageFacts(name, FACTS.starts_at, FACTS.zone, FACTS.link)
    plain = render_message(Kind.BOOKING_CONFIRMED, FACTS)
    message = render_message(Kind.BOOKING_CONFIRMED, facts)
    assert message.text.count("\n") == plain.text.count("\n")
    assert re.findall("<[^>]*>", message.html) == re.findall("<[^>]*>", plain.html)


@pytest.mark.parametrize(
    "link", ["", "javascript:alert(1)", "https://x.example/a b", 'https://x.example/"', "ftp://x.example"]
)
def test_a_message_needs_a_sound_link(link: str) -> None:
    with pytest.raises(MessageInvalidError):
        render_message(Kind.BOOKING_CONFIRMED, MessageFacts("Wren", FACTS.starts_at, FACTS.zone, link))


@pytest.mark.parametrize("kind", sorted(OPTIONAL))
def test_optional_messages_can_always_be_stopped(kind: Kind) -> None:
    with pytest.raises(MessageInvalidError):
        render_message(kind, MessageFacts("Wren", FACTS.starts_at, FACTS.zone, FACTS.link))


def test_a_nameless_practice_and_a_naive_time_are_refused() -> None:
    with pytest.raises(MessageInvalidError):
        render_message(Kind.BOOKING_MOVED, MessageFacts(" \n", FACTS.starts_at, FACTS.zone, FACTS.link))
    with pytest.raises(MessageInvalidError):
        when_text(datetime(2027, 1, 1), "America/Toronto")  # noqa: DTZ001


@pytest.mark.parametrize(
    ("moment", "zone", "text"),
    [
        ((2027, 11, 7, 5, 30), "America/Toronto", "Sunday 7 November 2027, 1:30 a.m. (America/Toronto, UTC−4)"),
        ((2027, 11, 7, 6, 30), "America/Toronto", "Sunday 7 November 2027, 1:30 a.m. (America/Toronto, UTC−5)"),
        ((2027, 1, 12, 16, 0), "America/Edmonton", "Tuesday 12 January 2027, 10:00 a.m. (America/Edmonton, UTC−6)"),
        ((2027, 6, 1, 14, 30), "America/St_Johns", "Tuesday 1 June 2027, 12:00 p.m. (America/St_Johns, UTC−2:30)"),
        ((2027, 6, 1, 0, 5), "Etc/UTC", "Tuesday 1 June 2027, 12:05 a.m. (Etc/UTC, UTC+0)"),
    ],
)
def test_times_are_the_practices_own(moment: tuple[int, int, int, int, int], zone: str, text: str) -> None:
    assert when_text(datetime(*moment, tzinfo=UTC), zone) == text


@pytest.mark.parametrize("kind", [Kind.SERIES_BOOKED, Kind.SERIES_MOVED, Kind.SERIES_CANCELLED])
def test_news_of_several_visits_names_each_by_its_own_clock(kind: Kind) -> None:
    starts = (datetime(2027, 11, 9, 15, tzinfo=UTC), datetime(2027, 11, 2, 14, tzinfo=UTC))
    message = render_message(kind, replace(FACTS, starts=starts))
    lines = message.text.splitlines()
    assert lines[1:3] == ["Tuesday 2 November 2027, 10:00 a.m. (America/Toronto, UTC−4)", f"{WHEN}."]
    assert message.html.count("Tuesday") == 2
    assert "Tuesday 2 November" not in render_message(Kind.BOOKING_MOVED, replace(FACTS, starts=starts)).text
