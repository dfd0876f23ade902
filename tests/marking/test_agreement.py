"""Weighted kappa against scikit-learn's and a case computed by hand, and the second readers' sample."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from autograder.marking import agreement


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("step", [1.0, 0.5])
def test_kappa_agrees_with_the_library(seed: int, step: float) -> None:
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 7, 40)
    second = np.clip(first + rng.integers(-2, 3, 40), 0, 6)
    expected = cohen_kappa_score(first, second, weights="quadratic", labels=range(7))
    assert agreement.weighted_kappa(list(step * first), list(step * second)) == pytest.approx(expected)


def test_kappa_by_hand() -> None:
    # Observed: one difference of 1 in four. By chance, over all 16 pairs: 2 + 2 + 10 + 2, in the order of the first's points.
    assert agreement.weighted_kappa([0, 1, 2, 0], [0, 1, 1, 0]) == 1 - (1 / 4) / (16 / 16)


@pytest.mark.parametrize(
    ("first", "second", "kappa"),
    [([0, 1, 2], [0, 1, 2], 1.0), ([0, 2], [2, 0], -1.0), ([3, 3], [3, 3], None), ([], [], None), ([1], [2], 0.0)],
)
def test_kappas_ends(first: list[float], second: list[float], kappa: float | None) -> None:
    assert agreement.weighted_kappa(first, second) == kappa


def test_the_sample_is_a_fifth_and_the_same_for_everybody() -> None:
    keys = [f"key{n}" for n in range(120)]
    drawn = agreement.sample(keys)
    assert len(drawn) == 24 and drawn == agreement.sample(reversed(keys)) and sorted(drawn) != sorted(keys)[:24]
    assert len(agreement.sample(keys[:30])) == 10 and len(agreement.sample(keys[:4])) == 4
