"""What is offered to a client for whom we are late."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from unknot.booking.domain.late_options import ALL, ALONE, KINDS, MOST, OWN, Promise, kind_of, options, shorter_minutes

WAS = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Start:
    """A free start, so many minutes after what was agreed."""

    minutes: int
    therapist_slug: str = "own"

    @property
    def starts_at(self) -> datetime:
        return WAS + timedelta(minutes=self.minutes)

    @property
    def local_start(self) -> str:
        return f"{self.starts_at:%Y-%m-%dT%H:%M}"

    @property
    def therapist_name(self) -> str:
        return self.therapist_slug.title()

    @property
    def key(self) -> str:
        return f"{self.therapist_slug}|clinic|{self.local_start}"


def promise(late: int | None = 20, *, minutes: int = 60, free: int = 0) -> Promise:
    starts = None if late is None else WAS + timedelta(minutes=late)
    return Promise(WAS, WAS + timedelta(minutes=minutes), "own", starts, WAS + timedelta(minutes=free))


def test_each_start_is_one_kind_of_choice() -> None:
    wanted = promise(45, free=15)
    for start, kind in {
        Start(-60): "",
        Start(0): "",  # whoever is late is not there yet
        Start(15): "sooner",
        Start(45): "",
        Start(60): "later",
        Start(24 * 60): "day",
        Start(0, "other"): "other",
        Start(30, "other"): "other",
        Start(45, "other"): "",
        Start(24 * 60, "other"): "",
    }.items():
        assert kind_of(wanted, start) == kind, start


def test_a_visit_is_not_cut_to_pieces() -> None:
    assert shorter_minutes(promise(20)) == 40
    assert shorter_minutes(promise(30)) == 30
    assert shorter_minutes(promise(35)) == 0
    assert shorter_minutes(promise(30, minutes=90)) == 60
    assert shorter_minutes(promise(50, minutes=90)) == 0
    assert shorter_minutes(promise(None)) == 0


def test_who_comes_with_others_is_not_made_shorter_and_may_call_all_off() -> None:
    def kinds(whom: str) -> list[str]:
        return [one.kind for one in options(promise(20), [Start(60)], now=WAS, whom=whom)]

    assert kinds(ALONE) == ["keep", "later", "shorter", "cancel"]
    assert kinds(ALL) == ["keep", "later", "cancel", "cancel-all"]
    assert kinds(OWN) == ["keep", "later", "cancel"]


@given(
    late=st.none() | st.integers(1, 48).map(lambda n: n * 5),
    starts=st.lists(st.builds(Start, st.integers(-60, 3000), st.sampled_from(["own", "other", "third"])), max_size=40),
    now=st.integers(-120, 240),
)
def test_choices_are_few_real_and_always_end_free_of_charge(late: int | None, starts: list[Start], now: int) -> None:
    moment = WAS + timedelta(minutes=now)
    found = options(promise(late), starts, now=moment)
    assert found[-1].kind == "cancel"
    assert (found[0].kind == "keep") == (late is not None)
    assert len({one.key for one in found}) == len(found)
    assert [KINDS.index(one.kind) for one in found] == sorted(KINDS.index(one.kind) for one in found)
    for kind, most in MOST.items():
        assert sum(1 for one in found if one.kind == kind) <= most
    keys = {one.key for one in starts if one.starts_at > moment}
    assert {one.key.partition(":")[2] for one in found if ":" in one.key.partition("|")[0]} <= keys
