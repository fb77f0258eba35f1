"""From what is known to the request; what the last session left behind."""

from hypothesis import given
from hypothesis import strategies as st

from unknot.treatment.domain import (
    REGIONS,
    CheckInAnswers,
    MarkedRegion,
    PastSession,
    PlanBasis,
    build_plan,
    focus_of,
    plan_as_data,
    plan_from_data,
    reaction_to,
    request_for,
    stricter_in,
)

marks = st.builds(
    MarkedRegion,
    region=st.sampled_from([*REGIONS, "unknown"]),
    laterality=st.sampled_from(["left", "right", "bilateral", "midline"]),
    intensity=st.none() | st.integers(0, 10),
)
bases = st.builds(
    PlanBasis,
    minutes=st.sampled_from([30, 45, 60, 75, 90, 120]),
    service_kind=st.sampled_from(["therapeutic", "deep_tissue", "relaxation", ""]),
    lean=st.sampled_from(["therapeutic", "deep", "combine", "lighter_only", "not_now_refer", "undecided", ""]),
    marked=st.lists(marks, max_size=6).map(tuple),
    caps=st.dictionaries(st.sampled_from([*REGIONS, "all", "unspecified"]), st.integers(-1, 5), max_size=4),
)


@given(bases)
def test_whatever_is_known_makes_a_plan_that_keeps_it(basis: PlanBasis) -> None:
    plan = build_plan(request_for(basis))
    assert plan.minutes == basis.minutes
    for segment in plan.segments:
        if segment.region and segment.walton_max is not None:
            assert segment.walton_max <= max(0, basis.caps.get(segment.region, 5), 0)


@given(bases)
def test_a_stored_plan_reads_back_equal(basis: PlanBasis) -> None:
    plan = build_plan(request_for(basis))
    assert plan_from_data(plan_as_data(plan)) == plan


@given(st.lists(marks, max_size=8))
def test_focus_names_each_region_once_strongest_first(marked: list[MarkedRegion]) -> None:
    found = focus_of(marked)
    slugs = [slug for slug, _ in found]
    assert len(slugs) == len(set(slugs)) <= 4
    strength = [max(m.intensity or 0 for m in marked if m.region == slug) for slug in slugs]
    assert strength == sorted(strength, reverse=True)
    assert all((side == "midline") is not REGIONS[slug].sided for slug, side in found)


def test_left_and_right_become_both_sides() -> None:
    marked = [MarkedRegion("knee", "left", 2), MarkedRegion("knee", "right", 5), MarkedRegion("foot", "left", 3)]
    assert focus_of(marked) == (("knee", "bilateral"), ("foot", "left"))


def answers(hours: float, soreness: int) -> CheckInAnswers:
    return CheckInAnswers(hours_after=hours, soreness=soreness)


def test_reactions_by_their_worst_sign() -> None:
    assert reaction_to(PastSession(3)) == "none"
    assert reaction_to(PastSession(3, answers=(answers(24, 0),))) == "fine"
    assert reaction_to(PastSession(3, answers=(answers(24, 3),))) == "sore_short"
    assert reaction_to(PastSession(3, answers=(answers(72, 3),))) == "sore_over_2_days"
    assert reaction_to(PastSession(3, rows=frozenset({"sore_high"}))) == "sore_over_2_days"
    assert reaction_to(PastSession(3, rows=frozenset({"sore_high", "bruise"}))) == "bruised"
    assert reaction_to(PastSession(3, rows=frozenset({"bruise", "nerves"}))) == "worse"


def test_deep_without_trouble_needs_every_deep_session_to_have_gone_well() -> None:
    fine, bad = PastSession(4, answers=(answers(24, 0),)), PastSession(4, rows=frozenset({"bruise"}))
    assert request_for(PlanBasis(60, history=(fine,))).had_deep_without_trouble
    assert not request_for(PlanBasis(60, history=(fine, bad, fine))).had_deep_without_trouble
    assert not request_for(PlanBasis(60, history=(PastSession(3),))).had_deep_without_trouble


def test_only_what_became_stricter_is_named() -> None:
    planned = request_for(PlanBasis(60, caps={"knee": 3}, consented=frozenset({"gluteal"})))
    assert stricter_in(planned, planned) == ()
    looser = request_for(PlanBasis(60, caps={"knee": 4}, consented=frozenset({"gluteal", "chest"})))
    assert stricter_in(looser, planned) == ()
    tighter = request_for(PlanBasis(60, caps={"knee": 2}, avoid=frozenset({"foot"}), removed=frozenset({"elbow"})))
    assert stricter_in(tighter, planned) == ("caps", "avoid", "removed", "consent")


def test_small_bruises_count_as_bruised() -> None:
    assert reaction_to(PastSession(4, rows=frozenset({"bruise_small"}))) == "bruised"


def test_two_sessions_with_long_soreness_end_deep_work() -> None:
    def asked(*soreness_at_72h: int) -> tuple[str, bool]:
        past = tuple(PastSession(4, answers=(CheckInAnswers(72, soreness=one),)) for one in soreness_at_72h)
        request = request_for(PlanBasis(60, service_kind="deep_tissue", lean="deep", history=past))
        return request.style, request.deep_requested

    assert asked(3, 3) == ("lighter_only", False)
    assert asked(3, 3, 2) == asked(3, 2) == asked(3) == ("deep", True)
