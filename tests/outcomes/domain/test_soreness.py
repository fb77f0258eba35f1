"""The chance of being sore the day after: prior, what answers change, and the arithmetic by another way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.outcomes.domain.response import DEEP, LIGHTER
from unknot.outcomes.domain.soreness import PRIORS, DayAfter, soreness_chance

answers = st.lists(
    st.builds(DayAfter, st.sampled_from([LIGHTER, DEEP]), st.booleans(), st.integers(0, 10).map(float)), max_size=12
)


def test_without_answers_the_prior_speaks() -> None:
    # About one in ten after a lighter session (Cambron), more after deep and after first ones.
    assert soreness_chance([], LIGHTER) == pytest.approx(0.108, abs=0.005)
    assert soreness_chance([], LIGHTER) < soreness_chance([], LIGHTER, first=True) < soreness_chance([], DEEP) < 0.3


def test_it_agrees_with_weighting_many_draws_of_the_prior() -> None:
    told = [DayAfter(DEEP, True, 5), DayAfter(DEEP, False, 4), DayAfter(LIGHTER, False, 1)]
    rng = np.random.default_rng(7)  # draws for checking only: the model itself has none
    a = np.array([rng.normal(mean, sd, 200_000) for mean, sd in PRIORS])

    def chance(deep: int, first: int) -> np.ndarray:
        return 1 / (1 + np.exp(-(a[0] + a[1] * deep + a[2] * deep + a[3] * first)))

    weight = chance(1, 1) * chance(1, 0) * (1 - chance(0, 0))
    assert soreness_chance(told, DEEP) == pytest.approx(float((weight * chance(1, 0)).sum() / weight.sum()), abs=0.005)


@settings(deadline=None, max_examples=50)
@given(answers, st.sampled_from([LIGHTER, DEEP]), st.booleans())
def test_one_more_sore_day_never_makes_it_less_likely(told: list[DayAfter], style: str, first: bool) -> None:
    before = soreness_chance(told, style, first=first)
    assert 0 < before < 1
    assert soreness_chance([*told, DayAfter(style, first, 3)], style, first=first) >= before
    assert soreness_chance([*told, DayAfter(style, first, 2)], style, first=first) <= before
    assert soreness_chance(told[::-1], style, first=first) == pytest.approx(before)
