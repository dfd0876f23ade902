"""What the scores of a class tell of the checks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

ENOUGH = 20  # students, below which no statistic is told
Z = 1.959964  # of a normal distribution, 95 % lie within so many standard deviations


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if trials == 0:
        return 0.0, 1.0
    share, z2 = successes / trials, Z * Z / trials
    middle = (share + z2 / 2) / (1 + z2)
    half = Z / (1 + z2) * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials))
    return middle - half, middle + half


def item_total(scores: np.ndarray, item: int) -> float | None:
    """The correlation of an item with the sum of all others; scores (students, items). None where one doesn't vary."""
    own, others = scores[:, item], scores.sum(axis=1) - scores[:, item]
    if len(scores) < ENOUGH or own.std() < 1e-12 or others.std() < 1e-12:
        return None
    return float(np.corrcoef(own, others)[0, 1])


def alpha(scores: np.ndarray) -> float | None:
    """Cronbach's alpha (1951); scores (students, items). None where it isn't defined or the class is small."""
    items = scores.shape[1] if scores.ndim == 2 else 0
    if len(scores) < ENOUGH or items < 2 or scores.sum(axis=1).var(ddof=1) < 1e-12:
        return None
    return float(items / (items - 1) * (1 - scores.var(axis=0, ddof=1).sum() / scores.sum(axis=1).var(ddof=1)))


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The 25th, 50th and 75th percentile."""
    low, middle, high = np.percentile(np.asarray(values, float), [25, 50, 75])
    return float(low), float(middle), float(high)
