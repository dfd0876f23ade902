"""How well two readers agree, and which answers the second one reads."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence

SHARE = 0.2  # of the answers, read a second time
AT_LEAST = 10


def weighted_kappa(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Cohen's kappa with quadratic weights (Cohen 1968) of two readers' points, paired; None where chance alone explains all.

    1 is perfect agreement, 0 what two readers reach who give their points at random, each as often as they do.
    """
    pairs = list(zip(first, second, strict=True))
    if not pairs:
        return None
    observed = sum((x - y) ** 2 for x, y in pairs) / len(pairs)
    by_chance = sum((x - y) ** 2 for x in first for y in second) / len(pairs) ** 2
    return 1 - observed / by_chance if by_chance else None


def sample(keys: Iterable[str]) -> list[str]:
    """Of the answers a fifth, and at least ten: the same for everybody who asks."""
    drawn = sorted(keys, key=lambda key: hashlib.sha256(f"second/{key}".encode()).hexdigest())
    return drawn[: max(AT_LEAST, math.ceil(SHARE * len(drawn)))]
