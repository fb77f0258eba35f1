"""The plan beside what was done, and degrees of movement: sums are exact, every part stands once, numbers are real."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.treatment.domain import Motion, MotionInvalidError, PlanRequest, build_plan, compared, planned_as_done

PLAN = build_plan(PlanRequest(60, focus=(("low_back", "left"),)))
AS_DONE = planned_as_done(PLAN)


@given(st.lists(st.integers(0, 40), min_size=len(AS_DONE), max_size=len(AS_DONE)), st.integers(0, 3))
def test_sums_are_exact_and_each_part_stands_once(minutes: list[int], added: int) -> None:
    done = [replace(part, minutes=n) for part, n in zip(AS_DONE, minutes, strict=True) if n]
    done += [replace(AS_DONE[0], key=f"x{i}", minutes=5) for i in range(added)]
    rows = compared(PLAN, done)
    assert sum(row.planned for row in rows) == 60
    assert sum(row.done for row in rows) == sum(part.minutes for part in done)
    assert [row.part.key for row in rows] == [part.key for part in AS_DONE] + [f"x{i}" for i in range(added)]
    for row in rows:
        how = "left_out" if not row.done else "added" if not row.planned else row.how
        assert row.how == how
        assert (row.how == "as_planned") == (row.done == row.planned)


def test_another_level_is_named_only_where_something_was_done() -> None:
    at = next(i for i, part in enumerate(AS_DONE) if part.phase == "focus")
    softer = [replace(part, walton=1) if i == at else part for i, part in enumerate(AS_DONE)]
    assert [row.part.key for row in compared(PLAN, softer) if row.other_level] == [AS_DONE[at].key]
    assert not any(row.other_level for row in compared(PLAN, []))


@pytest.mark.parametrize("bad", [{"movement": "dance"}, {"way": "both"}, {"before": 201}, {"after": -1}])
def test_degrees_that_can_not_be_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(MotionInvalidError):
        Motion(**{"movement": "flexion", **bad})  # type: ignore[arg-type]


def test_gained_degrees_need_both_measurements() -> None:
    assert Motion("rotation", "passive", 40, 55).gained == 15
    assert Motion("rotation", "active", 40).gained is None
