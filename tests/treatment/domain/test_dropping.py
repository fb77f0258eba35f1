"""A plan in mid-session after a yes was taken back."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from unknot.treatment.domain import PlanRequest, bounds_of, build_plan, dropped_regions, without_regions

SENSITIVE = ("gluteal", "chest", "thigh_inner", "abdomen", "sacrum", "hip_ant")
requests = st.fixed_dictionaries(
    {
        "minutes": st.integers(30, 120),
        "consented": st.frozensets(st.sampled_from(SENSITIVE)),
        "style": st.sampled_from(["therapeutic", "deep", "lighter_only"]),
        "caps": st.dictionaries(st.sampled_from(["all", "gluteal", "low_back"]), st.integers(1, 5)),
        "focus": st.sampled_from([(), (("gluteal", "left"),), (("low_back", "bilateral"), ("chest", "left"))]),
    }
)


@given(requests, st.frozensets(st.sampled_from(SENSITIVE)), st.integers(0, 12))
def test_a_dropped_place_leaves_the_plan_and_no_limit_is_broken(
    facts: dict[str, Any], back: frozenset[str], begun_parts: int
) -> None:
    plan = build_plan(PlanRequest(**facts))
    begun = {one.key for one in plan.segments[:begun_parts]}
    dropped = dropped_regions(plan, consented=plan.request.consented - back)
    after = without_regions(plan, dropped, begun=begun)
    assert dropped == back & facts["consented"]
    assert not [one for one in after.segments if one.region in dropped and one.key not in begun]
    assert [one for one in after.segments if one.key in begun] == [one for one in plan.segments if one.key in begun]
    assert after.minutes == plan.minutes or begun >= {one.key for one in after.segments}
    strong = [sum(one.minutes for one in some.segments if (one.walton_max or 0) >= 4) for some in (plan, after)]
    assert strong[1] <= strong[0]
    bounds = bounds_of(after.request)
    for one in after.segments:
        if one.key not in begun and one.region is not None:
            assert bounds.is_open(one.region)
            assert (one.walton_max or 0) <= min(bounds.caps[one.region], bounds.top_level)


def test_nothing_taken_back_changes_nothing() -> None:
    plan = build_plan(PlanRequest(minutes=60, consented=frozenset({"gluteal"}), focus=(("low_back", "left"),)))
    assert without_regions(plan, dropped_regions(plan, consented={"gluteal", "chest"}), begun=set()) is plan


def test_minutes_go_to_gentle_work_first() -> None:
    plan = build_plan(PlanRequest(minutes=60, consented=frozenset({"gluteal"}), focus=(("gluteal", "left"),)))
    lost = sum(one.minutes for one in plan.segments if one.region == "gluteal")
    after = without_regions(plan, {"gluteal"}, begun=set())
    gained = {one.key: one.minutes - plan.segment(one.key).minutes for one in after.segments}
    assert lost > 0
    assert sum(gained.values()) == lost
    assert {after.segment(key).phase for key, more in gained.items() if more} <= {"general", "warm_up", "cool_down"}


def test_places_newly_off_limits_count_too() -> None:
    plan = build_plan(PlanRequest(minutes=60, avoid=frozenset({"foot"})))
    assert dropped_regions(plan, consented=(), off_limits={"foot", "knee"}) == {"knee"}
