"""Event streams: words on the wire, pace, where to go on."""

from collections.abc import Iterable

import pytest

from unknot.web.streams import Event, Source, last_event


def test_events_on_the_wire() -> None:
    assert Event("comfort", {"at": "x\ny"}, 7).block == 'id: 7\nevent: comfort\ndata: {"at": "x\\ny"}\n\n'
    assert Event("ended").block == "event: ended\ndata: {}\n\n"


def test_a_stream_speaks_is_silent_and_ends() -> None:
    script: list[Iterable[Event] | None] = [[Event("a", {}, 1)], [], [], [Event("b", {}, 2), Event("c")], None]
    looks = iter(script)
    said = list(Source(lambda: next(looks), poll=0.02, heartbeat=0.03).blocks())
    names = [line for block in said for line in block.splitlines() if line.startswith("event")]
    assert said[0] == "retry: 500\n\n"
    assert names == ["event: a", "event: b", "event: c"]
    assert said.count(": still here\n\n") == 1


def test_no_answer_lasts_for_ever() -> None:
    assert list(Source(list, poll=0.001, heartbeat=9, longest=0.01).blocks()) == ["retry: 500\n\n"]


@pytest.mark.parametrize(
    ("header", "otherwise", "expected"),
    [("12", "3", 12), ("", "3", 3), ("", "", 0), ("-4", "3", 3), ("٣", "", 0), ("9" * 30, "1", 1), ("x", "y", 0)],
)
def test_where_to_go_on(header: str, otherwise: str, expected: int) -> None:
    assert last_event(header, otherwise=otherwise) == expected
