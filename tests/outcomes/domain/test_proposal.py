"""The rule for the next date: safety first, general words until there are ratings, a talk when it does not help."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.outcomes.domain.proposal import ClientSituation, ProposalSettings, due_day, paired_styles, propose
from unknot.outcomes.domain.response import Rating, Session, fit


def course(n: int, start: float, drop: float, every: float = 7.0) -> tuple[list[Rating], list[Session]]:
    sessions = [Session(every * i) for i in range(n)]
    ratings = [Rating(every * i + d, max(0.0, start - drop * i)) for i in range(n) for d in (0, 3)]
    return ratings, sessions


RESPONDER = fit(*course(8, 7, 0.8))
NON_RESPONDER = fit(*course(8, 7, 0.0))


def test_below_five_ratings_there_is_only_general_guidance() -> None:
    posterior = fit([Rating(0, 6), Rating(7, 5)], [Session(0), Session(7)])
    found = propose(posterior, 8)
    assert (found.kind, found.next_day, found.interval, found.expected) == ("general", 14, 7, None)
    assert (found.n_ratings, found.sure) == (2, "not_yet")


def test_first_four_sessions_are_a_week_apart() -> None:
    found = propose(fit(*course(3, 6, 0.5)), 15)
    assert (found.kind, found.next_day, found.interval) == ("learning", 21, 7)


def test_non_responder_gets_a_talk_and_the_long_interval() -> None:
    found = propose(NON_RESPONDER, 50)
    assert (found.kind, found.review_talk, found.interval) == ("personal", True, 21)
    assert not propose(RESPONDER, 50).review_talk


def test_no_talk_before_six_sessions() -> None:
    assert not propose(fit(*course(5, 7, 0.0)), 29).review_talk


def test_thresholds_are_configurable() -> None:
    strict = ProposalSettings(review_probability=0.0, long_interval=30)
    found = propose(NON_RESPONDER, 50, settings=strict)
    assert (found.review_talk, found.interval) == (False, 30)


def test_safety_pre_empts_everything() -> None:
    found = propose(RESPONDER, 50, ClientSituation(held=True, deep_wanted=True))
    assert (found.kind, found.next_day, found.interval, found.style) == ("held", None, None, "L")


@pytest.mark.parametrize(
    ("situation", "style"),
    [
        (ClientSituation(), "L"),
        (ClientSituation(deep_wanted=True), "D"),
        (ClientSituation(deep_wanted=True, deep_capped=True), "L"),
        (ClientSituation(deep_wanted=True, long_sore_streak=2), "L"),
        (ClientSituation(deep_wanted=True, long_sore_streak=1), "D"),
        (ClientSituation(alternate=True), "L"),
    ],
)
def test_deep_only_when_wanted_and_nothing_speaks_against(situation: ClientSituation, style: str) -> None:
    assert propose(RESPONDER, 50, situation).style == style


@given(st.integers(), st.integers(0, 20))
def test_pairs_hold_each_style_once(seed: int, pairs: int) -> None:
    styles = paired_styles(seed, 2 * pairs)
    assert all({styles[i], styles[i + 1]} == {"L", "D"} for i in range(0, 2 * pairs, 2))


rows = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 10)), min_size=5, max_size=25)


@given(rows, st.integers(4, 8), st.integers(0, 80))
@settings(max_examples=60, deadline=None)
def test_dates_stay_within_the_limits(ratings: list[tuple[int, int]], n: int, later: int) -> None:
    sessions = [Session(7.0 * i) for i in range(n)]
    last = sessions[-1].day
    today = last + later
    posterior = fit([Rating(d, v) for d, v in ratings], sessions)
    next_day, target = due_day(posterior, today, ProposalSettings())
    assert next_day >= max(today, last + 7)
    assert next_day <= max(today, last + 42)
    assert target >= 2
    found = propose(posterior, today)
    assert found.next_day == next_day
    assert found.expected is not None
    before = [d <= next_day for d in found.expected.days]
    assert found.expected.with_session.mean[before] == pytest.approx(found.expected.without_session.mean[before])


def test_higher_target_means_later() -> None:
    posterior = fit(*course(8, 6, 0.3))
    days = [due_day(posterior, 50, ProposalSettings(target=t))[0] for t in (1.0, 3.0, 5.0, 9.0)]
    assert days == sorted(days)
    assert days[0] == 56
    assert days[-1] == 91
