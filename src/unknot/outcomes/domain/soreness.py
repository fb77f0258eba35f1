"""How likely it is that a visit leaves this client sore the day after (clinical reference 7.2, priors of 7.3).

P(soreness >= 3 of 10 at 24 h) = 1 / (1 + exp(-(a0 + a1 [deep] + a2 (level - 3) + a3 [first session]))). The posterior
of the four numbers is exact on a grid; no sampling. It changes no proposal: it is said beside it.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .response import DEEP, Array

SORE_FROM = 3
LEVELS = {DEEP: 4}
"""Walton level that stands for a style where the level done is not known here (1.3, marked P); others: 3."""
PRIORS = ((-2.2, 0.5), (0.4, 0.4), (0.4, 0.3), (0.4, 0.3))
_SPREAD = np.linspace(-3.0, 3.0, 9)


class DayAfter(NamedTuple):
    """What was told the day after a session: its style (`L` or `D`), whether it was the first, soreness 0-10."""

    style: str
    first: bool
    soreness: float


@lru_cache(maxsize=1)
def _grid() -> tuple[Array, Array]:
    """Every combination of the four numbers, shape (9^4, 4), and its log prior."""
    axes = [mean + sd * _SPREAD for mean, sd in PRIORS]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 4)
    means, sds = (np.array(one) for one in zip(*PRIORS, strict=True))
    return points, -0.5 * (((points - means) / sds) ** 2).sum(axis=1)


def _row(style: str, *, first: bool) -> list[float]:
    return [1.0, float(style == DEEP), float(LEVELS.get(style, 3) - 3), float(first)]


def soreness_chance(told: Sequence[DayAfter], style: str, *, first: bool = False) -> float:
    """The probability (0-1) that a session of `style` leaves the client at 3 or more of 10 the day after."""
    points, weights = _grid()
    if told:
        logits = points @ np.array([_row(one.style, first=one.first) for one in told]).T
        signs = np.array([1.0 if one.soreness >= SORE_FROM else -1.0 for one in told])
        weights = weights - np.logaddexp(0.0, -logits * signs).sum(axis=1)
    shares = np.exp(weights - weights.max())
    chances = 1 / (1 + np.exp(-(points @ np.array(_row(style, first=first)))))
    return float(shares @ chances / shares.sum())
